"""as_completed: tasks that end in one turn come in the order of their ends"""
import asyncio

T = 0.02


async def work(name, event, turns):
    await event.wait()
    for _ in range(turns):
        await asyncio.sleep(0)
    return name


async def main():
    event = asyncio.Event()
    tasks = [asyncio.create_task(work(n, event, t))
             for n, t in (("a", 3), ("b", 0), ("c", 1), ("d", 0), ("e", 2))]
    await asyncio.sleep(T)
    event.set()
    for f in asyncio.as_completed(tasks):
        print("next:", await f)


asyncio.run(main())
