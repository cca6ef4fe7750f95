"""main fails while others run: they are cancelled, one fails in its cleanup"""
import asyncio

T = 0.02


async def background(name, ticks, fails):
    try:
        await asyncio.sleep(50 * T)
    except asyncio.CancelledError:
        await asyncio.sleep(ticks * T)
        print(name, "has cleaned up")
        if fails:
            raise ValueError(name)
        raise


async def main():
    asyncio.get_running_loop().set_exception_handler(
        lambda loop, context: print("reported:", context["exception"]))
    tasks = [asyncio.create_task(background(*spec))
             for spec in (("a", 3, False), ("b", 1, True), ("c", 2, False))]
    await asyncio.sleep(T)
    print("main fails")
    raise ValueError("main")


try:
    asyncio.run(main())
except ValueError as error:
    print("run: error:", error)
