"""a server is closed while a handler answers: the answer arrives whole"""
import asyncio

T = 0.02


async def serve(reader, writer):
    await reader.readline()
    for n in range(3):
        writer.write(b"part %d\n" % n)
        await writer.drain()
        await asyncio.sleep(T)
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"ask\n")
    print((await reader.readline()).decode().strip())
    server.close()
    try:
        await asyncio.open_connection("127.0.0.1", port)
        print("a new one: accepted")
    except ConnectionRefusedError:
        print("a new one: refused")
    print((await reader.readline()).decode().strip())
    print((await reader.readline()).decode().strip())
    print("end", len(await reader.read()))
    writer.close()


asyncio.run(main())
