"""a child fails in its cleanup after its group's owner was cancelled"""
import asyncio

T = 0.02


async def child():
    try:
        await asyncio.sleep(50 * T)
    finally:
        raise ValueError("cleanup")


async def owner():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(child())
    except* ValueError as errors:
        print("owner: error:", errors.exceptions[0])
    try:
        await asyncio.sleep(T)
        print("owner: went on")
    except asyncio.CancelledError:
        print("owner: cancelled")
        raise


async def main():
    task = asyncio.create_task(owner())
    await asyncio.sleep(T)
    task.cancel()
    await asyncio.wait([task])
    print("main: cancelled", int(task.cancelled()))


asyncio.run(main())
