"""a timeout of nothing, or in the past: who does not wait is not cut"""
import asyncio


async def attempt(label, delay, waits):
    try:
        async with asyncio.timeout(delay) as scope:
            if waits:
                await asyncio.sleep(0)
                print(label, "went on")
        print(label, "-> ok, expired", int(scope.expired()))
    except TimeoutError:
        print(label, "-> timeout, expired", int(scope.expired()))


async def main():
    await attempt("zero, no wait", 0, False)
    await attempt("past, no wait", -1, False)
    await attempt("zero, a yield", 0, True)
    await attempt("past, a yield", -1, True)
    await attempt("none, a yield", None, True)


asyncio.run(main())
