"""a second run after the first, and a run inside a run"""
import asyncio

T = 0.02


async def nothing():
    print("must not appear")


async def job(n):
    await asyncio.sleep(T)
    if n == 2:
        coroutine = nothing()
        try:
            asyncio.run(coroutine)
            print("inside: accepted")
        except RuntimeError:
            print("inside: refused")
            coroutine.close()
    return n


print("first:", asyncio.run(job(1)))
print("second:", asyncio.run(job(2)))
print("third:", asyncio.run(job(3)))
