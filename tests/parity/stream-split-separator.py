"""a separator, an exact count and a line that come in pieces"""
import asyncio

T = 0.02


async def serve(reader, writer):
    for piece in (b"ab", b"c\r", b"\ndef\r\n", b"12", b"345", b"li", b"ne\nrest"):
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(T)
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    print(await reader.readuntil(b"\r\n"))
    print(await reader.readuntil(b"\r\n"))
    print(await reader.readexactly(0), await reader.readexactly(5))
    print(await reader.readline())
    print(await reader.read(2), await reader.read(100))
    print(await reader.read(100), await reader.read(100), int(reader.at_eof()))
    writer.close()
    server.close()


asyncio.run(main())
