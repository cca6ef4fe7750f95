"""a task is woken and cancelled in one turn, in either order"""
import asyncio

T = 0.02


async def waits_event(event):
    await event.wait()


async def attempt(label, first_set):
    event = asyncio.Event()
    task = asyncio.create_task(waits_event(event))
    await asyncio.sleep(T)
    if first_set:
        event.set()
        task.cancel()
    else:
        task.cancel()
        event.set()
    try:
        await task
        print(label, "ok")
    except asyncio.CancelledError:
        print(label, "cancelled")


async def main():
    await attempt("set, then cancelled:", True)
    await attempt("cancelled, then set:", False)


asyncio.run(main())
