"""permits go past cancelled waiters, in the order of the others"""
import asyncio

T = 0.02


async def worker(name, semaphore):
    try:
        async with semaphore:
            print(name, "in")
            await asyncio.sleep(T)
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise


async def main():
    semaphore = asyncio.Semaphore(2)
    tasks = [asyncio.create_task(worker(name, semaphore)) for name in "abcdefg"]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    for i in (2, 4, 5):
        tasks[i].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    print("locked", int(semaphore.locked()))


asyncio.run(main())
