"""a cleanup with a limit of its own after the limit around has passed"""
import asyncio

T = 0.02


async def cleanup(ticks):
    try:
        async with asyncio.timeout(2 * T):
            await asyncio.sleep(ticks * T)
        print("  cleanup: done")
    except TimeoutError:
        print("  cleanup: timeout")


async def attempt(label, ticks):
    print(label)
    try:
        async with asyncio.timeout(T):
            try:
                await asyncio.sleep(50 * T)
            finally:
                await cleanup(ticks)
    except TimeoutError:
        print("  main: timeout")


async def main():
    await attempt("short", 1)
    await attempt("long", 9)


asyncio.run(main())
