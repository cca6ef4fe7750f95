"""exact reads, reads up to a mark and plain reads in turns, over small pieces"""
import asyncio

T = 0.02


async def serve(reader, writer):
    for part in (b"ab", b"cdef", b"g;h", b"i;;jk", b"lmnop"):
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(T)
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    print("exactly:", (await reader.readexactly(5)).decode())
    print("until:", (await reader.readuntil(b";")).decode())
    print("until:", (await reader.readuntil(b";")).decode())
    print("exactly nothing:", len(await reader.readexactly(0)))
    print("until:", (await reader.readuntil(b";")).decode())
    print("exactly:", (await reader.readexactly(4)).decode())
    print("at most two:", (await reader.read(2)).decode())
    print("the rest:", (await reader.read(-1)).decode())
    writer.close()
    server.close()


asyncio.run(main())
