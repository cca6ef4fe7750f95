"""a task's result is asked for before its end, and after a failure and a cancel"""
import asyncio

T = 0.02


async def job(fails):
    await asyncio.sleep(T)
    if fails:
        raise ValueError("job")
    return 7


def ask(label, task):
    try:
        print(label, task.result())
    except asyncio.InvalidStateError:
        print(label, "not yet")
    except asyncio.CancelledError:
        print(label, "cancelled")
    except ValueError:
        print(label, "an error")


async def main():
    tasks = [asyncio.create_task(job(f)) for f in (False, True, False)]
    for t, label in zip(tasks, ("a", "b", "c")):
        ask(label, t)
    tasks[2].cancel()
    ask("c", tasks[2])
    await asyncio.wait(tasks)
    for t, label in zip(tasks, ("a", "b", "c")):
        ask(label, t)
    tasks[0].cancel()
    ask("a, cancelled after its end:", tasks[0])


asyncio.run(main())
