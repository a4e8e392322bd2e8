"""Webhook deliveries: who gets them, their signatures and retries, and unreliable ones."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import anyio
import pytest

from attio_async.errors import ConfigurationError
from attio_async.testing import Deliveries, FakeAttio, UnreliableDeliveries, VirtualClock
from attio_async.testing._events.outbox import matches
from attio_async.webhooks import (
    Event,
    HandlerRetry,
    WebhookReceiver,
    any_of,
    equals,
    parse,
    verify,
)

pytestmark = pytest.mark.anyio

URL = "https://hooks.example.com/attio"


class App:
    """An ASGI application that keeps its requests and responds with the given statuses."""

    def __init__(self, *statuses: int) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self._statuses = list(statuses)

    @property
    def keys(self) -> list[str]:
        return [headers["idempotency-key"] for headers, _ in self.requests]

    @property
    def events(self) -> list[Event]:
        return [event for _, body in self.requests for event in parse(body)]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.requests.append((headers, message["body"]))
        status = self._statuses.pop(0) if self._statuses else 200
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def fake_of(**options: Any) -> FakeAttio:
    return FakeAttio(**{"clock": VirtualClock()} | options)


async def subscribed(
    fake: FakeAttio, *subscriptions: str | Mapping[str, Any], url: str = URL
) -> tuple[str, str]:
    """Return a webhook's id and secret."""
    async with fake.client() as attio:
        webhook = await attio.webhooks.create(url, subscriptions or ["record.created", "record.updated"])
    return str(webhook.id), webhook.secret


async def create(fake: FakeAttio, *names: str) -> list[str]:
    async with fake.client() as attio:
        return [(await attio.companies.create({"name": name})).id for name in names]


async def test_subscribed_events_are_delivered_signed() -> None:
    fake, app = fake_of(), App()
    await create(fake, "Before")
    webhook_id, secret = await subscribed(fake, "record.created")
    await subscribed(fake, "task.created", url="https://other.example.com")
    (record_id,) = await create(fake, "Acme")
    (queued,) = fake.webhooks.queued
    assert (queued.webhook_id, queued.attempts) == (webhook_id, 0)
    (attempt,) = await fake.webhooks.deliver(app)
    assert (attempt.url, attempt.status, attempt.number, attempt.is_success) == (URL, 200, 1, True)
    ((headers, body),) = app.requests
    assert verify(body, headers["attio-signature"], secret)
    assert headers["attio-signature"] == headers["x-attio-signature"]
    assert headers["idempotency-key"] == attempt.key == queued.key
    assert headers["content-type"] == "application/json"
    (event,) = app.events
    assert (event.event_type, event.webhook_id, event.id) == ("record.created", webhook_id, record_id)
    assert event.actor is not None
    assert event.actor.type == "api-token"
    assert fake.webhooks.queued == []
    assert await fake.webhooks.deliver(app) == []


async def test_a_filter_leaves_out_other_events() -> None:
    fake, app = fake_of(), App()
    ships = fake.seed.add_object("ships")
    await subscribed(fake, {"event_type": "record.created", "filter": equals("id.object_id", ships)})
    await create(fake, "Acme")
    assert fake.webhooks.queued == []
    async with fake.client() as attio:
        ship = await attio.records("ships").create({})
    await fake.webhooks.deliver(app)
    assert [event.id for event in app.events] == [ship.id]


EVENT = {"event_type": "x", "id": {"list_id": "l"}, "actor": {"type": "app", "id": None}}


def test_filters_are_evaluated() -> None:
    cases: list[tuple[Mapping[str, Any] | None, bool]] = [
        (None, True),
        ({"field": "id.list_id", "operator": "equals", "value": "l"}, True),
        ({"field": "id.list_id", "operator": "not_equals", "value": "l"}, False),
        ({"field": "id.other", "operator": "equals", "value": "l"}, False),
        ({"field": "id.list_id.deeper", "operator": "not_equals", "value": "l"}, True),
        ({"field": "actor.id", "operator": "not_equals", "value": "l"}, True),
        ({"$and": []}, True),
        ({"$or": []}, False),
        (any_of(equals("actor.type", "app"), equals("id.list_id", "k")), True),
        ({"$and": [equals("actor.type", "app"), equals("id.list_id", "k")]}, False),
    ]
    assert [case for case in cases if matches(case[0], EVENT) is not case[1]] == []


