"""gather of tasks that had failed before: which error is the first"""
import asyncio

T = 0.02


async def job(name, ticks, fails):
    await asyncio.sleep(ticks * T)
    if fails:
        raise ValueError(name)
    return name


async def attempt(label, *specs):
    tasks = [asyncio.create_task(job(*spec)) for spec in specs]
    await asyncio.sleep(4 * T)
    try:
        print(label, *await asyncio.gather(*tasks))
    except ValueError as error:
        print(label, "error:", error)


async def main():
    await attempt("one failed:", ("a", 1, False), ("b", 2, True))
    await attempt("both, in order:", ("a", 1, True), ("b", 2, True))
    await attempt("both, the second earlier:", ("a", 3, True), ("b", 1, True))


asyncio.run(main())
