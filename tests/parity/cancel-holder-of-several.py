"""a task that holds a lock and a permit, and waits for an item, is cancelled"""
import asyncio

T = 0.02


async def holder(lock, semaphore, queue):
    async with semaphore:
        async with lock:
            try:
                await queue.get()
            finally:
                print("holder: leaves")


async def next_one(lock, semaphore):
    async with semaphore:
        print("next: has the permit, lock is free", int(not lock.locked()))
        async with lock:
            print("next: has the lock")


async def main():
    lock, semaphore, queue = asyncio.Lock(), asyncio.Semaphore(1), asyncio.Queue()
    task = asyncio.create_task(holder(lock, semaphore, queue))
    other = asyncio.create_task(next_one(lock, semaphore))
    await asyncio.sleep(T)
    task.cancel()
    await asyncio.wait([task, other])
    print("main: cancelled", int(task.cancelled()), "locked", int(lock.locked()))
    queue.put_nowait(1)
    print("main: size", queue.qsize())


asyncio.run(main())
