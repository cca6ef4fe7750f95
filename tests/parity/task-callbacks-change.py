"""done callbacks: order, removal, a callback that sees the result and one that adds work"""
import asyncio

T = 0.02


async def work(value, ticks):
    await asyncio.sleep(ticks * T)
    return value


async def main():
    loop = asyncio.get_running_loop()
    t = asyncio.create_task(work(7, 1))
    gone = lambda t: print("must not appear")
    t.add_done_callback(lambda t: print("first, done", int(t.done()), "result", t.result()))
    t.add_done_callback(gone)
    t.add_done_callback(lambda t: print("second"))
    print("removed", t.remove_done_callback(gone))
    t.add_done_callback(lambda t: loop.create_task(later()))

    async def later():
        print("spawned by a callback")

    await asyncio.sleep(3 * T)
    print("removed", t.remove_done_callback(gone))
    v = asyncio.create_task(work(1, 9))
    v.add_done_callback(lambda t: print("callback of a cancelled task, cancelled", int(t.cancelled())))
    await asyncio.sleep(T)
    v.cancel()
    print("asked, done", int(v.done()))
    await asyncio.wait([v])
    print("done", int(v.done()))


asyncio.run(main())
