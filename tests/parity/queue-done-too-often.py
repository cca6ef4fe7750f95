"""task_done more often than put is an error; join counts what was put, not what was got"""
import asyncio

T = 0.02


async def main():
    q = asyncio.Queue()
    await q.join()
    print("join of an unused queue: at once")
    try:
        q.task_done()
    except ValueError:
        print("task_done without a put: error: invalid")
    q.put_nowait(1)
    q.task_done()
    await q.join()
    print("done before it was got: join returns, size", q.qsize())
    q.put_nowait(2)
    joined = [asyncio.create_task(q.join()) for _ in range(3)]
    await asyncio.sleep(T)
    joined[1].cancel()
    await asyncio.sleep(T)
    print("joined:", *[int(t.done()) for t in joined])
    q.task_done()
    await asyncio.sleep(T)
    print("joined:", *[int(t.done()) for t in joined], "| cancelled", int(joined[1].cancelled()))


asyncio.run(main())
