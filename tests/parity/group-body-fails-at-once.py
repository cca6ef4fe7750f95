"""a group's body fails before its children have started"""
import asyncio


async def child(name):
    try:
        await asyncio.sleep(1)
        print("never")
    except asyncio.CancelledError:
        print("child", name, "cancelled")
        raise


async def main():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(child("a"))
            group.create_task(child("b"))
            raise ValueError("body")
    except* ValueError as errors:
        print("error:", *errors.exceptions)
    print("main goes on")


asyncio.run(main())
