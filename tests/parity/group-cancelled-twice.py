"""a group's owner is cancelled again while the children still clean up"""
import asyncio

T = 0.02


async def child(name, ticks):
    try:
        await asyncio.sleep(50 * T)
    except asyncio.CancelledError:
        await asyncio.sleep(ticks * T)
        print("child", name, "has cleaned up")
        raise


async def owner():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(child("a", 5))
            group.create_task(child("b", 3))
        print("owner: ok")
    except asyncio.CancelledError:
        print("owner: cancelled")
        raise


async def main():
    task = asyncio.create_task(owner())
    await asyncio.sleep(T)
    task.cancel()
    await asyncio.sleep(T)
    task.cancel()
    await asyncio.sleep(T)
    print("asked twice, owner done", int(task.done()))
    await asyncio.wait([task])
    print("main: cancelled", int(task.cancelled()))


asyncio.run(main())
