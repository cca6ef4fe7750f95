"""a group's child awaits a task that somebody else cancels, and passes that on"""
import asyncio

T = 0.02


async def sleeps():
    await asyncio.sleep(50 * T)


async def child(task):
    try:
        await task
    except asyncio.CancelledError:
        print("child: its task was cancelled")
        raise


async def sibling():
    await asyncio.sleep(3 * T)
    print("sibling: done")


async def main():
    task = asyncio.create_task(sleeps())
    asyncio.get_running_loop().call_later(T, task.cancel)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(child(task))
            group.create_task(sibling())
        print("group: ok")
    except* Exception:
        print("group: failed")


asyncio.run(main())
