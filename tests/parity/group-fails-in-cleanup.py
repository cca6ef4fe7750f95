"""children that fail while they clean up after a sibling's failure"""
import asyncio

T = 0.02


async def fails():
    await asyncio.sleep(T)
    raise ValueError("first")


async def fails_later(text, ticks):
    try:
        await asyncio.sleep(50 * T)
    finally:
        await asyncio.sleep(ticks * T)
        raise ValueError(text)


async def main():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fails_later("third", 4))
            group.create_task(fails_later("second", 2))
            group.create_task(fails())
    except* ValueError as errors:
        for error in errors.exceptions:
            print("error:", error)
    print("main goes on")


asyncio.run(main())
