"""a child cancels the task that owns its group"""
import asyncio

T = 0.02
cancelled = []


async def child(name, parent):
    try:
        await asyncio.sleep(T)
        if parent is not None:
            parent.cancel()
        await asyncio.sleep(9 * T)
        print(name, "done")
    except asyncio.CancelledError:
        cancelled.append(name)
        raise


async def parent():
    me = asyncio.current_task()
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(child("a", None))
            group.create_task(child("b", me))
            group.create_task(child("c", None))
    except asyncio.CancelledError:
        print("parent: cancelled, and children", len(cancelled))
        raise
    except BaseExceptionGroup:
        print("parent: errors")


async def main():
    task = asyncio.create_task(parent())
    try:
        await task
    except asyncio.CancelledError:
        print("main: the parent was cancelled", int(task.cancelled()))


asyncio.run(main())
