"""a call cancels others that are due in the same turn"""
import asyncio
import time

T = 0.02


def say(text):
    print(text)


def kill(text, handles):
    print(text)
    for handle in handles:
        handle.cancel()


async def main():
    loop = asyncio.get_running_loop()
    later = []
    loop.call_soon(kill, "first kills the third", later)
    loop.call_soon(say, "second")
    later.append(loop.call_soon(say, "third"))
    await asyncio.sleep(0)
    timed = []
    loop.call_later(T, kill, "timer 1 kills timer 3", timed)
    loop.call_later(2 * T, say, "timer 2")
    timed.append(loop.call_later(3 * T, say, "timer 3"))
    time.sleep(5 * T)  # all are due
    await asyncio.sleep(T)
    again = loop.call_later(T, say, "never")
    again.cancel()
    again.cancel()
    print("cancelled", int(again.cancelled()))
    await asyncio.sleep(3 * T)


asyncio.run(main())
