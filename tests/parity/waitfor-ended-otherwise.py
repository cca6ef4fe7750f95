"""wait_for on tasks that have failed, or were cancelled, before the limit"""
import asyncio

T = 0.02


async def fails():
    raise ValueError("boom")


async def sleeps():
    await asyncio.sleep(50 * T)


async def attempt(label, task, before):
    if before:
        await asyncio.sleep(T)
    try:
        await asyncio.wait_for(task, 9 * T)
    except ValueError as error:
        print(label, "error:", error)
    except asyncio.CancelledError:
        print(label, "cancelled, main cancelled",
              int(asyncio.current_task().cancelling() > 0))


async def main():
    loop = asyncio.get_running_loop()
    await attempt("fails:", asyncio.create_task(fails()), False)
    await attempt("has failed:", asyncio.create_task(fails()), True)
    task = asyncio.create_task(sleeps())
    loop.call_later(T, task.cancel)
    await attempt("is cancelled:", task, False)
    task = asyncio.create_task(sleeps())
    task.cancel()
    await attempt("was cancelled:", task, True)


asyncio.run(main())
