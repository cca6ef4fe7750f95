"""attempts with a limit each, inside a limit for all"""
import asyncio

T = 0.02


async def attempt(n):
    try:
        async with asyncio.timeout(2 * T):
            await asyncio.sleep(50 * T)
    except TimeoutError:
        print("attempt", n, "timeout")
    except asyncio.CancelledError:
        print("attempt", n, "cut from outside")
        raise


async def main():
    try:
        async with asyncio.timeout(7 * T):
            n = 0
            while True:
                n += 1
                await attempt(n)
    except TimeoutError:
        print("all together: timeout")
    await asyncio.sleep(T)
    print("main goes on")


asyncio.run(main())
