"""a wait for a condition with a limit: the lock is held again after it"""
import asyncio

T = 0.02
items = 0


async def consumer(condition, limit):
    global items
    async with condition:
        try:
            async with asyncio.timeout(limit * T):
                await condition.wait_for(lambda: items > 0)
            items -= 1
            print("consumer: took one")
        except TimeoutError:
            print("consumer: timeout, locked", int(condition.locked()))


async def producer(condition, ticks):
    global items
    await asyncio.sleep(ticks * T)
    async with condition:
        items += 1
        condition.notify()
        print("producer: made one")


async def attempt(label, limit, ticks):
    print(label)
    condition = asyncio.Condition()
    await asyncio.gather(consumer(condition, limit), producer(condition, ticks))
    print("items", items, "locked", int(condition.locked()))


async def main():
    await attempt("in time", 5, 2)
    await attempt("too late", 2, 5)


asyncio.run(main())
