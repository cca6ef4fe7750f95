"""a permit is given back while somebody waits: who comes later does not overtake"""
import asyncio

T = 0.02


async def take(name, semaphore):
    await semaphore.acquire()
    print(name, "has it")


async def main():
    semaphore = asyncio.Semaphore(1)
    await semaphore.acquire()
    a = asyncio.create_task(take("a", semaphore))
    await asyncio.sleep(T)
    semaphore.release()
    print("released, locked", int(semaphore.locked()))
    b = asyncio.create_task(take("main", semaphore))
    await asyncio.sleep(T)
    print("a done", int(a.done()), "second done", int(b.done()))
    semaphore.release()
    await b
    print("locked", int(semaphore.locked()))


asyncio.run(main())
