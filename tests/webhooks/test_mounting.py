"""The receiver inside a web framework, and told by a fake workspace."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from attio_async.testing import FakeAttio
from attio_async.webhooks import Event, SQLiteStore, WebhookReceiver

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("https://app.example/hooks/attio", lambda app: Route("/hooks/attio", app)),
        ("https://app.example/hooks/attio/", lambda app: Mount("/hooks/attio", app)),
    ],
)
async def test_within_starlette_and_its_lifespan(tmp_path: Any, address: str, place: Any) -> None:
    fake, told = FakeAttio(), []
    async with fake.client() as attio:
        webhook = await attio.webhooks.create(address, ["record.created"])
        created = [await attio.companies.create({"name": name}) for name in ("Acme", "Other")]
    receiver = WebhookReceiver(secret=webhook.secret, store=SQLiteStore(tmp_path / "hooks.db"))

    @receiver.on("record.created")
    async def handler(event: Event) -> None:
        told.append(event.id)

    async def hello(request: Any) -> PlainTextResponse:
        return PlainTextResponse("hello")

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        async with receiver:
            yield

    app = Starlette(routes=[Route("/", hello), place(receiver.asgi())], lifespan=lifespan)
    async with lifespan(app):
        attempts = await fake.webhooks.deliver(app)
    assert [attempt.status for attempt in attempts] == [202, 202]
    assert sorted(told) == sorted(record.id for record in created)
    assert receiver.waiting == 0
