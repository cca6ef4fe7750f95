#!/usr/bin/env python3
"""A server that misbehaves by its path; prints its port, ends with its stdin.

/garbage  no HTTP at all      /silence  takes the request, never answers
/reset    resets              /short    fewer bytes than Content-Length says
/endless  a head without end  /ok       a proper answer
"""
import os, socket, struct, sys, threading


def reset(c):
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def endless(c):
    c.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        c.sendall(b"X-Filler: " + b"x" * 1000 + b"\r\n")


def serve(c):
    try:
        head = b""
        while b"\r\n\r\n" not in head:
            more = c.recv(4096)
            if not more:
                return
            head += more
        path = head.split()[1].decode()
        if path == "/garbage":
            c.sendall(b"\x16\x03\x01 what is this?\r\n\r\n")
        elif path == "/silence":
            c.recv(1)
        elif path == "/reset":
            reset(c)
        elif path == "/short":
            c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")
        elif path == "/endless":
            endless(c)
        else:
            c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n"
                      b"Connection: close\r\n\r\nok\n")
    except OSError:
        pass
    finally:
        c.close()


listener = socket.create_server(("127.0.0.1", 0), backlog=128)
print(listener.getsockname()[1], flush=True)


def accept():
    while True:
        c, _ = listener.accept()
        threading.Thread(target=serve, args=(c,), daemon=True).start()


threading.Thread(target=accept, daemon=True).start()
sys.stdin.read()
os._exit(0)
