"""a timeout is moved by another task: later, then to the past, then too late"""
import asyncio

T = 0.02
scope = None


async def worker():
    global scope
    try:
        async with asyncio.timeout(3 * T) as scope:
            await asyncio.sleep(50 * T)
        print("worker: ok")
    except TimeoutError:
        print("worker: timeout")


async def main():
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(worker())
    await asyncio.sleep(T)
    scope.reschedule(loop.time() + 20 * T)
    await asyncio.sleep(5 * T)
    print("moved later, worker done", int(task.done()))
    scope.reschedule(loop.time() - T)
    print("moved to the past, worker done", int(task.done()))
    await asyncio.sleep(T)
    print("a little later, worker done", int(task.done()))
    try:
        scope.reschedule(loop.time() + 9 * T)
        print("moved after its end")
    except RuntimeError:
        print("after its end: refused")


asyncio.run(main())
