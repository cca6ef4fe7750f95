"""a get that times out again and again takes nothing"""
import asyncio

T = 0.02


async def main():
    queue = asyncio.Queue()
    for i in range(3):
        try:
            await asyncio.wait_for(queue.get(), T)
        except TimeoutError:
            print("timeout", i)
    for n in (4, 5):
        queue.put_nowait(n)
    print("size", queue.qsize())
    print("got", await asyncio.wait_for(queue.get(), T))
    print("got", await asyncio.wait_for(queue.get(), T))
    asyncio.get_running_loop().call_later(2 * T, queue.put_nowait, 6)
    try:
        await asyncio.wait_for(queue.get(), T)
    except TimeoutError:
        print("too early")
    print("got", await asyncio.wait_for(queue.get(), 5 * T))


asyncio.run(main())
