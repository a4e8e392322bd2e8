"""A process that sweeps for changes until it is killed; it logs the changes it was given and confirmed.

With "events", a receiver also gets events of all records, in an order of its own.

Usage: sweep_process.py WORKSPACE STATE LOG [events]
"""

import json
import os
import random
import sys
from pathlib import Path

import anyio

import attio_async.bulk._changes.sources as sources_module
from attio_async.testing import FakeAttio
from attio_async.webhooks import WebhookReceiver, sign

workspace, state, log_path = sys.argv[1:4]
with_events = sys.argv[4:] == ["events"]
log = os.open(log_path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
sources_module.MAX_PAGE_SIZE = 20


def note(what: str, place: int, told: str) -> None:
    os.write(log, f"{what} {place} {told}\n".encode())


async def deliver(receiver: WebhookReceiver, fake: FakeAttio) -> None:
    records = fake.records("people")
    random.shuffle(records)
    for number, record in enumerate(records):
        event = {"event_type": "record.updated", "id": record["id"]}
        body = json.dumps({"webhook_id": "w", "events": [event]}).encode()
        headers = {"Attio-Signature": sign(body, "s"), "Idempotency-Key": str(number)}
        await receiver.receive(headers, body)
    await receiver.drain()


async def main() -> None:
    fake = FakeAttio.from_json(Path(workspace).read_bytes())  # noqa: ASYNC240 - nothing else runs
    receiver = WebhookReceiver(secret="s")
    async with fake.client() as attio, attio.feed(state, objects=["people"], receiver=receiver) as feed:
        if with_events:
            await deliver(receiver, fake)
        async for change in feed:
            told = f"{type(change).__name__}-{change.record_id}-{getattr(change, 'attribute', '')}"
            note("given", change.place, told)
            await change.ack()
            note("confirmed", change.place, told)
    note("finished", 0, "")


anyio.run(main)
