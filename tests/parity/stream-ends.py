"""the end of the input, for each kind of read"""
import asyncio


async def serve(data):
    async def handler(reader, writer):
        writer.write(data)
        writer.close()

    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    return server, *await asyncio.open_connection("127.0.0.1", port)


async def attempt(label, data, read):
    server, reader, writer = await serve(data)
    try:
        r = await read(reader)
        print(label, "->", repr(r.decode()))
    except asyncio.IncompleteReadError as e:
        print(label, "-> incomplete, kept", repr(e.partial.decode()))
    writer.close()
    server.close()


async def main():
    await attempt("line without its end", b"abc", lambda r: r.readline())
    await attempt("line with its end", b"abc\n", lambda r: r.readline())
    await attempt("line of nothing", b"", lambda r: r.readline())
    await attempt("empty line", b"\nx", lambda r: r.readline())
    await attempt("exactly what there is", b"abc", lambda r: r.readexactly(3))
    await attempt("exactly more", b"abc", lambda r: r.readexactly(5))
    await attempt("exactly nothing", b"", lambda r: r.readexactly(0))
    await attempt("exactly, of nothing", b"", lambda r: r.readexactly(1))
    await attempt("until, without separator", b"abc", lambda r: r.readuntil(b"--"))
    await attempt("until, half a separator", b"abc-", lambda r: r.readuntil(b"--"))
    await attempt("until", b"abc--d", lambda r: r.readuntil(b"--"))
    await attempt("until, separator first", b"--d", lambda r: r.readuntil(b"--"))
    await attempt("read of nothing", b"", lambda r: r.read(10))


asyncio.run(main())
