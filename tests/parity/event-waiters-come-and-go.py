"""an event's waiters: one is cancelled, one leaves by its limit, one comes late"""
import asyncio

T = 0.02


async def waiter(name, event, limit):
    try:
        async with asyncio.timeout(limit):
            await event.wait()
        print(name, "woken")
    except TimeoutError:
        print(name, "timeout")
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise


async def main():
    event = asyncio.Event()
    tasks = [asyncio.create_task(waiter(n, event, l))
             for n, l in (("a", None), ("b", None), ("c", T), ("d", 50 * T))]
    await asyncio.sleep(2 * T)
    tasks[0].cancel()
    event.set()
    event.clear()
    late = asyncio.create_task(waiter("late", event, None))
    await asyncio.wait(tasks)
    await asyncio.sleep(T)
    print("late has gone on", int(late.done()))
    event.set()
    await late
    print("set", int(event.is_set()))


asyncio.run(main())
