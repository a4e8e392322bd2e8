"""Ensuring a webhook: only differences are written, and no secret is lost."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from attio_async.errors import ConfigurationError, NotFound, UnknownName
from attio_async.testing import FakeAttio
from attio_async.webhooks import Event, FileSecrets, On, WebhookReceiver, equals

from ..support import Scripted

pytestmark = pytest.mark.anyio

URL = "https://example.com/hooks/attio"


def webhook(
    number: int, *, target_url: str = URL, subscriptions: Any = (), status: str = "active"
) -> dict[str, Any]:
    identity = {"workspace_id": "w", "webhook_id": f"webhook-{number}"}
    return {"id": identity, "target_url": target_url, "subscriptions": list(subscriptions), "status": status}


class WebhookServer(Scripted):
    """The webhooks of a workspace, and what was written to them."""

    def __init__(self, *webhooks: dict[str, Any]) -> None:
        super().__init__()
        self.webhooks = list(webhooks)
        self.written: list[tuple[str, Any]] = []
        self.router.route(path__startswith="/v2/webhooks").mock(side_effect=self.respond)

    def respond(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"data": self.webhooks})
        data = json.loads(request.content)["data"] if request.content else None
        self.written.append((request.method, data))
        if request.method == "DELETE":
            self.webhooks.pop()
            return httpx.Response(200, json={})
        if request.method == "POST":
            self.webhooks.append(webhook(len(self.webhooks), **data))
            return httpx.Response(200, json={"data": {**self.webhooks[-1], "secret": "shown-once"}})
        self.webhooks[-1].update(data)
        return httpx.Response(200, json={"data": self.webhooks[-1]})


async def test_a_webhook_is_created_once_and_updated_only_if_it_differs(tmp_path: Path) -> None:
    server, secrets = WebhookServer(), FileSecrets(tmp_path / "secrets.json")
    filtered = {"event_type": "note.created", "filter": equals("actor.type", "workspace-member")}
    async with server.attio as attio:
        first = await attio.webhooks.ensure(URL, ["record.created", filtered], secrets=secrets)
        reordered = [dict(reversed(filtered.items())), "record.created"]
        again = await attio.webhooks.ensure(URL, reordered, secrets=secrets)
        changed = await attio.webhooks.ensure(URL, ["record.created"], secrets=secrets)
    assert [each.action for each in (first, again, changed)] == ["created", "unchanged", "updated"]
    assert {each.secret for each in (first, again, changed)} == {"shown-once"}
    unfiltered = {"event_type": "record.created", "filter": None}
    joined = filtered | {"filter": {"$and": [filtered["filter"]]}}
    assert server.written == [
        ("POST", {"target_url": URL, "subscriptions": [unfiltered, joined]}),
        ("PATCH", {"subscriptions": [unfiltered]}),
    ]
    assert "shown-once" not in repr(first)


async def test_a_webhook_with_an_unknown_secret_is_left_alone(tmp_path: Path) -> None:
    server = WebhookServer(webhook(1), webhook(2, target_url="https://example.com/other"))
    async with server.attio as attio:
        with pytest.raises(ConfigurationError, match="does not have its secret"):
            await attio.webhooks.ensure(URL, ["task.created"], secrets=FileSecrets(tmp_path / "s"))
    assert server.written == []


async def test_a_webhook_whose_secret_cannot_be_kept_is_deleted(tmp_path: Path) -> None:
    class FullDisk(FileSecrets):
        async def put(self, webhook_id: str, secret: str) -> None:
            raise OSError("disk full")

    server = WebhookServer()
    async with server.attio as attio:
        with pytest.raises(OSError, match="disk full"):
            await attio.webhooks.ensure(URL, ["task.created"], secrets=FullDisk(tmp_path / "s"))
    assert [method for method, _ in server.written] == ["POST", "DELETE"]
    assert server.webhooks == []


async def test_a_degraded_webhook_is_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    subscription = {"event_type": "task.created", "filter": None}
    server = WebhookServer(webhook(1, subscriptions=[subscription], status="degraded"))
    secrets = FileSecrets(tmp_path / "secrets.json")
    await secrets.put("webhook-1", "known")
    async with server.attio as attio:
        ensured = await attio.webhooks.ensure(URL, ["task.created"], secrets=secrets)
    assert (ensured.action, ensured.is_degraded) == ("unchanged", True)
    assert "degraded" in caplog.text


async def test_an_invalid_filter_is_refused_before_anything_is_sent() -> None:
    server = WebhookServer()
    async with server.attio as attio:
        with pytest.raises(ConfigurationError, match="is not a valid condition"):
            await attio.webhooks.create(URL, [{"event_type": "record.created", "filter": {"$not": []}}])
    assert server.written == []


async def test_a_subscription_by_name_delivers_the_events_of_what_it_names(tmp_path: Path) -> None:
    fake, secrets, heard = FakeAttio(), FileSecrets(tmp_path / "secrets.json"), []
    member = fake.seed.add_member("jane@example.com")
    async with fake.client() as attio:
        await attio.lists.create("Sales pipeline", api_slug="sales", parent_object="companies")
        await attio.lists.create("Others", api_slug="others", parent_object="companies")
        wanted = [
            On("record.updated", object="Deals", attribute="stage"),
            On("list-entry.created", list="Sales pipeline", object="companies"),
            On("note.created", object="companies", filter=equals("actor.type", "api-token")),
            On("comment.created", object="people"),
        ]
        ensured = await attio.webhooks.ensure(URL, wanted, secrets=secrets)
        again = await attio.webhooks.ensure(URL, wanted, secrets=secrets)
        receiver = WebhookReceiver(secret=ensured.secret)

        @receiver.on()
        async def hear(event: Event) -> None:
            heard.append(event.event_type)

        acme = await attio.companies.create({"name": "Acme"})
        ada = await attio.people.create({"name": "Ada"})
        deal = await attio.deals.create({"name": "Boots", "stage": "Lead", "owner": "jane@example.com"})
        await attio.deals.update(deal, {"name": "Shoes"})  # another attribute
        await attio.deals.update(deal, {"stage": "In Progress"})
        await attio.companies.update(acme, {"name": "Acme Inc"})  # another object
        await attio.entries("others").create(acme)  # another list
        await attio.entries("sales").create(acme)
        await attio.notes.create(ada, title="Call", content="Hi")  # on another object
        await attio.notes.create(acme, title="Call", content="Hi")
        await attio.comments.create("Hi", author=member, record=acme)  # on another object
        await attio.comments.create("Hi", author=member, record=ada)
        await fake.webhooks.deliver(receiver.asgi())
        await receiver.drain()
    assert (ensured.action, again.action) == ("created", "unchanged")
    assert heard == ["record.updated", "list-entry.created", "note.created", "comment.created"]


async def test_ids_in_a_subscription_are_not_looked_up() -> None:
    server, one = WebhookServer(), "0aab1d11-2b5c-4e3f-9a21-6f0e2f1d7c55"
    async with server.attio as attio:
        await attio.webhooks.create(
            URL, [On("record.updated", object=one, attribute=one), On("task.created")]
        )
    conditions = [equals("id.object_id", one), equals("id.attribute_id", one)]
    (written,) = server.written
    assert written[1]["subscriptions"] == [
        {"event_type": "record.updated", "filter": {"$and": conditions}},
        {"event_type": "task.created", "filter": None},
    ]


async def test_an_unknown_name_in_a_subscription_writes_nothing() -> None:
    async with FakeAttio().client() as attio:
        for on, error in (
            (On("record.updated", object="dealz"), NotFound),
            (On("record.updated", object="deals", attribute="stagee"), UnknownName),
            (On("list-entry.created", list="No such list"), NotFound),
        ):
            with pytest.raises(error):
                await attio.webhooks.create(URL, [on])
        assert await attio.webhooks.list() == []


def test_a_subscription_that_no_event_could_match_is_rejected() -> None:
    with pytest.raises(UnknownName, match=r"record\.updated"):
        On("record.update")
    with pytest.raises(ConfigurationError, match="has no object"):
        On("task.created", object="deals")
    with pytest.raises(ConfigurationError, match="has no attribute"):
        On("record.created", object="deals", attribute="stage")
    with pytest.raises(ConfigurationError, match="any object's"):
        On("record.updated", attribute="stage")
