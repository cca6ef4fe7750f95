"""a task that is left at the end of the run does not obey, and spawns another"""
import asyncio

T = 0.02


async def another():
    await asyncio.sleep(T)
    print("another: done")


async def stubborn():
    try:
        await asyncio.sleep(50 * T)
    except asyncio.CancelledError:
        print("stubborn: carries on")
    await asyncio.create_task(another())
    print("stubborn: done")


async def main():
    task = asyncio.create_task(stubborn())
    await asyncio.sleep(T)
    print("main returns", int(task.done()))
    return 7


print("run returned", asyncio.run(main()))
