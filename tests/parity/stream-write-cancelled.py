"""a write that waits for its peer is cut by a limit"""
import asyncio

T = 0.02
TOTAL = 8 << 20


async def serve(reader, writer):
    await asyncio.sleep(6 * T)
    n = 0
    while True:
        try:
            part = await reader.read(65536)
        except ConnectionResetError:
            break
        if not part:
            break
        n += len(part)
    print("peer: got all", int(n == TOTAL))
    writer.close()
    over.set()


async def main():
    global over
    over = asyncio.Event()
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(bytes(TOTAL))
    try:
        async with asyncio.timeout(2 * T):
            await writer.drain()
        print("written")
    except TimeoutError:
        print("timeout")
    writer.close()
    await over.wait()
    server.close()


asyncio.run(main())
