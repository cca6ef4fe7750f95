"""two conditions on one lock: a bounded buffer"""
import asyncio

T = 0.02


async def producer(lock, room, filled, buffer):
    for n in range(4):
        async with lock:
            while len(buffer) == 2:
                await room.wait()
            buffer.append(n)
            print("put", n, "of", len(buffer))
            filled.notify()


async def consumer(lock, room, filled, buffer):
    for _ in range(4):
        await asyncio.sleep(T)
        async with lock:
            while not buffer:
                await filled.wait()
            print("got", buffer.pop(0))
            room.notify()


async def main():
    lock = asyncio.Lock()
    room, filled = asyncio.Condition(lock), asyncio.Condition(lock)
    buffer = []
    await asyncio.gather(producer(lock, room, filled, buffer),
                         consumer(lock, room, filled, buffer))
    print("left", len(buffer), "locked", int(lock.locked()))


asyncio.run(main())
