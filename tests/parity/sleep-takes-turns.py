"""sleeping for nothing takes turns; equal sleeps end in order of asking"""
import asyncio

T = 0.02


async def count(name, seconds):
    for i in range(3):
        print(name, i)
        await asyncio.sleep(seconds)


async def late(name, ticks):
    await asyncio.sleep(ticks * T)
    print(name, "wakes")


async def main():
    async with asyncio.TaskGroup() as g:
        for n in "abc":
            g.create_task(count(n, 0))
    async with asyncio.TaskGroup() as g:
        g.create_task(count("less than 0:", -1))
        g.create_task(count("0:", 0))
    async with asyncio.TaskGroup() as g:
        g.create_task(late("three", 3))
        g.create_task(late("one", 1))
        g.create_task(late("two", 2))


asyncio.run(main())
