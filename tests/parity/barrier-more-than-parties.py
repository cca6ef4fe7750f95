"""more tasks than a barrier's parties come at once"""
import asyncio

T = 0.02


async def comer(name, barrier):
    await barrier.wait()
    print(name, "passed")


async def main():
    barrier = asyncio.Barrier(2)
    tasks = [asyncio.create_task(comer(n, barrier)) for n in "abcde"]
    await asyncio.sleep(T)
    print("waiting", barrier.n_waiting, "passed", sum(t.done() for t in tasks))
    await comer("main", barrier)
    await asyncio.wait(tasks)
    print("waiting", barrier.n_waiting)


asyncio.run(main())
