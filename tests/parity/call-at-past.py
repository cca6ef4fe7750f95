"""a call for a time that has passed, beside calls for soon"""
import asyncio


def say(text):
    print(text)


def more(loop):
    print("soon 2")
    loop.call_soon(say, "soon 4, of soon 2")
    loop.call_at(loop.time() - 1, say, "past 3, of soon 2")


async def main():
    loop = asyncio.get_running_loop()
    loop.call_at(loop.time() - 5, say, "past 1")
    loop.call_soon(say, "soon 1")
    loop.call_later(-1, say, "past 2")
    loop.call_soon(more, loop)
    loop.call_soon(say, "soon 3")
    await asyncio.sleep(0)
    print("main 1")
    await asyncio.sleep(0)
    print("main 2")
    await asyncio.sleep(0.02)


asyncio.run(main())
