"""a getter is cancelled in the turn of the put, before it or after: the item is not lost"""
import asyncio

T = 0.02


async def attempt(label, cancel_first, second):
    q = asyncio.Queue()
    got = []

    async def get(name):
        got.append((name, await q.get()))

    tasks = [asyncio.create_task(get(n)) for n in ("a", "b")[:1 + second]]
    await asyncio.sleep(T)
    if cancel_first:
        tasks[0].cancel()
        q.put_nowait("item")
    else:
        q.put_nowait("item")
        tasks[0].cancel()
    await asyncio.sleep(T)
    print(label, "| got by", *[n for n, _ in got] or ["nobody"], "| in the queue", q.qsize(),
          "| a cancelled", int(tasks[0].cancelled()))
    for t in tasks:
        t.cancel()


async def main():
    await attempt("cancel, put", True, False)
    await attempt("cancel, put, another waits", True, True)
    await attempt("put, cancel", False, False)
    await attempt("put, cancel, another waits", False, True)


asyncio.run(main())
