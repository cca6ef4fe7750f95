"""two items are put before the getter that waits has gone on"""
import asyncio

T = 0.02


async def getter(queue):
    print("  getter: first", await queue.get())
    print("  getter: then", await queue.get())


async def attempt(label, queue):
    print(label)
    task = asyncio.create_task(getter(queue))
    await asyncio.sleep(T)
    for n in (5, 1):
        try:
            queue.put_nowait(n)
            print("  put", n, "size", queue.qsize())
        except asyncio.QueueFull:
            print("  full at", n, "size", queue.qsize())
            await queue.put(n)
    await task


async def main():
    await attempt("first in, first out", asyncio.Queue())
    await attempt("last in, first out", asyncio.LifoQueue())
    await attempt("smallest first", asyncio.PriorityQueue())
    await attempt("room for one", asyncio.Queue(1))


asyncio.run(main())
