"""One of several processes that read as fast as a shared limit lets them; tells how many answers it got.

    python benchmarks/shared_worker.py http://127.0.0.1:PORT unix:///REDIS.SOCK READERS SECONDS NUMBER

It says when it is ready, and begins with the next line of its standard input.
"""

import sys
import time

import anyio
import anyio.to_thread

from attio_async import Attio, RedisRateLimiter


async def read(url: str, redis: str, readers: int, seconds: float, number: int) -> int:
    done = sent = 0
    end = 0.0

    async def reader() -> None:
        nonlocal done, sent
        while time.monotonic() < end:
            sent += 1
            await attio.request("GET", f"/v2/tasks/{number}-{sent}")
            done += 1

    async with Attio("x", base_url=url, limiter=RedisRateLimiter(redis, scope="bench")) as attio:
        print("ready", flush=True)
        await anyio.to_thread.run_sync(sys.stdin.readline)
        end = time.monotonic() + seconds
        with anyio.move_on_after(seconds + 2):
            async with anyio.create_task_group() as group:
                for _ in range(readers):
                    group.start_soon(reader)
    return done


if __name__ == "__main__":
    url, redis, readers, seconds, number = sys.argv[1:]
    print(anyio.run(read, url, redis, int(readers), float(seconds), int(number)), flush=True)
