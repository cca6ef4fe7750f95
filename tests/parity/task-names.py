"""names, the current task, how many there are"""
import asyncio

T = 0.02


async def child():
    print("child:", asyncio.current_task().get_name())
    await asyncio.sleep(T)


async def main():
    me = asyncio.current_task()
    print("alone:", len(asyncio.all_tasks()))
    a = asyncio.create_task(child(), name="worker 1")
    b = asyncio.create_task(child(), name="worker 2")
    print("created:", len(asyncio.all_tasks()))
    await asyncio.sleep(T / 2)
    print("current again", int(asyncio.current_task() is me))
    await asyncio.wait([a, b])
    print("ended:", len(asyncio.all_tasks()))
    print("a name stays:", a.get_name())
    c = asyncio.create_task(child(), name="worker 3")
    c.add_done_callback(lambda t: print("done callback of", t.get_name(), "| current task",
                                        int(asyncio.current_task() is not None)))
    await c


asyncio.run(main())
