"""SIGINT: the main task is cancelled and cleans up, then the run ends"""
import asyncio
import os
import signal

T = 0.02


async def background():
    try:
        await asyncio.sleep(50 * T)
    finally:
        print("background: cleaned up")


async def main():
    task = asyncio.create_task(background())
    await asyncio.sleep(T)
    os.kill(os.getpid(), signal.SIGINT)
    try:
        await asyncio.sleep(50 * T)
        print("must not appear")
    except asyncio.CancelledError:
        await asyncio.sleep(T)
        print("main: cleaned up, background done", int(task.done()))
        raise


try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("run: interrupted")
