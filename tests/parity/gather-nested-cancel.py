"""cancelling who awaits a gather of gathers reaches the leaves; a timeout around it likewise"""
import asyncio

T = 0.02


async def leaf(name):
    try:
        await asyncio.sleep(100 * T)
    except asyncio.CancelledError:
        print(" ", name, "is cancelled")
        raise


async def batch(name):
    await asyncio.gather(*[asyncio.create_task(leaf(name + str(i))) for i in (1, 2)])


async def both():
    await asyncio.gather(asyncio.create_task(batch("a")), asyncio.create_task(batch("b")))


async def main():
    t = asyncio.create_task(both())
    await asyncio.sleep(T)
    t.cancel()
    await asyncio.wait([t])
    print("cancelled", int(t.cancelled()))
    try:
        await asyncio.wait_for(both(), 2 * T)
    except TimeoutError:
        print("timeout")
    print("tasks left", len(asyncio.all_tasks()) - 1)


asyncio.run(main())
