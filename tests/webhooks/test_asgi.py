"""The receiver over HTTP: what is refused and in which order, and how it runs alone, mounted and not."""

import json
import threading
from typing import Any

import anyio
import httpx
import pytest
import uvicorn

from attio_async.testing import VirtualClock
from attio_async.webhooks import (
    Event,
    MemoryStore,
    WebhookReceiver,
    sign,
)

from .support import (
    SECRET,
    Answered,
    body_of,
    headers_of,
    post,
    updated,
)

pytestmark = pytest.mark.anyio

BODY = body_of(updated())


def receiving(**options: Any) -> tuple[WebhookReceiver, list[str]]:
    receiver = WebhookReceiver(**{"secret": SECRET, "clock": VirtualClock()} | options)
    told: list[str] = []

    @receiver.on()
    async def handler(event: Event) -> None:
        told.append(event.key)

    return receiver, told


async def test_a_delivery_is_answered_and_then_handled() -> None:
    receiver, told = receiving()
    answered = await post(receiver, BODY, headers_of(BODY, "m"))
    assert (answered.status, answered.body) == (202, b"accepted")
    assert told == ["m#0"]
    assert (await post(receiver, BODY, headers_of(BODY, "m"))).status == 200
    assert told == ["m#0"]


async def test_the_answer_does_not_wait_for_the_handler() -> None:
    receiver, finished = WebhookReceiver(secret=SECRET), []
    answered, going_on = Answered(), anyio.Event()

    @receiver.on()
    async def handler(event: Event) -> None:
        await going_on.wait()
        finished.append(event.key)

    async def receive() -> Any:
        return {"type": "http.request", "body": BODY, "more_body": False}

    async def send(message: Any) -> None:
        await answered.send(message)
        if message["type"] == "http.response.body":
            assert finished == []
            going_on.set()

    session = [(name.encode(), value.encode()) for name, value in headers_of(BODY, "m").items()]
    await receiver.asgi()({"type": "http", "method": "POST", "path": "/", "headers": session}, receive, send)
    assert answered.status == 202
    assert finished == ["m#0"]


async def test_either_header_carries_the_signature() -> None:
    for name in ("Attio-Signature", "X-Attio-Signature"):
        receiver, told = receiving()
        assert (await post(receiver, BODY, {name: sign(BODY, SECRET), "Idempotency-Key": "m"})).status == 202
        assert told == ["m#0"]


async def test_a_body_may_come_in_pieces() -> None:
    receiver, told = receiving()
    pieces = [BODY[:1], b"", BODY[1:9], BODY[9:]]
    assert (await post(receiver, pieces, headers_of(BODY, "m"))).status == 202
    assert told == ["m#0"]


SIGNED = headers_of(BODY, "m")


@pytest.mark.parametrize(
    ("headers", "body", "method", "status"),
    [
        (SIGNED, BODY, "GET", 405),
        (SIGNED, BODY, "HEAD", 405),
        (SIGNED, BODY, "PUT", 405),
        (SIGNED | {"content-length": "2000000"}, BODY, "POST", 413),
        (SIGNED | {"content-length": "9" * 10_000}, BODY, "POST", 413),
        ({}, b"x" * 10_000_000, "POST", 413),
        (SIGNED | {"content-length": "-1"}, BODY, "POST", 400),
        (SIGNED | {"content-length": "\xb2"}, BODY, "POST", 400),
        (SIGNED | {"content-type": "text/html"}, BODY, "POST", 415),
        (SIGNED | {"content-encoding": "gzip"}, BODY, "POST", 415),
        ({}, BODY, "POST", 401),
        (SIGNED | {"attio-signature": ""}, BODY, "POST", 401),
        (SIGNED | {"attio-signature": "v1=" + SIGNED["attio-signature"]}, BODY, "POST", 401),
        (SIGNED, BODY + b" ", "POST", 401),
        (SIGNED, json.dumps(json.loads(BODY), indent=1).encode(), "POST", 401),
        (headers_of(BODY, "m", secret="another"), BODY, "POST", 401),
        (SIGNED, b"", "POST", 401),
        ({}, b"{not json", "POST", 401),
        (SIGNED | {"attio-signature": SIGNED["attio-signature"].upper()}, BODY, "POST", 202),
        (SIGNED | {"content-type": "application/json; charset=utf-8"}, BODY, "POST", 202),
        (headers_of(b"", "m"), b"", "POST", 202),
    ],
)
async def test_what_is_answered(headers: dict[str, str], body: bytes, method: str, status: int) -> None:
    receiver, told = receiving()
    answered = await post(receiver, body, headers, method=method)
    assert answered.status == status
    assert (answered.headers.get(b"allow") == b"POST") == (status == 405)
    assert answered.headers[b"content-length"] == str(len(answered.body)).encode()
    assert bool(told) == (status == 202 and bool(body))


