"""a timeout around a group whose child carries on in spite of the cancel"""
import asyncio

T = 0.02


async def stubborn():
    try:
        await asyncio.sleep(50 * T)
    except asyncio.CancelledError:
        print("  child: cancelled, carries on")
        await asyncio.sleep(3 * T)
        print("  child: done")


async def obeys():
    try:
        await asyncio.sleep(50 * T)
    finally:
        print("  child: obeys")


async def attempt(label, *children):
    print(label)
    try:
        async with asyncio.timeout(2 * T) as scope:
            async with asyncio.TaskGroup() as group:
                for child in children:
                    group.create_task(child())
            print("  after the group")
        print("  ok, expired", int(scope.expired()))
    except TimeoutError:
        print("  timeout, expired", int(scope.expired()))


async def main():
    await attempt("one obeys", stubborn, obeys)
    await attempt("none obeys", stubborn)


asyncio.run(main())
