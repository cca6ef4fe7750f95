"""wait until the first has ended, cancel the rest, wait for it"""
import asyncio

T = 0.02


async def ask(name, ticks, cleanup):
    try:
        await asyncio.sleep(ticks * T)
        return name
    except asyncio.CancelledError:
        await asyncio.sleep(cleanup * T)
        print(name, "cleaned up")
        raise


async def main():
    tasks = [asyncio.create_task(ask(*spec))
             for spec in (("a", 9, 2), ("b", 2, 0), ("c", 9, 1))]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    print("first:", *[t.result() for t in done], "| pending", len(pending))
    for t in tasks:
        t.cancel()
    print("cancelled already", *[int(t.cancelled()) for t in tasks])
    await asyncio.wait(pending)
    print("cancelled", *[int(t.cancelled()) for t in tasks])
    print("the first is still", tasks[1].result())
    done, pending = await asyncio.wait(tasks, timeout=0)
    print("looked at once:", len(done), "done")


asyncio.run(main())