async def test_a_sender_that_goes_away_is_not_answered() -> None:
    receiver, told = receiving()
    answered = await post(receiver, BODY, headers_of(BODY, "m"), goes_away=True)
    assert (answered.status, told) == (0, [])


async def test_no_more_than_allowed_is_read() -> None:
    receiver, _ = receiving(max_body=1000)
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        sent += 100
        return {"type": "http.request", "body": b"x" * 100, "more_body": True}

    answered = Answered()
    await receiver.asgi()(
        {"type": "http", "method": "POST", "path": "/", "headers": []}, endless, answered.send
    )
    assert (answered.status, sent) == (413, 1100)


async def test_websockets_are_closed() -> None:
    receiver, _ = receiving()
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await receiver.asgi()({"type": "websocket"}, None, send)  # type: ignore[arg-type]
    assert sent == [{"type": "websocket.close", "code": 1003}]


class Lifespan:
    """The server's side of the lifespan protocol."""

    def __init__(self) -> None:
        self.said: list[Any] = []
        self.is_up, self.ends = anyio.Event(), anyio.Event()
        self._messages = ["lifespan.startup", "lifespan.shutdown"]

    async def receive(self) -> Any:
        message = self._messages.pop(0)
        if message == "lifespan.shutdown":
            await self.ends.wait()
        return {"type": message}

    async def send(self, message: Any) -> None:
        self.said.append(message["type"])
        self.is_up.set()


async def test_run_alone_it_handles_in_the_background_and_finishes_in_the_end() -> None:
    receiver, told = receiving()
    lifespan = Lifespan()
    async with anyio.create_task_group() as group:
        group.start_soon(receiver.asgi(), {"type": "lifespan"}, lifespan.receive, lifespan.send)
        await lifespan.is_up.wait()
        assert (await post(receiver, BODY, headers_of(BODY, "m"))).status == 202
        lifespan.ends.set()
    assert told == ["m#0"]
    assert lifespan.said == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def test_a_store_that_cannot_be_used_stops_the_start() -> None:
    class Broken(MemoryStore):
        async def pending(self):
            raise OSError("no disk")

    receiver, _ = receiving(store=Broken())
    lifespan = Lifespan()
    with pytest.raises(OSError, match="no disk"):
        await receiver.asgi()({"type": "lifespan"}, lifespan.receive, lifespan.send)
    assert lifespan.said == ["lifespan.startup.failed"]


def test_it_runs_under_uvicorn() -> None:
    receiver = WebhookReceiver(secret=SECRET)
    told: list[str] = []

    @receiver.on()
    async def handler(event: Event) -> None:
        told.append(event.key)

    server = uvicorn.Server(
        uvicorn.Config(receiver.asgi(), port=0, ws="none", log_config=None, access_log=False, lifespan="on")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
        port = server.servers[0].sockets[0].getsockname()[1]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            statuses = [
                client.post("/any/path", content=BODY, headers=headers_of(BODY, f"m{place % 3}")).status_code
                for place in range(6)
            ]
            assert statuses == [202, 202, 202, 200, 200, 200]
            assert client.get("/").status_code == 405
    finally:
        server.should_exit = True
        thread.join()
    assert told == ["m0#0", "m1#0", "m2#0"]
