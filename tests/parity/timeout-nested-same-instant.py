"""two timeouts that end at the same instant: the outer one counts"""
import asyncio

T = 0.02


async def main():
    end = asyncio.get_running_loop().time() + T
    try:
        async with asyncio.timeout_at(end) as outer:
            try:
                async with asyncio.timeout_at(end) as inner:
                    await asyncio.sleep(5 * T)
            except TimeoutError:
                print("inner: timeout")
                raise
            except asyncio.CancelledError:
                print("inner: cancelled")
                raise
    except TimeoutError:
        print("outer: timeout")
    print("outer expired", int(outer.expired()))
    await asyncio.sleep(T)
    print("nothing is left of it")


asyncio.run(main())
