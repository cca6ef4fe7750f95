"""as_completed left after the first: the rest runs on and can be awaited"""
import asyncio

T = 0.02


async def work(name, ticks):
    await asyncio.sleep(ticks * T)
    print(name, "ends")
    return name


async def main():
    tasks = [asyncio.create_task(work(n, t)) for n, t in (("a", 5), ("b", 1), ("c", 3))]
    for f in asyncio.as_completed(tasks):
        print("first:", await f)
        break
    print("left, done", *[int(t.done()) for t in tasks])
    await asyncio.sleep(3 * T)
    print("later, done", *[int(t.done()) for t in tasks])
    rest = [t for t in tasks if not t.done()]
    for f in asyncio.as_completed(rest):
        print("again:", await f)


asyncio.run(main())
