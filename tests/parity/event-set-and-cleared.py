"""set and cleared in one turn: who waited goes on, who comes later waits"""
import asyncio

T = 0.02


async def wait(e, name):
    await e.wait()
    print(" ", name, "goes on, set", int(e.is_set()))


async def main():
    e = asyncio.Event()
    tasks = [asyncio.create_task(wait(e, n)) for n in "ab"]
    await asyncio.sleep(T)
    e.set()
    e.clear()
    late = asyncio.create_task(wait(e, "late"))
    await asyncio.sleep(T)
    print("late done", int(late.done()))
    e.set()
    e.set()
    await late
    await wait(e, "main")
    e.clear()
    try:
        await asyncio.wait_for(e.wait(), T)
    except TimeoutError:
        print("timeout, set", int(e.is_set()))
    e.set()
    await wait(e, "after the timeout")


asyncio.run(main())
