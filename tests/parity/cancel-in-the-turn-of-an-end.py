"""a task is cancelled in the turn in which what it awaits has ended"""
import asyncio

T = 0.02


async def value(event):
    await event.wait()
    return 7


async def awaits(task):
    try:
        got = await task
    except asyncio.CancelledError:
        print("awaiter: cancelled")
        raise
    print("awaiter: got", got)
    await asyncio.sleep(T)
    print("awaiter: went on")


async def main():
    event = asyncio.Event()
    inner = asyncio.create_task(value(event))
    outer = asyncio.create_task(awaits(inner))
    inner.add_done_callback(lambda t: outer.cancel())
    await asyncio.sleep(T)
    event.set()
    await asyncio.wait([outer])
    print("main: inner has a value", int(not inner.cancelled()))
    print("main: outer cancelled", int(outer.cancelled()))


asyncio.run(main())
