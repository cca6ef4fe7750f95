"""a signal that comes twice before the loop looks, and again later"""
import asyncio
import os
import signal

T = 0.02


async def main():
    loop = asyncio.get_running_loop()
    count = 0

    def on_signal():
        nonlocal count
        count += 1

    loop.add_signal_handler(signal.SIGUSR1, on_signal)
    os.kill(os.getpid(), signal.SIGUSR1)
    os.kill(os.getpid(), signal.SIGUSR1)
    await asyncio.sleep(2 * T)
    print("two at once:", count)
    os.kill(os.getpid(), signal.SIGUSR1)
    await asyncio.sleep(2 * T)
    print("and one:", count)


asyncio.run(main())
