"""Fuzz what anybody can send to a webhook's URL, guided by coverage.

Needs atheris, which is not among the development extras:

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
MAX_BODY = 1024
STATUSES = {202, 200, 400, 401, 405, 413, 415}
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
    is_signed, disconnects, part_count = data.ConsumeBool(), data.ConsumeBool(), data.ConsumeIntInRange(1, 4)
    parts = [data.ConsumeBytes(data.ConsumeIntInRange(0, MAX_BODY)) for _ in range(part_count - 1)]
    parts.append(data.ConsumeBytes(sys.maxsize))
    body = b"".join(parts)
    if is_signed:
        headers.append((b"attio-signature", sign(body, SECRET).encode()))
    statuses, read = run_app(method, headers, parts, disconnects=disconnects)
    assert len(statuses) == 1 or disconnects
    assert all(status in STATUSES for status in statuses)
    assert 202 not in statuses or is_signed
    assert read <= MAX_BODY + max(
        map(len, parts)
    )  # reads no further than the part that shows it is too large


def run_app(
    method: str, headers: list[tuple[bytes, bytes]], parts: list[bytes], *, disconnects: bool
) -> tuple[list[int], int]:
    """Return the statuses of the responses, and the number of bytes that were read."""
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": part, "more_body": place < len(parts) - 1 or disconnects}
        for place, part in enumerate(parts)
    ]
    statuses: list[int] = []
    read = 0

    async def receive() -> dict[str, Any]:
        nonlocal read
        if not messages:
            return {"type": "http.disconnect"}
        message = messages.pop(0)
        read += len(message["body"])
        return message

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    receiver = WebhookReceiver(secret=SECRET, store=MemoryStore(), max_body=MAX_BODY)
    scope = {"type": "http", "method": method, "path": "/", "headers": headers}
    anyio.run(receiver.asgi(), scope, receive, send)
    return statuses, read


TARGETS: list[Callable[[atheris.FuzzedDataProvider], None]] = [fuzz_parse, fuzz_verify, fuzz_app]


def fuzz(data: bytes) -> None:
    provider = atheris.FuzzedDataProvider(data)
    TARGETS[provider.ConsumeIntInRange(0, len(TARGETS) - 1)](provider)


if __name__ == "__main__":
    logging.disable()  # logging invalid bodies takes longer than everything else here
    atheris.Setup(sys.argv, fuzz)
    atheris.Fuzz()
