"""a lock is free after a body that failed, returned or was cancelled"""
import asyncio

T = 0.02
lock = asyncio.Lock()


async def fails():
    async with lock:
        raise ValueError("body")


async def returns():
    async with lock:
        return 3


async def sleeps():
    async with lock:
        await asyncio.sleep(50 * T)


async def main():
    try:
        await fails()
    except ValueError as error:
        print("error:", error, "- locked", int(lock.locked()))
    print("returned", await returns(), "- locked", int(lock.locked()))
    task = asyncio.create_task(sleeps())
    await asyncio.sleep(T)
    print("held - locked", int(lock.locked()))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    print("cancelled - locked", int(lock.locked()))
    waiters = [asyncio.create_task(sleeps()) for _ in range(3)]
    await asyncio.sleep(T)
    for task in waiters:
        task.cancel()
    await asyncio.gather(*waiters, return_exceptions=True)
    print("all cancelled - locked", int(lock.locked()))


asyncio.run(main())
