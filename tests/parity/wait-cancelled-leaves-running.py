"""a task is cancelled while it waits for others by wait: they run on"""
import asyncio

T = 0.02


async def work(name, ticks):
    try:
        await asyncio.sleep(ticks * T)
        print("work: done", name)
    except asyncio.CancelledError:
        print("work: cancelled", name)
        raise


async def waits(tasks):
    try:
        await asyncio.wait(tasks)
        print("wait: ok")
    except asyncio.CancelledError:
        print("wait: cancelled, done", *[int(t.done()) for t in tasks])
        raise


async def main():
    tasks = [asyncio.create_task(work(n, t)) for n, t in (("a", 1), ("b", 4))]
    task = asyncio.create_task(waits(tasks))
    await asyncio.sleep(2 * T)
    task.cancel()
    await asyncio.wait([task])
    print("main: cancelled", int(task.cancelled()))
    await asyncio.wait(tasks)
    print("main: all")


asyncio.run(main())
