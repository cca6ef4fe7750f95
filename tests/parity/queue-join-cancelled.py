"""one who waits in join is cancelled, another has a limit, a third waits on"""
import asyncio

T = 0.02


async def joiner(name, queue, limit):
    try:
        async with asyncio.timeout(limit):
            await queue.join()
        print(name, "joined")
    except TimeoutError:
        print(name, "timeout")
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise


async def main():
    queue = asyncio.Queue()
    await queue.join()
    print("join of a new queue: at once")
    queue.put_nowait(1)
    queue.put_nowait(2)
    tasks = [asyncio.create_task(joiner(n, queue, l))
             for n, l in (("a", None), ("b", 2 * T), ("c", None))]
    await asyncio.sleep(T)
    tasks[0].cancel()
    queue.task_done()
    await asyncio.sleep(3 * T)
    queue.task_done()
    await asyncio.wait(tasks)
    print("size", queue.qsize())
    await queue.join()
    print("join of what is done, not taken: at once")


asyncio.run(main())
