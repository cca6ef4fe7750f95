"""wait_for inside wait_for: whichever limit is shorter"""
import asyncio

T = 0.02


async def inner():
    try:
        await asyncio.sleep(50 * T)
    except asyncio.CancelledError:
        print("  inner: cancelled")
        raise


async def middle(limit):
    try:
        await asyncio.wait_for(inner(), limit * T)
    except TimeoutError:
        print("  middle: timeout")
        raise
    except asyncio.CancelledError:
        print("  middle: cancelled")
        raise


async def attempt(label, outer, limit):
    print(label)
    try:
        await asyncio.wait_for(middle(limit), outer * T)
    except TimeoutError:
        print("  main: timeout")


async def main():
    await attempt("the outer one", 2, 9)
    await attempt("the inner one", 9, 2)


asyncio.run(main())
