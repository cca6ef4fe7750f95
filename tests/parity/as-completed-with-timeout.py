"""as_completed under a limit: what came before it is handed out, the rest runs on"""
import asyncio

T = 0.02


async def work(name, ticks):
    await asyncio.sleep(ticks * T)
    return name


async def main():
    tasks = [asyncio.create_task(work(n, t)) for n, t in (("a", 6), ("b", 1), ("c", 3))]
    try:
        for f in asyncio.as_completed(tasks, timeout=4.5 * T):
            print("next:", await f)
    except TimeoutError:
        print("timeout")
    print("done", *[int(t.done()) for t in tasks])
    print("a later:", await tasks[0])
    for f in asyncio.as_completed(tasks):
        await f
    print("all had ended before")
    for f in asyncio.as_completed([]):
        print("must not appear")
    print("nothing")


asyncio.run(main())
