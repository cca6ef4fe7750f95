"""a group's body fails, then its children in their cleanups: the order of errors"""
import asyncio

T = 0.02


async def fails_later(text, ticks):
    try:
        await asyncio.sleep(50 * T)
    finally:
        await asyncio.sleep(ticks * T)
        raise ValueError(text)


async def main():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fails_later("c", 3))
            group.create_task(fails_later("b", 1))
            await asyncio.sleep(T)
            raise ValueError("body")
    except* ValueError as errors:
        print("the body's is among them",
              int(any(str(e) == "body" for e in errors.exceptions)))
        print("others:", *[e for e in errors.exceptions if str(e) != "body"])
    print("main goes on")


asyncio.run(main())
