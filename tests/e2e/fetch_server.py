#!/usr/bin/env python3
"""What `cio fetch` is tried on: fetch_server.py LOG [ADDRESS]

Prints its port, ends with its stdin, writes "METHOD PATH" of each request to LOG.

/ok  /status/N  /slow/MS  /redirect/URL  /big/N  /gzip  /cookie  /headers
/echo: the request as JSON    /auth: 401 without u:p    /binary: not UTF-8
/first/KEY: 503 the first time    /later/SECONDS: likewise, with Retry-After
/cut/KEY: half a body the first time
/cutoff: half a body always    /badgzip: what is said to be gzip
/manyheaders: 300 of them
/mute: the connection is closed without an answer
"""
import base64, gzip, http.server, json, os, sys, threading, time, urllib.parse

log = open(sys.argv[1], "w", buffering=1)
seen = set()
lock = threading.Lock()


def is_first(path):
    with lock:
        first = path not in seen
        seen.add(path)
        return first


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def log_message(self, *args):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        headers.setdefault("Content_Type", "text/plain")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", len(body))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def do_GET(self):
        n = int(self.headers.get("Content-Length") or 0)
        sent = self.rfile.read(n)
        with lock:
            log.write(f"{self.command} {self.path}\n")
        parts = self.path.split("/", 2)
        arg = urllib.parse.unquote(parts[2]) if len(parts) > 2 else ""
        getattr(self, "on_" + parts[1], self.on_ok)(arg, sent)

    do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_GET

    def on_ok(self, arg, sent):
        self.answer(200, b"ok\n")

    def on_status(self, arg, sent):
        self.answer(int(arg.split("/")[0]), b"so\n")

    def on_slow(self, arg, sent):
        time.sleep(int(arg.split("/")[0]) / 1000)
        self.answer(200, b"slow\n")

    def on_redirect(self, arg, sent):
        self.answer(302, Location=arg)

    def on_big(self, arg, sent):
        self.answer(200, b"x" * int(arg.split("/")[0]))

    def on_gzip(self, arg, sent):
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            self.answer(200, gzip.compress(b"y" * 10000),
                        Content_Encoding="gzip")
        else:
            self.answer(200, b"y" * 10000)

    def on_cookie(self, arg, sent):
        self.answer(200, self.headers.get("Cookie", "none").encode(),
                    Set_Cookie="id=7; Max-Age=1000")

    def on_headers(self, arg, sent):
        self.answer(200, b"", X_Two="a", x_two="b")

    def on_binary(self, arg, sent):
        self.answer(200, b"\xff\x00\xfe")

    def on_echo(self, arg, sent):
        self.answer(200, json.dumps({
            "method": self.command, "path": self.path, "body": sent.decode(),
            "headers": {k.lower(): v for k, v in self.headers.items()},
        }).encode(), Content_Type="application/json")

    def on_auth(self, arg, sent):
        want = "Basic " + base64.b64encode(b"u:p").decode()
        good = self.headers.get("Authorization") == want
        self.answer(200 if good else 401, b"")

    def on_first(self, arg, sent):
        self.answer(503 if is_first(self.path) else 200, b"")

    def on_later(self, arg, sent):
        self.answer(503 if is_first(self.path) else 200, Retry_After=arg)

    def on_cut(self, arg, sent):
        if not is_first(self.path):
            return self.answer(200, b"z" * 400000)
        self.on_cutoff(arg, sent)

    def on_badgzip(self, arg, sent):
        self.answer(200, b"no gzip at all", Content_Encoding="gzip")

    def on_manyheaders(self, arg, sent):
        self.answer(200, b"", **{f"X_{i}": "v" for i in range(300)})

    def on_mute(self, arg, sent):
        self.close_connection = True

    def on_cutoff(self, arg, sent):
        self.send_response(200)
        self.send_header("Content-Length", 400000)
        self.end_headers()
        self.wfile.write(b"z" * 200000)
        self.wfile.flush()
        self.close_connection = True


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 512
    daemon_threads = True


address = sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1"
server = Server((address, 0), Handler)
print(server.server_address[1], flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
os._exit(0)
