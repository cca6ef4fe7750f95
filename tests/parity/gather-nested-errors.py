"""a gather inside a gather: what is collected, and whose error it is"""
import asyncio

T = 0.02


async def fails(name, ticks):
    await asyncio.sleep(ticks * T)
    raise ValueError(name)


async def value(n, ticks):
    await asyncio.sleep(ticks * T)
    return n


async def main():
    results = await asyncio.gather(fails("a", 3), value(7, 2), fails("b", 1),
                                   return_exceptions=True)
    print("collected:", *results)
    inner = asyncio.gather(fails("in", 1), value(8, 2), return_exceptions=True)
    results = await asyncio.gather(inner, value(9, 1))
    print("inner collected:", *results[0], "| other:", results[1])
    inner = asyncio.gather(fails("in", 1), value(8, 2))
    try:
        await asyncio.gather(inner, value(9, 3))
    except ValueError as error:
        print("inner error:", error)


asyncio.run(main())
