"""an item is put for a getter that waits; somebody else asks before it goes on"""
import asyncio

T = 0.02


async def getter(queue):
    print("getter: got", await queue.get())


async def main():
    queue = asyncio.Queue()
    task = asyncio.create_task(getter(queue))
    await asyncio.sleep(T)
    queue.put_nowait(1)
    try:
        print("main: got", queue.get_nowait())
    except asyncio.QueueEmpty:
        print("main: empty")
    await asyncio.sleep(T)
    print("getter done", int(task.done()))
    if not task.done():
        queue.put_nowait(2)
        await task


asyncio.run(main())
