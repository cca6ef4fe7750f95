"""no task is current in a call or a done callback"""
import asyncio

T = 0.02


def look(label):
    task = asyncio.current_task()
    print(label, task.get_name() if task else "none")


async def job():
    look("job:")


async def main():
    loop = asyncio.get_running_loop()
    asyncio.current_task().set_name("main")
    look("main:")
    loop.call_soon(look, "soon:")
    loop.call_later(T, look, "later:")
    task = asyncio.create_task(job(), name="job")
    task.add_done_callback(lambda t: look("done callback:"))
    await task
    await asyncio.sleep(3 * T)
    look("main:")


asyncio.run(main())
