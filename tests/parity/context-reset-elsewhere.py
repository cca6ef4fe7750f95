"""a context variable's token is used twice, and by another task"""
import asyncio
import contextvars

var = contextvars.ContextVar("var", default=0)


async def resets(token):
    try:
        var.reset(token)
        print("in another task: accepted")
    except ValueError:
        print("in another task: refused, sees", var.get())
    var.set(9)


async def main():
    first = var.set(1)
    second = var.set(2)
    await asyncio.create_task(resets(second))
    print("main sees", var.get())
    var.reset(second)
    print("reset, sees", var.get())
    try:
        var.reset(second)
        print("again: accepted")
    except RuntimeError:
        print("again: refused")
    var.reset(first)
    print("reset, sees", var.get())


asyncio.run(main())
