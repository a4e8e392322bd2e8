"""Receiving deliveries into a file and handling them, on one core: how many a second, and how soon they are answered."""

import json
import os
import statistics
import tempfile
import time
import uuid
from pathlib import Path

import anyio

from attio_async.webhooks import (
    Event,
    SQLiteStore,
    WebhookReceiver,
    sign,
)
from harness import GoalLine

SECRET = "secret" * 10
DELIVERIES = 5000
AT_ONCE = 25
RATE = 500.0


def delivery(number: int) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    ids = {
        name: str(uuid.UUID(int=number % 200))
        for name in ("workspace_id", "object_id", "record_id", "attribute_id")
    }
    event = {
        "event_type": "record.updated",
        "id": ids,
        "actor": {"type": "workspace-member", "id": ids["object_id"]},
    }
    body = json.dumps({"webhook_id": ids["object_id"], "events": [event]}).encode()
    headers = [(b"attio-signature", sign(body, SECRET).encode()), (b"idempotency-key", str(number).encode())]
    return body, headers


async def receive_all(folder: Path) -> tuple[float, list[float], int]:
    """Seconds for all of them handled, seconds until each was answered, and how many were handled."""
    receiver = WebhookReceiver(secret=SECRET, store=SQLiteStore(folder / "hooks.db"))
    app, waiting, answered, handled = receiver.asgi(), iter(range(DELIVERIES)), [], 0

    @receiver.on("record.updated")
    async def handler(_: Event) -> None:
        nonlocal handled
        handled += 1

    async def sender() -> None:
        for number in waiting:
            body, headers = delivery(number)
            start = time.perf_counter()

            async def receive(body: bytes = body) -> dict[str, object]:
                return {"type": "http.request", "body": body}

            async def send(message: object) -> None: ...

            await app({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive, send)
            answered.append(time.perf_counter() - start)

    start = time.perf_counter()
    async with receiver, anyio.create_task_group() as group:
        for _ in range(AT_ONCE):
            group.start_soon(sender)
    return time.perf_counter() - start, answered, handled


def lines() -> list[GoalLine]:
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    if cores:
        os.sched_setaffinity(0, {min(cores)})
    try:
        with tempfile.TemporaryDirectory() as folder:
            seconds, answered, handled = anyio.run(receive_all, Path(folder))
    finally:
        if cores:
            os.sched_setaffinity(0, cores)
    rate = handled / seconds
    slow = statistics.quantiles(answered, n=100)[98] * 1000
    return [
        GoalLine(
            f"{DELIVERIES} deliveries kept in SQLite and handled, one core",
            f"{rate:.0f} a second",
            f"at least {RATE:.0f}",
            rate >= RATE and handled == DELIVERIES,
        ),
        GoalLine(
            f"answered within, {AT_ONCE} at once, 99th percentile",
            f"{slow:.0f} ms",
            "at most 50 ms",
            slow <= 50,
        ),
    ]