async def test_a_webhook_gets_each_event_once_until_it_is_deleted() -> None:
    fake, app = fake_of(), App()
    webhook_id, _ = await subscribed(
        fake, "record.created", {"event_type": "record.created", "filter": equals("actor.type", "api-token")}
    )
    await create(fake, "Acme", "Other")
    assert len(fake.webhooks.queued) == 2
    async with fake.client() as attio:
        await attio.webhooks.delete(webhook_id)
    assert await fake.webhooks.deliver(app) == []
    await create(fake, "Third")
    assert fake.webhooks.queued == []


async def test_a_failed_delivery_is_repeated_with_the_same_key_after_growing_delays() -> None:
    fake, app = fake_of(), App(500, 302, 404)
    clock = fake.clock
    await subscribed(fake, "record.created")
    await create(fake, "Acme")
    began = clock.time()
    (attempt,) = await fake.webhooks.deliver(app)
    assert (attempt.status, attempt.is_success) == (500, False)
    assert await fake.webhooks.deliver(app) == []
    attempts = await fake.webhooks.deliver(app, wait=True)
    assert [(each.number, each.status) for each in attempts] == [(2, 302), (3, 404), (4, 200)]
    assert len(set(app.keys)) == 1
    assert clock.time() - began == pytest.approx(253.4 * (1 + 2 + 4), rel=0.01)


async def test_a_webhook_is_degraded_after_ten_retries_over_three_days() -> None:
    fake, app = fake_of(), App(*[503] * 11)
    webhook_id, _ = await subscribed(fake, "record.created")
    await create(fake, "Acme")
    began = fake.clock.time()
    assert len(await fake.webhooks.deliver(app, wait=True)) == 11
    assert fake.clock.time() - began == pytest.approx(3 * 24 * 3600, rel=0.01)
    assert fake.webhooks.queued == []
    async with fake.client() as attio:
        assert (await attio.webhooks.get(webhook_id)).status == "degraded"


async def test_a_late_or_failing_application_is_a_failed_delivery(caplog: pytest.LogCaptureFixture) -> None:
    fake = fake_of()
    await subscribed(fake, "record.created")

    async def late(scope: Any, receive: Any, send: Any) -> None:
        await fake.clock.sleep(6)
        await App()(scope, receive, send)

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError("broken")

    async def gone(scope: Any, receive: Any, send: Any) -> None:
        return

    for app, status in ((late, None), (broken, 500), (gone, None)):
        await create(fake, "Acme")
        *_, attempt = await fake.webhooks.deliver(app)
        assert (attempt.status, attempt.is_success) == (status, False)
    assert [queued.attempts for queued in fake.webhooks.queued] == [1, 1, 1]
    (logged,) = caplog.records
    assert "RuntimeError: broken" in caplog.text
    assert logged.getMessage() == "the application failed on a POST to /attio"


async def test_deliveries_that_are_cancelled_are_still_pending() -> None:
    fake = fake_of()
    await subscribed(fake)
    async with fake.client() as attio:
        for number in range(3):
            await attio.companies.create({"name": f"Company {number}"})
    pending = [message.key for message in fake.webhooks.queued]
    called = anyio.Event()

    async def first_and_no_more(scope: Any, receive: Any, send: Any) -> None:
        if not called.is_set():
            called.set()
            await App()(scope, receive, send)
        else:
            group.cancel_scope.cancel()
            await anyio.sleep_forever()

    async with anyio.create_task_group() as group:
        await fake.webhooks.deliver(first_and_no_more)
    assert [message.key for message in fake.webhooks.queued] == pending[1:]
    app = App()
    await fake.webhooks.deliver(app)
    assert app.keys == pending[1:]
    assert fake.webhooks.queued == []


async def test_the_seed_determines_unreliable_deliveries() -> None:
    async def delivered(seed: int) -> tuple[list[str], list[str]]:
        fake, app = fake_of(seed=seed), App()
        await subscribed(fake, "record.created")
        await create(fake, *map(str, range(100)))
        sent = [queued.key for queued in fake.webhooks.queued]
        fake.fault(UnreliableDeliveries(duplicate=0.2, reorder=0.1, delay=30.0))
        await fake.webhooks.deliver(app, wait=True)
        return sent, app.keys

    sent, came = await delivered(1)
    assert set(came) == set(sent)
    assert 105 < len(came) < 135
    assert list(dict.fromkeys(came)) != sent
    assert (sent, came) == await delivered(1)
    assert came != (await delivered(2))[1]


