"""a semaphore's oldest waiters are cancelled, and permits released, in one turn"""
import asyncio

T = 0.02


async def waiter(name, semaphore):
    try:
        async with semaphore:
            print(name, "has it")
            await asyncio.sleep(T)
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise


async def main():
    semaphore = asyncio.Semaphore(2)
    await semaphore.acquire()
    await semaphore.acquire()
    tasks = [asyncio.create_task(waiter(n, semaphore)) for n in "abcde"]
    await asyncio.sleep(T)
    tasks[0].cancel()
    tasks[1].cancel()
    semaphore.release()
    semaphore.release()
    await asyncio.wait(tasks)
    print("locked", int(semaphore.locked()))
    await semaphore.acquire()
    await semaphore.acquire()
    print("two again, locked", int(semaphore.locked()))


asyncio.run(main())
