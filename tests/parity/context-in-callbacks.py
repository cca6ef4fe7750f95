"""what calls and done callbacks see of context variables, and what they set"""
import asyncio
import contextvars

T = 0.02
var = contextvars.ContextVar("var", default=0)


def show(label):
    print(label, "sees", var.get())
    var.set(99)


async def job():
    var.set(50)
    await asyncio.sleep(T)
    print("job sees", var.get())


async def main():
    loop = asyncio.get_running_loop()
    var.set(1)
    loop.call_soon(show, "soon")
    loop.call_later(T, show, "later")
    var.set(2)
    loop.call_soon(show, "soon again")
    task = asyncio.create_task(job())
    var.set(3)
    task.add_done_callback(lambda t: show("done callback"))
    var.set(4)
    await task
    await asyncio.sleep(3 * T)
    print("main sees", var.get())


asyncio.run(main())
