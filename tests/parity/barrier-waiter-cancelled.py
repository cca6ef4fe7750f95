"""a cancelled waiter leaves a barrier as if it had not come; an abort is met by all"""
import asyncio

T = 0.02


async def wait(b, name):
    try:
        n = await b.wait()
        print(" ", name, "passes as", n)
    except asyncio.BrokenBarrierError:
        print(" ", name, "broken")


def spawn(b, names):
    return [asyncio.create_task(wait(b, n)) for n in names]


async def main():
    b = asyncio.Barrier(3)
    tasks = spawn(b, "ab")
    await asyncio.sleep(T)
    print("waiting", b.n_waiting)
    tasks[0].cancel()
    await asyncio.sleep(T)
    print("a cancelled, waiting", b.n_waiting, "broken", int(b.broken))
    tasks += spawn(b, "c")
    await asyncio.sleep(T)
    print("c came, waiting", b.n_waiting)
    tasks += spawn(b, "d")
    await asyncio.wait(tasks)
    print("waiting", b.n_waiting)
    tasks = spawn(b, "ef")
    await asyncio.sleep(T)
    await b.abort()
    await asyncio.wait(tasks)
    await wait(b, "after the abort")
    await b.reset()
    print("reset, broken", int(b.broken))
    await asyncio.wait(spawn(b, "ghi"))
    b = asyncio.Barrier(1)
    await wait(b, "alone")
    await wait(b, "alone again")


asyncio.run(main())
