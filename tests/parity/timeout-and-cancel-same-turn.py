"""a task's timeout passes and the task is cancelled in the same turn"""
import asyncio
import time

T = 0.02


async def job(name):
    try:
        async with asyncio.timeout(2 * T):
            await asyncio.sleep(50 * T)
    except TimeoutError:
        print(name, "timeout")
        return "went on"
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise


async def attempt(name, cancel_first):
    loop = asyncio.get_running_loop()
    if cancel_first:
        task = asyncio.create_task(job(name))
        await asyncio.sleep(0)
        loop.call_later(T, task.cancel)
    else:
        task = asyncio.create_task(job(name))
        await asyncio.sleep(0)
        loop.call_later(2.5 * T, task.cancel)
    await asyncio.sleep(0)
    time.sleep(4 * T)  # both are due when the loop looks again
    try:
        print(name, "->", await task)
    except asyncio.CancelledError:
        print(name, "-> cancelled")


async def main():
    await attempt("cancel first", True)
    await attempt("timeout first", False)


asyncio.run(main())
