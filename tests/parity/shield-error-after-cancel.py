"""a shielded task fails after the one that waited was cancelled"""
import asyncio
import gc

T = 0.02


async def inner():
    await asyncio.sleep(3 * T)
    print("inner fails")
    raise ValueError("boom")


async def outer(task):
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        print("outer: cancelled")
        raise


async def main():
    asyncio.get_running_loop().set_exception_handler(
        lambda loop, context: print("reported:", context["exception"]))
    task = asyncio.create_task(inner())
    waits = asyncio.create_task(outer(task))
    await asyncio.sleep(T)
    waits.cancel()
    await asyncio.wait([waits])
    del task, waits
    await asyncio.sleep(4 * T)
    gc.collect()
    print("main ends")


asyncio.run(main())
