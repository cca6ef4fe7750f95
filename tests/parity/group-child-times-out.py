"""a child's own timeout that it does not handle fails its group"""
import asyncio

T = 0.02


async def child():
    async with asyncio.timeout(T):
        await asyncio.sleep(50 * T)


async def sibling():
    try:
        await asyncio.sleep(50 * T)
    except asyncio.CancelledError:
        print("sibling: cancelled")
        raise


async def main():
    try:
        async with asyncio.timeout(20 * T) as scope:
            async with asyncio.TaskGroup() as group:
                group.create_task(child())
                group.create_task(sibling())
    except* TimeoutError as errors:
        print("group: timeout, errors", len(errors.exceptions))
    print("of the limit around it", int(scope.expired()))
    await asyncio.sleep(T)
    print("main goes on")


asyncio.run(main())
