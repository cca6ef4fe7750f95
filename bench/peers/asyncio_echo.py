# SPDX-License-Identifier: MIT
"""asyncio_echo.py PORT: echo server over asyncio's streams, until SIGTERM."""
import asyncio
import sys


async def serve(reader, writer):
    while data := await reader.read(16384):
        writer.write(data)
        await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(
        serve, "127.0.0.1", int(sys.argv[1]), backlog=4096)
    await server.serve_forever()


asyncio.run(main())
