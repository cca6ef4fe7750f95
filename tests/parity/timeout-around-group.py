"""a timeout around a group whose children have timeouts of their own"""
import asyncio

T = 0.02


async def child(name, limit, work):
    try:
        async with asyncio.timeout(limit * T):
            await asyncio.sleep(work * T)
        print(name, "done")
    except TimeoutError:
        print(name, "timeout")
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise


async def main():
    try:
        async with asyncio.timeout(6 * T):
            async with asyncio.TaskGroup() as group:
                group.create_task(child("quick", 9, 1))
                group.create_task(child("own limit", 3, 20))
                group.create_task(child("slow", 50, 20))
                group.create_task(child("slower", 60, 30))
            print("never")
    except TimeoutError:
        print("main: timeout")
    await asyncio.sleep(T)
    print("main goes on")


asyncio.run(main())
