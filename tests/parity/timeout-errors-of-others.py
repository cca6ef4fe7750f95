"""a TimeoutError or a cancel that is not the limit's own passes through it"""
import asyncio

T = 0.02


async def times_out():
    async with asyncio.timeout(T):
        await asyncio.sleep(50 * T)


async def sleeps():
    await asyncio.sleep(50 * T)


async def attempt(label, task, cancel):
    if cancel:
        asyncio.get_running_loop().call_later(T, task.cancel)
    try:
        async with asyncio.timeout(20 * T) as scope:
            await task
        print(label, "ok")
    except TimeoutError:
        print(label, "timeout, of this limit", int(scope.expired()))
    except asyncio.CancelledError:
        print(label, "cancelled, of this limit", int(scope.expired()),
              "main cancelled", int(asyncio.current_task().cancelling() > 0))


async def main():
    await attempt("a task's own limit:", asyncio.create_task(times_out()), False)
    await attempt("a task cancelled alone:", asyncio.create_task(sleeps()), True)
    await asyncio.sleep(T)
    print("main goes on")


asyncio.run(main())
