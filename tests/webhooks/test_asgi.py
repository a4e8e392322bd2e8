"""The receiver over HTTP: rejected requests, and how it runs alone, mounted, as a route and under a server."""

import json
import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from attio_async.testing import FakeAttio
from attio_async.webhooks import Event, MemoryStore, SQLiteStore, WebhookReceiver, sign

from .support import (
    SECRET,
    AppResponse,
    body_of,
    headers_of,
    http_scope,
    post,
    raw_update,
    recording_receiver,
)

pytestmark = pytest.mark.anyio

BODY = body_of(raw_update())
SIGNED = headers_of(BODY, "m")


async def test_a_delivery_is_answered_and_then_handled() -> None:
    receiver, handled = recording_receiver()
    response = await post(receiver, BODY, SIGNED)
    assert (response.status, response.body) == (202, b"accepted")
    assert handled == ["m#0"]
    assert (await post(receiver, BODY, SIGNED)).status == 200
    assert handled == ["m#0"]


async def test_the_response_does_not_wait_for_the_handler() -> None:
    receiver, handled = WebhookReceiver(secret=SECRET), []
    response, is_answered = AppResponse(), anyio.Event()

    @receiver.on()
    async def on_event(event: Event) -> None:
        await is_answered.wait()
        handled.append(event.key)

    async def receive() -> Any:
        return {"type": "http.request", "body": BODY, "more_body": False}

    async def send(message: Any) -> None:
        await response.send(message)
        if message["type"] == "http.response.body":
            assert handled == []
            is_answered.set()

    await receiver.asgi()(http_scope(SIGNED), receive, send)
    assert response.status == 202
    assert handled == ["m#0"]


async def test_either_header_carries_the_signature() -> None:
    for name in ("Attio-Signature", "X-Attio-Signature"):
        receiver, handled = recording_receiver()
        headers = {name: sign(BODY, SECRET), "Idempotency-Key": "m"}
        assert (await post(receiver, BODY, headers)).status == 202, name
        assert handled == ["m#0"]


async def test_a_body_may_arrive_in_parts() -> None:
    receiver, handled = recording_receiver()
    assert (await post(receiver, [BODY[:1], b"", BODY[1:9], BODY[9:]], SIGNED)).status == 202
    assert handled == ["m#0"]


REQUESTS: list[tuple[dict[str, str], bytes, str, int]] = [
    (SIGNED, BODY, "GET", 405),
    (SIGNED, BODY, "HEAD", 405),
    (SIGNED, BODY, "PUT", 405),
    (SIGNED | {"content-length": "2000000"}, BODY, "POST", 413),
    (SIGNED | {"content-length": "9" * 10_000}, BODY, "POST", 413),
    (SIGNED | {"content-length": "0" * 10_000 + str(len(BODY))}, BODY, "POST", 202),
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
]


async def test_the_status_of_each_response() -> None:
    misfits = []
    for headers, body, method, status in REQUESTS:
        receiver, handled = recording_receiver()
        response = await post(receiver, body, headers, method=method)
        is_right = (
            response.status == status
            and (response.headers.get(b"allow") == b"POST") == (status == 405)
            and response.headers[b"content-length"] == str(len(response.body)).encode()
            and bool(handled) == (status == 202 and bool(body))
        )
        if not is_right:
            misfits.append((str(headers)[:200], body[:50], method, status, vars(response)))
    assert misfits == []


async def test_a_sender_that_disconnects_gets_no_response() -> None:
    receiver, handled = recording_receiver()
    response = await post(receiver, BODY, SIGNED, disconnects=True)
    assert (response.status, handled) == (0, [])


async def test_no_more_than_the_allowed_size_is_read() -> None:
    receiver, _ = recording_receiver(max_body=1000)
    read = 0

    async def receive() -> Any:
        nonlocal read
        read += 100
        return {"type": "http.request", "body": b"x" * 100, "more_body": True}

    response = AppResponse()
    await receiver.asgi()(http_scope({}), receive, response.send)
    assert (response.status, read) == (413, 1100)


async def test_websockets_are_closed() -> None:
    receiver, _ = recording_receiver()
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await receiver.asgi()({"type": "websocket"}, None, send)  # type: ignore[arg-type]
    assert sent == [{"type": "websocket.close", "code": 1003}]


class Lifespan:
    """The server's side of the lifespan protocol."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.is_up, self.is_over = anyio.Event(), anyio.Event()
        self._messages = ["lifespan.startup", "lifespan.shutdown"]

    async def receive(self) -> Any:
        message = self._messages.pop(0)
        if message == "lifespan.shutdown":
            await self.is_over.wait()
        return {"type": message}

    async def send(self, message: Any) -> None:
        self.sent.append(message["type"])
        self.is_up.set()


async def test_run_alone_it_handles_in_the_background_and_finishes_at_shutdown() -> None:
    receiver, handled = recording_receiver()
    lifespan = Lifespan()
    async with anyio.create_task_group() as group:
        group.start_soon(receiver.asgi(), {"type": "lifespan"}, lifespan.receive, lifespan.send)
        await lifespan.is_up.wait()
        assert (await post(receiver, BODY, SIGNED)).status == 202
        lifespan.is_over.set()
    assert handled == ["m#0"]
    assert lifespan.sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def test_a_store_that_fails_prevents_the_start() -> None:
    class Broken(MemoryStore):
        async def pending(self):
            raise OSError("no disk")

    receiver, _ = recording_receiver(store=Broken())
    lifespan = Lifespan()
    with pytest.raises(OSError, match="no disk"):
        await receiver.asgi()({"type": "lifespan"}, lifespan.receive, lifespan.send)
    assert lifespan.sent == ["lifespan.startup.failed"]


def test_it_runs_under_uvicorn() -> None:
    receiver, handled = WebhookReceiver(secret=SECRET), []

    @receiver.on()
    async def on_event(event: Event) -> None:
        handled.append(event.key)

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
    assert handled == ["m0#0", "m1#0", "m2#0"]


async def test_a_route_or_mount_of_starlette_takes_deliveries_of_the_fake(tmp_path: Path) -> None:
    for url, place in [
        ("https://app.example.com/hooks/attio", lambda app: Route("/hooks/attio", app)),
        ("https://app.example.com/hooks/attio/", lambda app: Mount("/hooks/attio", app)),
    ]:
        fake, handled = FakeAttio(), []
        async with fake.client() as attio:
            webhook = await attio.webhooks.create(url, ["record.created"])
            created = [await attio.companies.create({"name": name}) for name in ("Acme", "Other")]
        store = SQLiteStore(tmp_path / f"{len(url)}.db")
        receiver = WebhookReceiver(secret=webhook.secret, store=store)

        @receiver.on("record.created")
        async def on_create(event: Event, handled: list[str] = handled) -> None:
            handled.append(event.id)

        app = starlette_app(receiver, place)
        async with app.router.lifespan_context(app):
            attempts = await fake.webhooks.deliver(app)
        assert [attempt.status for attempt in attempts] == [202, 202], url
        assert sorted(handled) == sorted(record.id for record in created)
        assert receiver.pending_count == 0


def starlette_app(receiver: WebhookReceiver, place: Any) -> Starlette:
    async def hello(request: Any) -> PlainTextResponse:
        return PlainTextResponse("hello")

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        async with receiver:
            yield

    return Starlette(routes=[Route("/", hello), place(receiver.asgi())], lifespan=lifespan)
