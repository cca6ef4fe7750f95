"""a deadline passes while a cancelled task cleans up"""
import asyncio

T = 0.02


async def job():
    try:
        async with asyncio.timeout(3 * T):
            try:
                await asyncio.sleep(50 * T)
            finally:
                try:
                    await asyncio.sleep(5 * T)
                    print("cleanup: done")
                except asyncio.CancelledError:
                    print("cleanup: cut short")
                    raise
    except TimeoutError:
        print("job: timeout")
    except asyncio.CancelledError:
        print("job: cancelled")
        raise


async def main():
    task = asyncio.create_task(job())
    await asyncio.sleep(T)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print("main: it was cancelled")


asyncio.run(main())
