"""a thread cancels what it has asked a loop for, and a loop cancels it"""
import asyncio
import concurrent.futures

T = 0.02
said = []


async def job(started):
    started.set()
    try:
        await asyncio.sleep(50 * T)
    except asyncio.CancelledError:
        print("job: cancelled")
        raise


def thread(loop, started, cancel):
    future = asyncio.run_coroutine_threadsafe(job(started), loop)
    if cancel:
        asyncio.run_coroutine_threadsafe(started.wait(), loop).result()
        future.cancel()
    try:
        future.result()
    except concurrent.futures.CancelledError:
        said.append("thread: cancelled")


async def attempt(label, cancel):
    print(label)
    started = asyncio.Event()
    waits = asyncio.create_task(asyncio.to_thread(
        thread, asyncio.get_running_loop(), started, cancel))
    if not cancel:
        await started.wait()
        mine = asyncio.current_task()
        for task in asyncio.all_tasks():
            if task is not mine and task is not waits:
                task.cancel()
    await waits
    await asyncio.sleep(T)
    print(said.pop())


async def main():
    await attempt("by the thread", True)
    await attempt("by the loop", False)


asyncio.run(main())
