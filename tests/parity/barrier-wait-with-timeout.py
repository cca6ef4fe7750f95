"""one of a barrier's tasks waits with a limit and leaves; it comes again"""
import asyncio

T = 0.02


async def patient(name, barrier):
    await barrier.wait()
    print(name, "passed")


async def main():
    barrier = asyncio.Barrier(3)
    tasks = [asyncio.create_task(patient("a", barrier))]
    try:
        async with asyncio.timeout(T):
            await barrier.wait()
    except TimeoutError:
        print("main: timeout")
    await asyncio.sleep(T)
    print("waiting", barrier.n_waiting, "broken", int(barrier.broken))
    tasks.append(asyncio.create_task(patient("b", barrier)))
    await asyncio.sleep(T)
    print("waiting", barrier.n_waiting)
    await barrier.wait()
    print("main: passed")
    await asyncio.wait(tasks)


asyncio.run(main())
