"""two tasks wait for a third; one of them is cancelled; the third tells the other"""
import asyncio

T = 0.02


async def work():
    await asyncio.sleep(4 * T)
    return 7


async def look(name, t):
    try:
        await asyncio.wait([t])
        print(name, "sees", t.result())
    except asyncio.CancelledError:
        print(name, "is cancelled, the task is done", int(t.done()))
        raise


async def main():
    t = asyncio.create_task(work())
    a, b = [asyncio.create_task(look(n, t)) for n in "ab"]
    await asyncio.sleep(T)
    a.cancel()
    await asyncio.wait([a, b])
    print("main sees", await t)
    c = asyncio.create_task(work())
    c.cancel()
    await asyncio.wait([c])
    print("cancelled", int(c.cancelled()), "done", int(c.done()))
    try:
        c.result()
    except asyncio.CancelledError:
        print("its result: cancelled")
    try:
        await c
    except asyncio.CancelledError:
        print("awaited: cancelled, we are", int(asyncio.current_task().cancelling()))


asyncio.run(main())