async def test_reordering_without_a_delay_swaps_neighbours() -> None:
    fake, app = fake_of(), App()
    await subscribed(fake, "record.created")
    await create(fake, *map(str, range(200)))
    sent = [queued.key for queued in fake.webhooks.queued]
    fake.fault(UnreliableDeliveries(reorder=0.1))
    await fake.webhooks.deliver(app)
    moved = [abs(place - sent.index(key)) for place, key in enumerate(app.keys)]
    assert max(moved) == 1
    assert 10 <= sum(moved) <= 70


async def test_a_receiver_handles_every_event_once() -> None:
    fake = fake_of()
    _, secret = await subscribed(fake, "record.created", "record.updated")
    receiver = WebhookReceiver(
        secret=secret, clock=fake.clock, attio=fake.client(), retry=HandlerRetry(attempts=100)
    )
    handled: list[str] = []
    bursts: list[int] = []
    failing = iter([True, False] * 1000)

    @receiver.on("record.created", object="companies", hydrate=True)
    async def created(event: Any) -> None:
        if next(failing):
            raise RuntimeError("at first")
        handled.append(event.record["name"])

    @receiver.on_burst("record.updated")
    async def updated(events: Sequence[Event]) -> None:
        bursts.append(len(events))

    fake.fault(UnreliableDeliveries(duplicate=0.5, reorder=0.2))
    ids = await create(fake, *(f"Company {number}" for number in range(20)))
    async with fake.client() as attio:
        for number in range(3):
            await attio.companies.update(ids[0], {"description": str(number)})
    await fake.webhooks.deliver(receiver.asgi(), wait=True)
    await receiver.drain()
    assert sorted(handled) == sorted(f"Company {number}" for number in range(20))
    assert sum(bursts) == 3
    assert receiver.pending_count == 0


async def test_a_receiver_can_ignore_its_own_writes() -> None:
    fake = fake_of()
    own = fake.auth.add_token("own")
    _, secret = await subscribed(fake, "record.created")
    async with fake.client(token=own) as attio:
        receiver, handled = WebhookReceiver(secret=secret, clock=fake.clock, attio=attio), []

        @receiver.on("record.created", ignore_self=True, hydrate=True)
        async def created(event: Any) -> None:
            handled.append(event.record["name"])

        await attio.companies.create({"name": "Mine"})
        await create(fake, "Theirs")
        await fake.webhooks.deliver(receiver.asgi())
    assert handled == ["Theirs"]


async def test_restoring_clears_the_queue_and_keeps_listening() -> None:
    fake, app = fake_of(), App()
    empty = fake.snapshot()
    await subscribed(fake, "record.created")
    one = fake.snapshot()
    await create(fake, "Acme")
    fake.restore(one)
    assert fake.webhooks.queued == []
    await create(fake, "Other")
    assert len(await fake.webhooks.deliver(app)) == 1
    fake.restore(empty)
    await create(fake, "Third")
    assert fake.webhooks.queued == []
    again = FakeAttio.from_json(one.document, clock=VirtualClock())
    await create(again, "Fourth")
    assert len(again.webhooks.queued) == 1


async def test_deliveries_over_http() -> None:
    fake, listener = FakeAttio(), FakeAttio()
    await subscribed(fake, "record.created")
    await create(fake, "Acme")
    with listener.serve() as server:
        (attempt,) = await fake.webhooks.deliver(to=f"{server.url}/hooks?x=1")
    assert (attempt.status, attempt.url) == (404, f"{server.url}/hooks?x=1")
    (call,) = listener.calls
    assert (call.method, call.path, call.query) == ("POST", "/hooks", "x=1")
    assert json.loads(call.body)["events"][0]["event_type"] == "record.created"
    await create(fake, "Other")
    *_, attempt = await fake.webhooks.deliver(to=f"{server.url}/gone")
    assert attempt.status is None
    with pytest.raises(ConfigurationError):
        await fake.webhooks.deliver(to="http://hooks.example.com")


async def test_deliveries_to_a_framework() -> None:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route

    seen: list[Any] = []

    async def hook(request: Request) -> PlainTextResponse:
        seen.append((request.method, str(request.url), await request.json()))
        return PlainTextResponse("thanks", 202)

    fake = fake_of()
    await subscribed(fake, "record.created", url="https://hooks.example.com/attio?x=1")
    await create(fake, "Acme")
    app = Starlette(routes=[Route("/attio", hook, methods=["POST"])])
    (attempt,) = await fake.webhooks.deliver(app)
    assert attempt.status == 202
    ((method, url, body),) = seen
    assert (method, url) == ("POST", "https://hooks.example.com/attio?x=1")
    assert body["events"][0]["event_type"] == "record.created"


