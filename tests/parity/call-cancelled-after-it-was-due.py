"""a call whose time has come is cancelled by a call or a task before it"""
import asyncio
import time

T = 0.02


async def main():
    loop = asyncio.get_running_loop()
    at = loop.time() + T
    calls = {}
    loop.call_at(at, lambda: calls["b"].cancel())
    calls["b"] = loop.call_at(at + T / 4, print, "b: must not appear")
    loop.call_at(at + T / 2, print, "c")
    time.sleep(3 * T)  # all are due when the loop looks
    await asyncio.sleep(T)

    calls["d"] = loop.call_soon(print, "d: must not appear")
    calls["d"].cancel()
    calls["d"].cancel()
    loop.call_soon(print, "e")
    await asyncio.sleep(T)
    print("cancelled", int(calls["b"].cancelled()), int(calls["d"].cancelled()))


asyncio.run(main())
