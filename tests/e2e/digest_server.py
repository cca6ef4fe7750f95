#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A server that asks for Digest (RFC 7616), for auth_peers.c.

It says its port, then serves until its input ends. The path chooses: /MD5,
/MD5-sess, /SHA-256, /SHA-256-sess, /both (MD5 first), /old (no qop); anything
after a further slash is ignored. A nonce is good for three requests, then it is
stale. The user is "us\u00e9r", the password "p:\u00e5ss". A good answer is the
method, the nonce count and the body. /count says how many 401 were sent.
"""
import hashlib
import http.server
import os
import re
import sys
import threading

USER, PASSWORD, REALM = "us\u00e9r", "p:\u00e5ss", 'a "realm" \\ of ours'
nonces = {}  # nonce: (algorithm, counts seen)
refused = 0


def escaped(text):
    return text.replace("\\", "\\\\").replace('"', '\\"')


def fields(text):
    found = {}
    for name, quoted, plain in re.findall(
            r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))', text):
        found[name] = re.sub(r"\\(.)", r"\1", quoted) or plain
    return found


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, text, headers=()):
        body = text.encode()
        self.send_response(status)
        for header in headers:
            self.send_header("WWW-Authenticate", header)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def challenge(self, kinds, stale):
        global refused
        refused += 1
        headers = []
        for kind in kinds:
            nonce = os.urandom(8).hex() + '"\\'
            nonces[nonce] = (kind, [])
            header = 'Digest realm="%s", nonce="%s", opaque="o"' % (
                escaped(REALM), escaped(nonce))
            if kind != "old":
                header += ', qop="auth-int, auth", algorithm=' + kind
            headers.append(header + (", stale=true" if stale else ""))
        self.answer(401, "who?", headers)

    def good(self, f, kind):
        digest = hashlib.sha256 if kind.startswith("SHA") else hashlib.md5

        def h(*parts):
            return digest(":".join(parts).encode()).hexdigest()

        a1 = h(USER, REALM, PASSWORD)
        if kind.endswith("-sess"):
            a1 = h(a1, f["nonce"], f["cnonce"])
        a2 = h(self.command, self.path)
        if kind == "old":
            want = h(a1, f["nonce"], a2)
        else:
            want = h(a1, f["nonce"], f["nc"], f["cnonce"], "auth", a2)
        return (f.get("response") == want and f.get("uri") == self.path and
                f.get("username") == USER and f.get("opaque") == "o" and
                (kind == "old" or f.get("qop") == "auth"))

    def serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        kind = self.path.split("/")[1]
        if kind == "count":
            return self.answer(200, str(refused))
        kinds = ["MD5", "SHA-256"] if kind == "both" else [kind]
        text = self.headers.get("Authorization", "")
        f = fields(text.encode("latin-1").decode("utf-8"))
        known = nonces.get(f.get("nonce"))
        if known is None or known[0] not in kinds:
            return self.challenge(kinds, False)
        if not self.good(f, known[0]):
            return self.challenge(kinds, False)
        if len(known[1]) == 3 or f.get("nc", "") in known[1][:-1]:
            return self.challenge(kinds, True)
        known[1].append(f.get("nc", ""))
        self.answer(200, "%s %s %s %s" % (self.command, known[0],
                                          f.get("nc", "-"), body.decode()))

    do_GET = do_POST = serve


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
