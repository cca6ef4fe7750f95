"""a done callback cancels a sibling, sets an event and spawns a task"""
import asyncio

T = 0.02


async def work(name, ticks):
    try:
        await asyncio.sleep(ticks * T)
        print(name, "done")
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise


async def waits(event):
    await event.wait()
    print("woken by the callback")


async def main():
    event = asyncio.Event()
    spawned = []
    a = asyncio.create_task(work("a", 1))
    b = asyncio.create_task(work("b", 9))
    w = asyncio.create_task(waits(event))

    def ended(task):
        b.cancel()
        event.set()
        spawned.append(asyncio.create_task(work("c", 1)))

    a.add_done_callback(ended)
    await asyncio.wait([a, b, w])
    print("spawned, done", int(spawned[0].done()))
    await spawned[0]
    print("b cancelled", int(b.cancelled()))


asyncio.run(main())
