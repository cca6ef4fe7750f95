"""each of several tasks has its own context, seen by what it calls and gathers"""
import asyncio
import contextvars

T = 0.02
var = contextvars.ContextVar("var", default="none")


async def leaf(label):
    await asyncio.sleep(T)
    print(label, "sees", var.get())


async def handler(name):
    var.set(name)
    await leaf(name + " itself")
    await asyncio.gather(leaf(name + " child 1"), leaf(name + " child 2"))
    async with asyncio.TaskGroup() as group:
        group.create_task(leaf(name + " group"))
        var.set(name + " changed")
    print(name, "now", var.get())


async def main():
    await handler("x")
    print("main sees", var.get())
    await asyncio.create_task(handler("y"))
    print("main sees", var.get())


asyncio.run(main())
