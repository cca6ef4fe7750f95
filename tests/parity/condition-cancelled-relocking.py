"""a waiter that was notified is cancelled while it waits for the lock again"""
import asyncio

T = 0.02


async def waiter(name, condition):
    async with condition:
        try:
            await condition.wait()
            print(name, "notified")
        except asyncio.CancelledError:
            print(name, "cancelled, holds the lock", int(condition.locked()))
            raise
        await asyncio.sleep(T)
        print(name, "leaves")


async def main():
    condition = asyncio.Condition()
    a = asyncio.create_task(waiter("a", condition))
    b = asyncio.create_task(waiter("b", condition))
    await asyncio.sleep(T)
    async with condition:
        condition.notify(1)
        await asyncio.sleep(T)
        a.cancel()
        await asyncio.sleep(T)
        print("main still holds the lock")
    await asyncio.sleep(3 * T)
    async with condition:
        condition.notify_all()
    await asyncio.gather(a, b, return_exceptions=True)
    print("locked", int(condition.locked()))


asyncio.run(main())
