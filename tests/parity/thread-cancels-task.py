"""a thread cancels the task that it has started; what the thread asks after the loop's end is refused"""
import asyncio
import concurrent.futures
import threading

T = 0.02


seen = 0


async def work():
    global seen
    try:
        await asyncio.sleep(1000 * T)
    except asyncio.CancelledError:
        seen += 1
        raise


async def quick():
    return 7


def client(loop, ended):
    f = asyncio.run_coroutine_threadsafe(work(), loop)
    try:
        f.result(timeout=3 * T)
    except concurrent.futures.TimeoutError:
        print("client: timeout, done", int(f.done()))
    f.cancel()
    try:
        f.result()
    except concurrent.futures.CancelledError:
        print("client: cancelled")
    print("client: still served", asyncio.run_coroutine_threadsafe(quick(), loop).result())
    ended.wait()
    try:
        loop.call_soon_threadsafe(print, "must not appear")
    except RuntimeError:
        print("client: after the end: refused")


async def main(ended, threads):
    t = threading.Thread(target=client, args=(asyncio.get_running_loop(), ended))
    t.start()
    threads.append(t)
    await asyncio.sleep(12 * T)


ended, threads = threading.Event(), []
asyncio.run(main(ended, threads))
print("loop ended, cancels that the task saw:", seen)
ended.set()
threads[0].join()
