"""a task is cancelled while its group waits for a child that cleans up slowly"""
import asyncio

T = 0.02


async def stubborn():
    try:
        await asyncio.sleep(1000 * T)
    except asyncio.CancelledError:
        await asyncio.sleep(3 * T)
        print("  child has cleaned up")
        raise


async def owner():
    try:
        async with asyncio.TaskGroup() as g:
            g.create_task(stubborn())
        print("must not appear")
    except asyncio.CancelledError:
        print("  owner is cancelled")
        raise


async def main():
    t = asyncio.create_task(owner())
    await asyncio.sleep(T)
    t.cancel()
    await asyncio.sleep(T)
    print("  asked, owner done", int(t.done()))
    await asyncio.wait([t])
    print("  owner done, cancelled", int(t.cancelled()))
    print("with a timeout around the group")
    try:
        async with asyncio.timeout(T):
            async with asyncio.TaskGroup() as g:
                g.create_task(stubborn())
    except TimeoutError:
        print("  timeout")


asyncio.run(main())
