"""gather with collected errors: a cancelled child is one result of several"""
import asyncio

T = 0.02


async def good():
    await asyncio.sleep(3 * T)
    return 5


async def bad():
    await asyncio.sleep(2 * T)
    raise ValueError("bad")


def word(result):
    if isinstance(result, asyncio.CancelledError):
        return "cancelled"
    if isinstance(result, Exception):
        return "error: " + str(result)
    return str(result)


async def main():
    tasks = [asyncio.create_task(f()) for f in (good, bad, good)]
    asyncio.get_running_loop().call_later(T, tasks[0].cancel)
    results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        print(word(result))


asyncio.run(main())
