"""a shield around a gather: who waits is cancelled, the children run on"""
import asyncio

T = 0.02


async def child(name, ticks):
    try:
        await asyncio.sleep(ticks * T)
        print(name, "done")
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise


async def main():
    tasks = [asyncio.create_task(child(n, t)) for n, t in (("a", 2), ("b", 4))]
    both = asyncio.gather(*tasks)
    try:
        async with asyncio.timeout(T):
            await asyncio.shield(both)
    except TimeoutError:
        print("main: timeout, done", *[int(t.done()) for t in tasks])
    try:
        async with asyncio.timeout(2 * T):
            await asyncio.shield(both)
    except TimeoutError:
        print("main: timeout, done", *[int(t.done()) for t in tasks])
    await both
    print("main: both")


asyncio.run(main())
