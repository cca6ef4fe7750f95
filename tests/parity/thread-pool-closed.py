"""a pool of threads is shut down: what runs ends, what comes later is refused"""
import asyncio
import concurrent.futures
import time

T = 0.02


def work(n):
    time.sleep(3 * T)
    return n


async def main():
    loop = asyncio.get_running_loop()
    pool = concurrent.futures.ThreadPoolExecutor(1)
    runs = loop.run_in_executor(pool, work, 1)
    queued = loop.run_in_executor(pool, work, 2)
    await asyncio.sleep(T)
    pool.shutdown(wait=True, cancel_futures=True)
    print("running:", await runs)
    try:
        print("queued:", await queued)
    except asyncio.CancelledError:
        print("queued: cancelled")
    try:
        await loop.run_in_executor(pool, work, 3)
        print("later: accepted")
    except RuntimeError:
        print("later: refused")


asyncio.run(main())