async def test_changes_of_one_record_share_a_delivery_up_to_the_batch() -> None:
    fake, app = fake_of(deliveries=Deliveries(batch=2)), App()
    _, secret = await subscribed(fake)
    async with fake.client() as attio:
        company = await attio.companies.create({"name": "Acme"})
        other = await attio.companies.create({"name": "Beta"})
        await attio.companies.update(
            company, {"name": "B", "description": "d", "twitter": "https://x.example.com"}
        )
        await attio.companies.update(other, {"description": "e"})
    attempts = await fake.webhooks.deliver(app)
    assert len({attempt.key for attempt in attempts}) == len(attempts) == 5
    sizes = [len(json.loads(body)["events"]) for _, body in app.requests]
    assert sizes == [1, 1, 2, 1, 1]
    assert all(verify(body, headers["attio-signature"], secret) for headers, body in app.requests)
    updated = [event.id for event in app.events if event.event_type == "record.updated"]
    assert updated == [company.id] * 3 + [other.id]


async def test_changes_share_a_delivery_by_the_clock_of_the_machine() -> None:
    fake = FakeAttio(deliveries=Deliveries(batch=5))
    await subscribed(fake, "record.updated")
    (record_id,) = await create(fake, "Acme")
    async with fake.client() as attio:
        await attio.companies.update(record_id, {"name": "B", "description": "d", "twitter": "e"})
        await attio.companies.update(record_id, {"name": "C"})
    assert [len(json.loads(queued.body)["events"]) for queued in fake.webhooks.queued] == [3, 1]


async def test_later_changes_and_failed_deliveries_are_not_joined() -> None:
    fake, app = fake_of(deliveries=Deliveries(batch=10)), App(500)
    await subscribed(fake, "record.updated")
    (record_id,) = await create(fake, "Acme")
    async with fake.client() as attio:
        await attio.companies.update(record_id, {"description": "a"})
        await fake.webhooks.deliver(app)
        await attio.companies.update(record_id, {"description": "b"})
        await fake.clock.sleep(1)
        await attio.companies.update(record_id, {"description": "c"})
    await fake.webhooks.deliver(app, wait=True)
    assert [len(json.loads(body)["events"]) for _, body in app.requests] == [1, 1, 1, 1]


async def test_a_formula_is_updated_by_the_system_a_moment_later() -> None:
    fake, app = fake_of(deliveries=Deliveries(formula="score")), App()
    score = fake.seed.add_attribute("companies", "score", "number")
    await subscribed(fake)
    async with fake.client() as attio:
        company = await attio.companies.create({"name": "Acme"})
        person = await attio.people.create({"name": "Ada Lovelace"})
        assert len(fake.webhooks.queued) == 2
        await attio.companies.update(company, {"name": "B", "description": "d"})
        await attio.people.update(person, {"description": "e"})
    assert len(await fake.webhooks.deliver(app)) == 5
    (queued,) = fake.webhooks.queued
    assert queued.due_at == fake.clock.time() + 1
    await fake.webhooks.deliver(app, wait=True)
    last = app.events[-1]
    assert (last.event_type, last.id, last.raw["id"]["attribute_id"]) == ("record.updated", company.id, score)
    assert last.raw["actor"] == {"type": "system", "id": None}
    assert fake.clock.monotonic() == 1


async def test_a_receiver_handles_every_event_of_a_delivery() -> None:
    fake = fake_of(deliveries=Deliveries(batch=5, formula="score"))
    fake.seed.add_attribute("companies", "score", "number")
    _, secret = await subscribed(fake, "record.updated")
    seen: list[str] = []
    async with fake.client() as attio:
        receiver = WebhookReceiver(secret=secret, attio=attio)

        @receiver.on("record.updated")
        async def on_update(event: Event) -> None:
            seen.append(event.raw["id"]["attribute_id"])

        company = await attio.companies.create({"name": "Acme"})
        await attio.companies.update(company, {"name": "B", "description": "d"})
        assert len(await fake.webhooks.deliver(receiver.asgi(), wait=True)) == 2
    assert len(set(seen)) == len(seen) == 3


def test_invalid_forms_of_deliveries_are_refused() -> None:
    for options in ({"batch": 0}, {"formula_delay": -1}):
        with pytest.raises(ValueError, match=next(iter(options))):
            Deliveries(**options)
