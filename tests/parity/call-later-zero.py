"""a call after no time at all, among calls for soon"""
import asyncio

T = 0.02


async def main():
    loop = asyncio.get_running_loop()
    loop.call_later(0, print, "later 0: first")
    loop.call_soon(print, "soon: first")
    loop.call_soon(print, "soon: second")
    await asyncio.sleep(T)
    print("main")


asyncio.run(main())
