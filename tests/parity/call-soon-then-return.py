"""calls that were asked for just before the main function returns"""
import asyncio

T = 0.02


def say(text):
    print(text)


async def main():
    loop = asyncio.get_running_loop()
    loop.call_soon(say, "soon")
    loop.call_later(5 * T, say, "later")
    print("main returns")


asyncio.run(main())
print("after the run")
