"""calls and timers: cancelled by one of the same turn, equal times, a call that asks again"""
import asyncio

T = 0.02


async def main():
    loop = asyncio.get_running_loop()
    at = loop.time() + 2 * T
    loop.call_at(at, print, "equal times: first")
    loop.call_at(at, print, "equal times: second")
    loop.call_at(at, print, "equal times: third")
    loop.call_at(at - T, print, "earlier, asked for last")
    await asyncio.sleep(4 * T)

    at = loop.time() + T
    loop.call_at(at, lambda: victim.cancel())
    victim = loop.call_at(at + T, print, "must not appear")
    loop.call_at(at + 2 * T, print, "after the victim")
    await asyncio.sleep(5 * T)

    rounds = 0

    def again():
        nonlocal rounds
        rounds += 1
        if rounds < 5:
            loop.call_soon(again)

    loop.call_soon(again)
    h = loop.call_later(100 * T, print, "must not appear either")
    await asyncio.sleep(T)
    print("asked again by itself:", rounds)
    h.cancel()

    def spawns():
        loop.create_task(child())
        print("current task in a call", int(asyncio.current_task() is not None))

    async def child():
        print("a call may spawn, current task", int(asyncio.current_task() is not None))

    loop.call_soon(spawns)
    await asyncio.sleep(T)


asyncio.run(main())
