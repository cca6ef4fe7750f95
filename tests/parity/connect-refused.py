"""nobody listens; a name that is none; a server's port used twice"""
import asyncio


async def serve(reader, writer):
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        await asyncio.start_server(serve, "127.0.0.1", port)
    except OSError:
        print("the port is in use")
    server.close()
    await server.wait_closed()
    try:
        await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        print("refused")
    server = await asyncio.start_server(serve, "127.0.0.1", port)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    print("connected, read", len(await reader.read(10)))
    writer.close()
    server.close()


asyncio.run(main())
