"""a section of a task is ended by another task, and the task goes on"""
import asyncio

T = 0.02


async def section():
    try:
        await asyncio.sleep(50 * T)
        print("section: done")
    except asyncio.CancelledError:
        print("section: cancelled")
        raise


async def worker(sections):
    for n in range(3):
        inner = asyncio.create_task(section())
        sections.append(inner)
        try:
            await inner
        except asyncio.CancelledError:
            print("worker: section", n, "was ended, worker cancelled",
                  int(asyncio.current_task().cancelling() > 0))
    return len(sections)


async def main():
    sections = []
    task = asyncio.create_task(worker(sections))
    for _ in range(3):
        await asyncio.sleep(T)
        sections[-1].cancel()
    print("main:", await task)


asyncio.run(main())
