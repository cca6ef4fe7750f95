"""equal priorities leave in order of arrival, as the (priority, number) pairs of the manual do"""
import asyncio


async def main():
    q = asyncio.PriorityQueue()
    for n, p in enumerate((2, 1, 2, 1, 3, 1)):
        await q.put((p, n))
    print("priority:", *["%d/%d" % q.get_nowait() for _ in range(6)])
    for n, p in enumerate((5, 5, 5)):
        await q.put((p, n))
    print("all equal:", *["%d/%d" % q.get_nowait() for _ in range(3)])
    q = asyncio.LifoQueue(3)
    for n in (1, 2, 3):
        q.put_nowait(n)
    try:
        q.put_nowait(4)
    except asyncio.QueueFull:
        print("lifo: full")
    print("lifo:", q.get_nowait(), end="")
    q.put_nowait(9)
    print("", q.get_nowait(), q.get_nowait(), q.get_nowait())
    putter = asyncio.LifoQueue(1)
    putter.put_nowait("old")
    t = asyncio.create_task(putter.put("new"))
    await asyncio.sleep(0)
    print("a putter waits:", putter.get_nowait(), await putter.get())
    await t


asyncio.run(main())
