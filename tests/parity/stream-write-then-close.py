"""what was written before a close arrives, though the peer reads late"""
import asyncio

T = 0.02
SIZE = 2000000


async def serve(reader, writer):
    await asyncio.sleep(3 * T)
    total = 0
    while data := await reader.read(65536):
        total += len(data)
    print("peer read all", int(total == SIZE))
    writer.close()


async def main():
    ended = asyncio.Event()

    async def handle(reader, writer):
        await serve(reader, writer)
        ended.set()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"x" * SIZE)
    writer.close()
    await ended.wait()
    print("end")
    server.close()


asyncio.run(main())
