"""wait_for with no time at all: what has ended is returned, the rest is cancelled"""
import asyncio

T = 0.02


async def work(ticks):
    await asyncio.sleep(ticks * T)
    return "value"


async def attempt(label, ended, limit):
    t = asyncio.create_task(work(1))
    if ended:
        await asyncio.sleep(2 * T)
    try:
        print(label, "->", await asyncio.wait_for(t, limit), end="")
    except TimeoutError:
        print(label, "-> timeout", end="")
    print(" | cancelled", int(t.cancelled()))


async def main():
    await attempt("0, pending", False, 0)
    await attempt("0, ended", True, 0)
    await attempt("less than 0, pending", False, -1)
    await attempt("less than 0, ended", True, -1)
    await attempt("no limit", False, None)


asyncio.run(main())
