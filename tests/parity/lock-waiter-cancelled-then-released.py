"""the oldest waiter of a lock is cancelled, and the lock released, in one turn"""
import asyncio

T = 0.02


async def waiter(name, lock):
    try:
        async with lock:
            print(name, "has it")
            await asyncio.sleep(T)
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise


async def main():
    lock = asyncio.Lock()
    await lock.acquire()
    tasks = [asyncio.create_task(waiter(n, lock)) for n in "abcd"]
    await asyncio.sleep(T)
    tasks[0].cancel()
    lock.release()
    tasks[2].cancel()
    await asyncio.wait(tasks)
    print("locked", int(lock.locked()))
    await lock.acquire()
    print("free for main")
    lock.release()


asyncio.run(main())
