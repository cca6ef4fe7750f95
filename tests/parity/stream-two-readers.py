"""two tasks read one stream: the second is refused, the first gets the bytes"""
import asyncio

T = 0.02


async def serve(reader, writer):
    await asyncio.sleep(4 * T)
    writer.write(b"hello")
    await writer.drain()
    writer.close()


async def read(name, reader):
    try:
        print(name, "got", (await reader.read(100)).decode())
    except RuntimeError:
        print(name, "refused")


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    first = asyncio.create_task(read("first", reader))
    await asyncio.sleep(T)
    await read("second", reader)
    await first
    await read("third", reader)
    writer.close()
    server.close()


asyncio.run(main())
