"""join: at once without work, several joiners, and work that comes later"""
import asyncio

T = 0.02


async def joiner(name, queue):
    await queue.join()
    print(name, "joined")


async def main():
    queue = asyncio.Queue()
    await queue.join()
    print("nothing to wait for")
    for round in range(2):
        queue.put_nowait(1)
        queue.put_nowait(2)
        tasks = [asyncio.create_task(joiner(f"joiner {i}", queue)) for i in range(2)]
        await asyncio.sleep(T)
        await queue.get()
        queue.task_done()
        await asyncio.sleep(T)
        print("one is done, joined", sum(t.done() for t in tasks))
        await queue.get()
        queue.put_nowait(3)
        queue.task_done()
        await asyncio.sleep(T)
        print("one more came, joined", sum(t.done() for t in tasks))
        await queue.get()
        queue.task_done()
        await asyncio.gather(*tasks)


asyncio.run(main())
