"""a barrier is reset, or aborted, when all have come and none has gone on yet"""
import asyncio

T = 0.02


async def comer(name, barrier):
    try:
        await barrier.wait()
        print(name, "passed")
    except asyncio.BrokenBarrierError:
        print(name, "broken")


async def attempt(label, act):
    print(label)
    barrier = asyncio.Barrier(3)
    tasks = [asyncio.create_task(comer(n, barrier)) for n in "ab"]
    await asyncio.sleep(T)
    await barrier.wait()
    await act(barrier)
    await asyncio.wait(tasks)
    print("broken", int(barrier.broken), "waiting", barrier.n_waiting)


async def main():
    await attempt("reset", asyncio.Barrier.reset)
    await attempt("abort", asyncio.Barrier.abort)


asyncio.run(main())
