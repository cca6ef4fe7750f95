"""the body's own error cancels the children; spawning late, and too late"""
import asyncio

T = 0.02


async def work(name, ticks):
    try:
        await asyncio.sleep(ticks * T)
        print(" ", name, "ends")
    except asyncio.CancelledError:
        print(" ", name, "is cancelled")
        raise


async def has_child(g):
    await asyncio.sleep(T)
    g.create_task(work("grandchild", 2))


async def main():
    try:
        async with asyncio.TaskGroup() as g:
            g.create_task(work("child", 9))
            await asyncio.sleep(T)
            raise OSError("body")
    except* OSError as e:
        print("body failed:", e.exceptions[0])
    async with asyncio.TaskGroup() as g:
        g.create_task(has_child(g))
    print("a child may spawn while the group waits")
    try:
        c = work("too late", 1)
        g.create_task(c)
    except RuntimeError:
        c.close()
        print("spawn after the end: refused")


asyncio.run(main())
