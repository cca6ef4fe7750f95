"""no child for a group that fails, nor for one that has ended"""
import asyncio

T = 0.02


async def fails():
    raise ValueError("first")


async def runs():
    print("never")


def spawn(label, group):
    coroutine = runs()
    try:
        group.create_task(coroutine)
        print(label, "accepted")
    except RuntimeError:
        print(label, "refused")
        coroutine.close()


async def main():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fails())
            try:
                await asyncio.sleep(9 * T)
            finally:
                spawn("while it fails:", group)
    except* ValueError:
        print("the group has failed")
    spawn("after its end:", group)


asyncio.run(main())
