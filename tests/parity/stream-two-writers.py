"""two tasks write to one stream and wait for the peer"""
import asyncio

T = 0.02
PIECE = 4 << 20


async def serve(reader, writer):
    await asyncio.sleep(4 * T)
    n = 0
    while n < 2 * PIECE:
        part = await reader.read(65536)
        if not part:
            break
        n += len(part)
    print("peer: got both pieces", int(n == 2 * PIECE))
    writer.close()


async def write(name, writer):
    writer.write(bytes(PIECE))
    await writer.drain()
    print(name, "ok")


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    a = asyncio.create_task(write("a", writer))
    b = asyncio.create_task(write("b", writer))
    await asyncio.wait([a, b])
    await reader.read()
    writer.close()
    server.close()


asyncio.run(main())
