"""Fuzzing of what anybody may send to a webhook's address, guided by which lines it reaches.

Needs atheris, which is no part of the development extras:

    pip install atheris . && python tests/fuzz/webhooks.py -max_total_time=120 -rss_limit_mb=512 -max_len=4096
"""

import logging
import sys
from collections.abc import Callable
from typing import Any

import anyio
import atheris

with atheris.instrument_imports(include=["attio_async.webhooks"]):
    from attio_async.errors import InvalidDelivery
    from attio_async.webhooks import (
        Event,
        MemoryStore,
        WebhookReceiver,
        parse,
        sign,
        verify,
    )

SECRET = "secret"
MOST = 1024
ANSWERS = {202, 200, 400, 401, 405, 413, 415}
HEADERS = [b"attio-signature", b"x-attio-signature", b"content-length", b"content-type", b"content-encoding"]


def fuzz_parse(data: atheris.FuzzedDataProvider) -> None:
    body = data.ConsumeBytes(sys.maxsize)
    try:
        events = parse(body, message_id="m")
    except InvalidDelivery:
        return
    for place, event in enumerate(events):
        assert isinstance(event, Event)
        assert event.key == f"m#{place}"
        assert isinstance(event.id, str)
        hash(event)
        repr(event)


def fuzz_verify(data: atheris.FuzzedDataProvider) -> None:
    signature: str | bytes = (
        data.ConsumeBytes(80) if data.ConsumeBool() else data.ConsumeUnicode(data.ConsumeIntInRange(0, 80))
    )
    body = data.ConsumeBytes(sys.maxsize)
    assert not verify(body, signature, SECRET)
    assert verify(body, sign(body, SECRET).upper(), ["other", SECRET])


def fuzz_app(data: atheris.FuzzedDataProvider) -> None:
    headers = [
        (data.PickValueInList(HEADERS), data.ConsumeBytes(data.ConsumeIntInRange(0, 70)))
        for _ in range(data.ConsumeIntInRange(0, 3))
    ]
    method = data.PickValueInList(["POST", "POST", "POST", "GET", ""])
    is_signed, goes_away, pieces = data.ConsumeBool(), data.ConsumeBool(), data.ConsumeIntInRange(1, 4)
    parts = [data.ConsumeBytes(data.ConsumeIntInRange(0, MOST)) for _ in range(pieces - 1)]
    parts.append(data.ConsumeBytes(sys.maxsize))
    body = b"".join(parts)
    if is_signed:
        headers.append((b"attio-signature", sign(body, SECRET).encode()))
    statuses, taken = run_app(method, headers, parts, goes_away=goes_away)
    assert len(statuses) == 1 or goes_away
    assert all(status in ANSWERS for status in statuses)
    assert 202 not in statuses or is_signed
    assert taken <= MOST + max(map(len, parts))  # reads no further than the piece that shows it is too long


def run_app(
    method: str, headers: list[tuple[bytes, bytes]], parts: list[bytes], *, goes_away: bool
) -> tuple[list[int], int]:
    """The statuses of the answers, and how many bytes were taken."""
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": part, "more_body": place < len(parts) - 1 or goes_away}
        for place, part in enumerate(parts)
    ]
    statuses: list[int] = []
    taken = 0

    async def receive() -> dict[str, Any]:
        nonlocal taken
        if not messages:
            return {"type": "http.disconnect"}
        message = messages.pop(0)
        taken += len(message["body"])
        return message

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    receiver = WebhookReceiver(secret=SECRET, store=MemoryStore(), max_body=MOST)
    scope = {"type": "http", "method": method, "path": "/", "headers": headers}
    anyio.run(receiver.asgi(), scope, receive, send)
    return statuses, taken


TARGETS: list[Callable[[atheris.FuzzedDataProvider], None]] = [fuzz_parse, fuzz_verify, fuzz_app]


def fuzz(data: bytes) -> None:
    provider = atheris.FuzzedDataProvider(data)
    TARGETS[provider.ConsumeIntInRange(0, len(TARGETS) - 1)](provider)


if __name__ == "__main__":
    logging.disable()  # what cannot be read is told to the log, which takes longer than anything else here
    atheris.Setup(sys.argv, fuzz)
    atheris.Fuzz()
