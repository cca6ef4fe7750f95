# SPDX-License-Identifier: MIT
"""aiohttp_fetch.py LIST ROWS: fetch the URLs of LIST, 50 in flight, a row for each.

As one would write it: one session, a semaphore, gather, JSON lines. A row has what
a script has at hand, which is less than a row of cio fetch.
"""
import asyncio
import json
import sys
import time

import aiohttp


async def fetch(session, slots, rows, seq, url):
    async with slots:
        start = time.monotonic()
        row = {"seq": seq, "url": url, "http_code": 0, "ok": False, "error": None}
        try:
            async with session.get(url) as answer:
                body = await answer.read()
                row["http_code"] = answer.status
                row["ok"] = 200 <= answer.status < 400
                row["size_download"] = len(body)
                row["content_type"] = answer.headers.get("Content-Type")
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            row["error"] = str(error)
        row["time_total"] = time.monotonic() - start
        rows.write(json.dumps(row) + "\n")


async def main():
    slots = asyncio.Semaphore(50)
    with open(sys.argv[1]) as urls, open(sys.argv[2], "w") as rows:
        async with aiohttp.ClientSession() as session:
            await asyncio.gather(*(
                fetch(session, slots, rows, seq, url.strip())
                for seq, url in enumerate(urls, 1)))


asyncio.run(main())
