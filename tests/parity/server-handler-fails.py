"""a handler that fails is reported and hurts nobody else"""
import asyncio
import logging


async def handler(reader, writer):
    line = (await reader.readline()).decode().strip()
    try:
        if line == "bad":
            raise OSError("handler")
        writer.write(b"fine\n")
    finally:
        writer.close()


async def ask(port, word):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(word + b"\n")
    print(word.decode(), "->", repr((await reader.readline()).decode()))
    writer.close()


async def main():
    logging.getLogger("asyncio").disabled = True
    asyncio.get_running_loop().set_exception_handler(
        lambda loop, context: print("reported:", context["exception"]))
    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    for word in (b"good", b"bad", b"good"):
        await ask(port, word)
        await asyncio.sleep(0.02)
    server.close()


asyncio.run(main())
