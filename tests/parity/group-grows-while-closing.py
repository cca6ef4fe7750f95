"""a child spawns into its group while the body waits for the group's end"""
import asyncio

T = 0.02


async def child(group, depth):
    await asyncio.sleep(T)
    print("depth", depth)
    if depth < 3:
        group.create_task(child(group, depth + 1))
    else:
        raise ValueError("deep enough")


async def idle():
    try:
        await asyncio.sleep(50 * T)
    finally:
        print("idle: cancelled")


async def main():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(idle())
            group.create_task(child(group, 1))
            print("body ends")
    except* ValueError as errors:
        print("error:", errors.exceptions[0])


asyncio.run(main())
