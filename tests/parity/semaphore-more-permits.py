"""a release without an acquire makes a permit; a bounded semaphore refuses it"""
import asyncio

T = 0.02


async def main():
    s = asyncio.Semaphore(0)
    print("0 permits, locked", int(s.locked()))
    s.release()
    s.release()
    print("released twice, locked", int(s.locked()))
    await s.acquire()
    await s.acquire()
    print("acquired twice, locked", int(s.locked()))
    b = asyncio.BoundedSemaphore(1)
    try:
        b.release()
    except ValueError:
        print("bounded: one too many is refused")
    await b.acquire()
    b.release()
    try:
        b.release()
    except ValueError:
        print("bounded: refused again, locked", int(b.locked()))
    got = []

    async def take(name):
        await s.acquire()
        got.append(name)

    tasks = [asyncio.create_task(take(n)) for n in "abc"]
    await asyncio.sleep(T)
    s.release()
    s.release()
    await asyncio.sleep(T)
    print("two permits for three:", *got)
    tasks[2].cancel()
    await asyncio.sleep(T)
    s.release()
    await asyncio.wait_for(s.acquire(), T)
    print("the cancelled one takes none")


asyncio.run(main())
