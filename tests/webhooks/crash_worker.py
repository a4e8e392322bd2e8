"""A process that receives deliveries and is killed while it does; a log tells what it handled.

Usage: crash_worker.py STORE LOG PLAN

STORE is a file, the URL of a Redis server, or the connection string of a PostgreSQL database. PLAN has a line with a key and a record number for each delivery, in the
order of sending.
"""

import os
import random
import sys
from pathlib import Path

import anyio

from attio_async.webhooks import (
    DeliveryStore,
    Event,
    HandlerRetry,
    PostgresStore,
    RedisStore,
    SQLiteStore,
    WebhookReceiver,
)

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.webhooks.support import SECRET, deliver, raw_update

database, log_path, plan_path = sys.argv[1:4]
plan = [line.split() for line in Path(plan_path).read_text(encoding="utf-8").splitlines()]
log = os.open(log_path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)


def store_in(database: str) -> DeliveryStore:
    if "dbname=" in database:
        return PostgresStore(database, name="crashing")
    return RedisStore(database, name="crashing") if "://" in database else SQLiteStore(database)


receiver = WebhookReceiver(
    secret=SECRET,
    store=store_in(database),
    retry=HandlerRetry(attempts=1000, base=0.001, cap=0.001),
)


def note(what: str, key: str) -> None:
    os.write(log, f"{what} {key}\n".encode())


@receiver.on(name="handler")
async def on_event(event: Event) -> None:
    note("began", event.message_id)
    await anyio.sleep(random.random() * 0.002)
    if random.random() < 0.1:
        raise RuntimeError("at random")
    note("handled", event.message_id)


async def main() -> None:
    async with receiver:
        for start in range(0, len(plan), 20):
            async with anyio.create_task_group() as group:
                for key, record in plan[start : start + 20]:
                    group.start_soon(send, key, int(record))
        while receiver.pending_count:  # noqa: ASYNC110 - the receiver has no event to wait for
            await anyio.sleep(0.01)
    note("finished", "all")


async def send(key: str, record: int) -> None:
    status = await deliver(receiver, key, raw_update(record))
    note(f"answered-{status}", key)


anyio.run(main)
