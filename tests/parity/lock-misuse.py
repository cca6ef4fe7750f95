"""a lock that nobody holds cannot be released; a condition is waited for with its lock held"""
import asyncio

T = 0.02


async def main():
    lock = asyncio.Lock()
    try:
        lock.release()
    except RuntimeError:
        print("release of a free lock: refused")
    await lock.acquire()
    lock.release()
    try:
        lock.release()
    except RuntimeError:
        print("released twice: refused")
    await lock.acquire()

    async def other():
        try:
            lock.release()
            print("released by another task: ok")
        except RuntimeError:
            print("released by another task: refused")

    await asyncio.create_task(other())
    if lock.locked():
        lock.release()
    c = asyncio.Condition(lock)
    try:
        await c.wait()
    except RuntimeError:
        print("wait without the lock: refused")
    try:
        await c.wait_for(lambda: True)
        print("wait for what holds, without the lock: ok")
    except RuntimeError:
        print("wait for what holds, without the lock: refused")
    async with lock:
        try:
            await asyncio.wait_for(lock.acquire(), T)
        except TimeoutError:
            print("acquired twice: never")
    print("locked", int(lock.locked()))
    try:
        async with lock:
            raise OSError
    except OSError:
        print("an error leaves the block: locked", int(lock.locked()))


asyncio.run(main())
