"""a signal wakes who watches it, and cuts nobody's sleep short"""
import asyncio
import os
import signal

T = 0.02


async def sleeper(loop):
    start = loop.time()
    await asyncio.sleep(4 * T)
    print("slept to the end", int(loop.time() - start >= 4 * T))


async def main():
    loop = asyncio.get_running_loop()
    count = 0

    def on_signal():
        nonlocal count
        count += 1
        print("signal", count)

    loop.add_signal_handler(signal.SIGUSR1, on_signal)
    t = asyncio.create_task(sleeper(loop))
    await asyncio.sleep(T)
    os.kill(os.getpid(), signal.SIGUSR1)
    await asyncio.sleep(T)
    os.kill(os.getpid(), signal.SIGUSR1)
    await t
    loop.remove_signal_handler(signal.SIGUSR1)
    print("told", count)


asyncio.run(main())
