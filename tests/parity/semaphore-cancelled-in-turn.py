"""a waiter is cancelled in the turn of the release: no permit is lost"""
import asyncio

T = 0.02


async def attempt(label, cancel_first):
    s = asyncio.Semaphore(0)
    got = []

    async def take(name):
        await s.acquire()
        try:
            got.append(name)
            await asyncio.sleep(T)
        finally:
            s.release()

    tasks = [asyncio.create_task(take(n)) for n in "abc"]
    await asyncio.sleep(T)
    if cancel_first:
        tasks[0].cancel()
        s.release()
    else:
        s.release()
        tasks[0].cancel()
    await asyncio.wait(tasks)
    free = 0
    while not s.locked():
        await s.acquire()
        free += 1
    print(label, "| got by", *got, "| a cancelled", int(tasks[0].cancelled()), "| free", free)


async def main():
    await attempt("cancel, release", True)
    await attempt("release, cancel", False)


asyncio.run(main())
