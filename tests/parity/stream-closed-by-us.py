"""a stream is closed by its own side while a task reads it"""
import asyncio

T = 0.02


said = {}


async def serve(reader, writer):
    said["peer reads"] = len(await reader.read(100))
    writer.close()


async def read(reader):
    got = await reader.read(100)
    said["reader got"] = len(got)


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    task = asyncio.create_task(read(reader))
    await asyncio.sleep(T)
    writer.close()
    await task
    await asyncio.sleep(2 * T)
    for label in sorted(said):
        print(label, said[label])
    server.close()


asyncio.run(main())
