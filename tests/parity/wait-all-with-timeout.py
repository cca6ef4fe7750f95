"""wait: all or a failure or a limit, what each leaves; nothing to wait for is an error"""
import asyncio

T = 0.02


async def work(ticks, error=None):
    await asyncio.sleep(ticks * T)
    if error:
        raise OSError(error)


def spawn(*args):
    return [asyncio.create_task(work(*a)) for a in args]


def show(label, tasks, done):
    print(label, "| ended", len(done), "|", *[int(t.done()) for t in tasks])


async def main():
    tasks = spawn((1,), (3,), (9,))
    done, _ = await asyncio.wait(tasks, timeout=5 * T)
    show("all, limit in between", tasks, done)
    done, _ = await asyncio.wait(tasks)
    show("all", tasks, done)

    tasks = spawn((1,), (2, "boom"), (4,))
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    show("first failure", tasks, done)
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    show("it has failed before", tasks, done)
    await asyncio.wait(tasks)

    tasks = spawn((1,), (3,), (9,))
    tasks[2].cancel()
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    show("a cancel is no failure", tasks, done)

    tasks = spawn((1,), (2,))
    done, _ = await asyncio.wait(tasks, timeout=0)
    show("no time", tasks, done)
    await asyncio.wait(tasks)
    done, _ = await asyncio.wait(tasks, timeout=0)
    show("no time, ended before", tasks, done)
    try:
        await asyncio.wait([])
    except ValueError:
        print("nothing: error: invalid")


asyncio.run(main())
