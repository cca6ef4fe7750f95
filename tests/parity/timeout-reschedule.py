"""a deadline moved later, earlier, to never; not after it has passed"""
import asyncio

T = 0.02


async def attempt(label, first, moved, ticks):
    loop = asyncio.get_running_loop()
    start = loop.time()
    try:
        async with asyncio.timeout(first * T) as scope:
            await asyncio.sleep(T)
            scope.reschedule(None if moved is None else start + moved * T)
            await asyncio.sleep(ticks * T)
        print(label, "-> ok, expired", int(scope.expired()))
    except TimeoutError:
        print(label, "-> timeout, expired", int(scope.expired()))


async def main():
    await attempt("later, in time", 3, 9, 4)
    await attempt("later, too late", 3, 6, 9)
    await attempt("earlier", 20, 4, 9)
    await attempt("to the past", 20, -1, 9)
    await attempt("to never", 3, None, 5)
    try:
        async with asyncio.timeout(T) as scope:
            try:
                await asyncio.sleep(5 * T)
            finally:
                try:
                    scope.reschedule(asyncio.get_running_loop().time() + 9 * T)
                except RuntimeError:
                    print("after it has passed: refused")
    except TimeoutError:
        print("timeout")


asyncio.run(main())
