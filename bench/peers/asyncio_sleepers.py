# SPDX-License-Identifier: MIT
"""asyncio_sleepers.py TASKS: CPU seconds of tasks that each sleep 0 to 1 s."""
import asyncio
import random
import sys
import time


async def main():
    start = time.process_time()
    async with asyncio.TaskGroup() as group:
        for _ in range(int(sys.argv[1])):
            group.create_task(asyncio.sleep(random.randrange(1000) / 1000))
    print(f"{time.process_time() - start:.3f}")


asyncio.run(main())
