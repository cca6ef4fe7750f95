"""as_completed: each task's own result or error, in order of the ends"""
import asyncio

T = 0.02


async def job(n, ticks):
    await asyncio.sleep(ticks * T)
    if n == 2:
        raise ValueError("two")
    return n


async def main():
    tasks = [asyncio.create_task(job(n, t)) for n, t in ((1, 6), (2, 2), (3, 4), (4, 9))]
    asyncio.get_running_loop().call_later(8 * T, tasks[3].cancel)
    for coroutine in asyncio.as_completed(tasks):
        try:
            print("result", await coroutine)
        except ValueError as error:
            print("error:", error)
        except asyncio.CancelledError:
            print("cancelled")
    print("end")


asyncio.run(main())
