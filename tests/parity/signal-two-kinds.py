"""two kinds of signals arrive before the loop looks: in which order they are told"""
import asyncio
import os
import signal

T = 0.02


async def main():
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, print, "first kind")
    loop.add_signal_handler(signal.SIGUSR2, print, "second kind")
    os.kill(os.getpid(), signal.SIGUSR2)
    os.kill(os.getpid(), signal.SIGUSR1)
    await asyncio.sleep(2 * T)
    print("main")


asyncio.run(main())
