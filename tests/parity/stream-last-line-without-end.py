"""lines, the last without its end, an empty line, and reads after the end"""
import asyncio

T = 0.02


async def serve(reader, writer):
    writer.write(b"one\n\ntwo\r\nlast")
    await writer.drain()
    await asyncio.sleep(T)
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while line := await reader.readline():
        print("line of", len(line.rstrip(b"\r\n")), line.rstrip(b"\r\n").decode())
    print("end", len(await reader.readline()), len(await reader.read(10)))
    print("and again", len(await reader.read(10)))
    writer.close()
    server.close()


asyncio.run(main())
