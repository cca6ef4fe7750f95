"""a full queue with putters that wait: getters and putters come and are cancelled"""
import asyncio

T = 0.02


async def putter(queue, n):
    try:
        await queue.put(n)
    except asyncio.CancelledError:
        print("putter", n, "cancelled")
        raise


async def main():
    queue = asyncio.Queue(2)
    queue.put_nowait(0)
    queue.put_nowait(1)
    putters = [asyncio.create_task(putter(queue, n)) for n in (2, 3, 4)]
    await asyncio.sleep(T)
    putters[1].cancel()
    got = [await queue.get()]
    await asyncio.sleep(T)
    print("full", int(queue.full()), "size", queue.qsize())
    while not queue.empty():
        got.append(await queue.get())
        await asyncio.sleep(T)
    print("got", *got)
    getter = asyncio.create_task(queue.get())
    await asyncio.sleep(T)
    getter.cancel()
    queue.put_nowait(9)
    await asyncio.wait([getter])
    print("getter cancelled", int(getter.cancelled()), "size", queue.qsize())


asyncio.run(main())
