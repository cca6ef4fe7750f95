"""a condition is notified without its lock"""
import asyncio

T = 0.02


async def waiter(condition):
    async with condition:
        await condition.wait()
        print("waiter: notified, locked", int(condition.locked()))


async def main():
    condition = asyncio.Condition()
    task = asyncio.create_task(waiter(condition))
    await asyncio.sleep(T)
    try:
        condition.notify()
        print("notify without the lock: ok")
    except RuntimeError:
        print("notify without the lock: refused")
    await asyncio.sleep(T)
    print("waiter has gone on", int(task.done()))
    async with condition:
        condition.notify_all()
    await task


asyncio.run(main())
