"""a thread waits for a loop's task with a limit, and again"""
import asyncio
import concurrent.futures
import threading

T = 0.02


async def job(over):
    await over.wait()
    return 5


async def fails():
    raise ValueError("job")


def thread(loop, over):
    future = asyncio.run_coroutine_threadsafe(job(over), loop)
    try:
        future.result(T)
    except concurrent.futures.TimeoutError:
        print("not yet, done", int(future.done()))
    loop.call_soon_threadsafe(over.set)
    print("then", future.result())
    future = asyncio.run_coroutine_threadsafe(fails(), loop)
    try:
        future.result()
    except ValueError as error:
        print("error:", error)


async def main():
    over = asyncio.Event()
    await asyncio.to_thread(thread, asyncio.get_running_loop(), over)
    print("main goes on")


asyncio.run(main())
