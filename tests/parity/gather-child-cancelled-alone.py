"""gather: a child that is cancelled alone fails the gather"""
import asyncio

T = 0.02


async def child(name, ticks):
    try:
        await asyncio.sleep(ticks * T)
        print(name, "done")
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise


async def main():
    a = asyncio.create_task(child("a", 9))
    b = asyncio.create_task(child("b", 4))
    asyncio.get_running_loop().call_later(T, a.cancel)
    try:
        await asyncio.gather(a, b)
        print("ok")
    except asyncio.CancelledError:
        print("gather: cancelled")
    print("b has ended", int(b.done()))
    await asyncio.sleep(6 * T)
    print("b was cancelled", int(b.cancelled()))


asyncio.run(main())
