"""a task cancelled in wait_for: what it waits for is cancelled and has ended"""
import asyncio

T = 0.02


async def inner(swallow):
    try:
        await asyncio.sleep(50 * T)
    except asyncio.CancelledError:
        print("  inner: cancelled")
        if not swallow:
            raise
    return 7


async def outer(swallow):
    try:
        got = await asyncio.wait_for(asyncio.create_task(inner(swallow)), 20 * T)
        print("  outer: got", got)
    except asyncio.CancelledError:
        print("  outer: cancelled")
        raise


async def attempt(label, swallow):
    print(label)
    task = asyncio.create_task(outer(swallow))
    await asyncio.sleep(T)
    task.cancel()
    try:
        await task
        print("  main: it ended well")
    except asyncio.CancelledError:
        print("  main: it was cancelled")


async def main():
    await attempt("inner obeys", False)
    await attempt("inner answers all the same", True)


asyncio.run(main())
