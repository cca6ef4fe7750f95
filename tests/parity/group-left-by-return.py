"""return from the middle of a group's body waits for the children"""
import asyncio

T = 0.02


async def child(name, ticks):
    await asyncio.sleep(ticks * T)
    print(name, "done")


async def leaves():
    async with asyncio.TaskGroup() as group:
        group.create_task(child("a", 2))
        group.create_task(child("b", 4))
        print("leaves")
        return 7


async def main():
    print("got", await leaves())
    for i in range(3):
        async with asyncio.TaskGroup() as group:
            group.create_task(child(f"round {i}", 1))
            if i == 1:
                break
    print("out of the loop")


asyncio.run(main())
