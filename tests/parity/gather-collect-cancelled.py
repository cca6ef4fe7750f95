"""gather that collects is cancelled: its children clean up, and all are awaited"""
import asyncio

T = 0.02


async def child(name, cleanup, fails):
    try:
        await asyncio.sleep(50 * T)
    except asyncio.CancelledError:
        await asyncio.sleep(cleanup * T)
        print("  child", name, "has cleaned up")
        if fails:
            raise ValueError(name)
        raise


async def owner():
    try:
        await asyncio.gather(child("a", 4, False), child("b", 2, True),
                             child("c", 0, False), return_exceptions=True)
        print("  owner: ok")
    except asyncio.CancelledError:
        print("  owner: cancelled")
        raise


async def main():
    task = asyncio.create_task(owner())
    await asyncio.sleep(T)
    task.cancel()
    await asyncio.sleep(T)
    print("asked, owner done", int(task.done()))
    await asyncio.wait([task])
    print("owner cancelled", int(task.cancelled()))


asyncio.run(main())
