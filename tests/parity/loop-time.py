"""the loop's clock while a task blocks it, and limits that begin afterwards"""
import asyncio
import time

T = 0.02


async def main():
    loop = asyncio.get_running_loop()
    start = loop.time()
    await asyncio.sleep(2 * T)
    print("a sleep passes:", int(loop.time() - start >= 2 * T * 0.99))
    start = loop.time()
    time.sleep(5 * T)
    print("it goes on while a task blocks:", int(loop.time() - start >= 5 * T * 0.99))
    begin = time.monotonic()
    await asyncio.sleep(3 * T)
    print("a sleep after that is whole:", int(time.monotonic() - begin >= 3 * T * 0.99))
    time.sleep(5 * T)
    try:
        async with asyncio.timeout(3 * T):
            await asyncio.sleep(T)
        print("so is a limit")
    except TimeoutError:
        print("a limit is over at once")


asyncio.run(main())
