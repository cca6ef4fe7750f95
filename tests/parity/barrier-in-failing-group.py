"""tasks wait at a barrier for one that fails; the barrier is good afterwards"""
import asyncio

T = 0.02


async def comes(name, barrier):
    try:
        await barrier.wait()
        print(name, "goes on")
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise


async def fails():
    await asyncio.sleep(T)
    raise ValueError("does not come")


async def main():
    barrier = asyncio.Barrier(3)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(comes("a", barrier))
            group.create_task(comes("b", barrier))
            group.create_task(fails())
    except* ValueError as errors:
        print("error:", errors.exceptions[0])
    print("waiting", barrier.n_waiting, "broken", int(barrier.broken))
    async with asyncio.TaskGroup() as group:
        for name in "cde":
            group.create_task(comes(name, barrier))
    print("waiting", barrier.n_waiting)


asyncio.run(main())
