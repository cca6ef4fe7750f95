"""write_eof ends one direction: the peer reads the end and still answers"""
import asyncio


async def handler(reader, writer):
    data = await reader.read()
    print("server: read to the end,", len(data), "bytes")
    writer.write(b"got it\n")
    await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"x" * 1000)
    await writer.drain()
    writer.write_eof()
    try:
        writer.write(b"more")
        print("client: write after the end: ok")
    except RuntimeError:
        print("client: write after the end: error")
    print("client:", (await reader.readline()).decode().strip())
    print("client: the end", repr((await reader.read()).decode()))
    writer.close()
    server.close()


asyncio.run(main())
