"""shutting a queue down, immediately or not (CPython 3.13)"""
import asyncio
import sys

T = 0.02


async def tell(label, coroutine):
    try:
        r = await coroutine
        print(" ", label, "->", "ok" if r is None else r)
    except asyncio.QueueShutDown:
        print(" ", label, "-> shut down")


async def attempt(immediate):
    print("immediate", int(immediate))
    q = asyncio.Queue(2)
    q.put_nowait(1)
    q.put_nowait(2)
    putter = asyncio.create_task(tell("waiting put", q.put(3)))
    joiner = asyncio.create_task(tell("join", q.join()))
    await asyncio.sleep(T)
    q.shutdown(immediate)
    q.shutdown(immediate)
    await asyncio.sleep(T)
    print("  joined", int(joiner.done()))
    await tell("put", q.put(4))
    for _ in range(3):
        await tell("get", q.get())
    if not immediate:
        q.task_done()
        q.task_done()
    await joiner
    await putter


async def main():
    await attempt(False)
    await attempt(True)
    q = asyncio.Queue()
    getters = [asyncio.create_task(tell("waiting get", q.get())) for _ in range(2)]
    await asyncio.sleep(T)
    q.shutdown()
    await asyncio.wait(getters)
    await q.join()
    print("join after shutdown")


if sys.version_info < (3, 13):
    sys.exit(77)
asyncio.run(main())
