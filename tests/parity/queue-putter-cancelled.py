"""a cancelled putter has put nothing, and the others keep their order"""
import asyncio

T = 0.02


async def putter(queue, n):
    try:
        await queue.put(n)
        print("put", n)
    except asyncio.CancelledError:
        print("cancelled", n)
        raise


async def main():
    queue = asyncio.Queue(1)
    queue.put_nowait(0)
    tasks = [asyncio.create_task(putter(queue, n)) for n in range(1, 5)]
    await asyncio.sleep(T)
    tasks[0].cancel()
    tasks[2].cancel()
    await asyncio.sleep(T)
    while not queue.empty():
        print("got", queue.get_nowait())
        await asyncio.sleep(T)
    print("size", queue.qsize())


asyncio.run(main())
