"""a function in a thread: its result, its error, many at once, none forgotten"""
import asyncio

T = 0.02


def work(n):
    if n % 3 == 2:
        raise ValueError(f"no {n}")
    return n * n


async def main():
    print(await asyncio.to_thread(work, 4))
    try:
        await asyncio.to_thread(work, 5)
    except ValueError as error:
        print("error:", error)
    results = await asyncio.gather(
        *(asyncio.to_thread(work, n) for n in range(6)), return_exceptions=True)
    for result in results:
        print("error:" if isinstance(result, Exception) else "result:", result)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.to_thread(work, 2))
            group.create_task(asyncio.sleep(50 * T))
    except* ValueError as errors:
        print("group:", errors.exceptions[0])


asyncio.run(main())
