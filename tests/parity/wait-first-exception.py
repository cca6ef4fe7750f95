"""wait for the first exception: a cancelled task is none"""
import asyncio

T = 0.02


async def job(ticks, fails):
    await asyncio.sleep(ticks * T)
    if fails:
        raise ValueError("job")


async def attempt(label, specs, cancel):
    tasks = [asyncio.create_task(job(*spec)) for spec in specs]
    if cancel:
        asyncio.get_running_loop().call_later(T, tasks[0].cancel)
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    print(label, "ended:", " ".join(str(int(t in done)) for t in tasks))
    for t in tasks:
        t.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def main():
    await attempt("one fails", ((9, False), (3, True), (2, False)), False)
    await attempt("one is cancelled", ((9, False), (3, False), (5, False)), True)
    await attempt("cancelled, then one fails", ((9, False), (3, True), (9, False)), True)
    await attempt("none fails", ((1, False), (2, False), (3, False)), False)


asyncio.run(main())
