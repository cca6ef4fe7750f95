"""gather of nothing, of what has ended, of a task that somebody else cancels"""
import asyncio

T = 0.02


async def work(value, ticks):
    await asyncio.sleep(ticks * T)
    return value


async def main():
    print("nothing:", len(await asyncio.gather()))
    tasks = [asyncio.create_task(work(i, 1)) for i in (1, 2)]
    await asyncio.sleep(3 * T)
    print("ended before:", *await asyncio.gather(*tasks))
    a = asyncio.create_task(work(7, 5))
    asyncio.get_running_loop().call_later(T, a.cancel)
    try:
        print("cancelled by somebody:", await asyncio.gather(a))
    except asyncio.CancelledError:
        print("cancelled by somebody: cancelled, we were not:",
              int(asyncio.current_task().cancelling() == 0))
    a, b = [asyncio.create_task(work(i, 5)) for i in (1, 2)]
    a.cancel()
    r = await asyncio.gather(a, b, return_exceptions=True)
    print("collected:", "cancelled" if isinstance(r[0], asyncio.CancelledError) else r[0], r[1])


asyncio.run(main())
