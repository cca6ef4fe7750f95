"""when done callbacks are called: before and after who awaits goes on"""
import asyncio

T = 0.02


async def job():
    await asyncio.sleep(T)
    asyncio.get_running_loop().call_soon(print, "soon, of the job")
    print("job ends")


async def main():
    task = asyncio.create_task(job())
    task.add_done_callback(lambda t: print("callback added before the await"))
    asyncio.get_running_loop().call_later(
        0.5 * T, task.add_done_callback,
        lambda t: print("callback added during the await"))
    await task
    print("main goes on")
    await asyncio.sleep(T)


asyncio.run(main())
