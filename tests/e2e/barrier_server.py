#!/usr/bin/env python3
"""A server that answers nobody until N requests wait: barrier_server.py N

Prints its port, ends with its stdin. The N are answered at once; those after them
wait for the next N.
"""
import asyncio, resource, sys

need = int(sys.argv[1])
waiting = []


class Connection(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        self.head = b""

    def data_received(self, data):
        self.head += data
        if not self.head.endswith(b"\r\n\r\n"):
            return
        self.head = b""
        waiting.append(self.transport)
        if len(waiting) < need:
            return
        for transport in waiting:
            transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n")
        waiting.clear()


async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Connection, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
asyncio.run(main())
