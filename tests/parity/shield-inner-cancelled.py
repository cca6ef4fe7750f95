"""the task behind a shield is cancelled, fails, or is already over"""
import asyncio

T = 0.02


async def job(fails):
    await asyncio.sleep(2 * T)
    if fails:
        raise ValueError("job")
    return 3


async def look(label, task):
    try:
        print(label, await asyncio.shield(task))
    except ValueError as error:
        print(label, "error:", error)
    except asyncio.CancelledError:
        print(label, "cancelled")


async def main():
    task = asyncio.create_task(job(False))
    asyncio.get_running_loop().call_later(T, task.cancel)
    await look("inner cancelled:", task)
    await look("inner fails:", asyncio.create_task(job(True)))
    task = asyncio.create_task(job(False))
    await asyncio.sleep(4 * T)
    await look("already over:", task)
    print("main goes on")


asyncio.run(main())
