"""an inner group fails and is caught: the outer one and its children go on"""
import asyncio

T = 0.02


async def work(name, ticks, error=None):
    try:
        await asyncio.sleep(ticks * T)
    except asyncio.CancelledError:
        print(" ", name, "is cancelled")
        raise
    if error:
        print(" ", name, "fails")
        raise OSError(error)
    print(" ", name, "ends")


async def inner(g):
    g.create_task(work("inner 1", 2, "boom"))
    g.create_task(work("inner 2", 9))


async def main():
    print("caught inside")
    async with asyncio.TaskGroup() as outer:
        outer.create_task(work("outer 1", 4))
        try:
            async with asyncio.TaskGroup() as g:
                await inner(g)
        except* OSError as e:
            print("  caught", e.exceptions[0])
        await asyncio.sleep(T)
        print("  the outer body goes on")
    print("not caught inside")
    try:
        async with asyncio.TaskGroup() as outer:
            outer.create_task(work("outer 1", 6))
            async with asyncio.TaskGroup() as g:
                await inner(g)
            print("must not appear")
    except* OSError as e:
        print("  caught outside")
    print("an outer child fails")
    try:
        async with asyncio.TaskGroup() as outer:
            outer.create_task(work("outer 1", 1, "bang"))
            async with asyncio.TaskGroup() as g:
                g.create_task(work("inner 2", 9))
    except* OSError as e:
        print("  caught outside", e.exceptions[0])
    await asyncio.sleep(T)
    print("main is not cancelled")


asyncio.run(main())
