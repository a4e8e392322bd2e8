"""Setting webhooks up: only what is not as it should be is written, and no secret is lost."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import httpx
import pytest

from attio_async.errors import ConfigurationError
from attio_async.webhooks import (
    FileSecrets,
    all_of,
    any_of,
    equals,
    not_equals,
)
from attio_async.webhooks._subscriptions import SubscriptionFilter, wire_filter

from ..support import Scripted
from .support import WORKSPACE, number

pytestmark = pytest.mark.anyio

URL = "https://example.com/hooks/attio"


class Workspace(Scripted):
    """The webhooks of a workspace, and what was written to them."""

    def __init__(self, *webhooks: dict[str, Any]) -> None:
        super().__init__()
        self.webhooks = list(webhooks)
        self.written: list[tuple[str, Any]] = []
        self.router.route(path__startswith="/v2/webhooks").mock(side_effect=self.answer)

    def answer(self, request: httpx.Request) -> httpx.Response:
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


def webhook(
    place: int, *, target_url: str = URL, subscriptions: Any = (), status: str = "active"
) -> dict[str, Any]:
    identity = {"workspace_id": WORKSPACE, "webhook_id": number(place)}
    return {"id": identity, "target_url": target_url, "subscriptions": list(subscriptions), "status": status}


async def test_it_is_created_once_and_changed_only_when_it_differs(tmp_path: Path) -> None:
    workspace, secrets = Workspace(), FileSecrets(tmp_path / "secrets.json")
    own = {"event_type": "note.created", "filter": equals("actor.type", "workspace-member")}
    ensure = workspace.attio.webhooks.ensure
    first = await ensure(URL, ["record.created", own], secrets=secrets)
    again = await ensure(URL, [dict(reversed(own.items())), "record.created"], secrets=secrets)
    changed = await ensure(URL, ["record.created"], secrets=secrets)
    assert [each.action for each in (first, again, changed)] == ["created", "unchanged", "updated"]
    assert {each.secret for each in (first, again, changed)} == {"shown-once"}
    created = {"event_type": "record.created", "filter": None}
    sent = own | {"filter": {"$and": [own["filter"]]}}
    assert workspace.written == [
        ("POST", {"target_url": URL, "subscriptions": [created, sent]}),
        ("PATCH", {"subscriptions": [created]}),
    ]
    assert "shown-once" not in repr(first)
    await workspace.attio.aclose()


async def test_one_whose_secret_is_not_known_is_left_alone(tmp_path: Path) -> None:
    workspace = Workspace(webhook(1), webhook(2, target_url="https://example.com/other"))
    with pytest.raises(ConfigurationError, match="secret is not known"):
        await workspace.attio.webhooks.ensure(URL, ["task.created"], secrets=FileSecrets(tmp_path / "s"))
    assert workspace.written == []
    await workspace.attio.aclose()


async def test_a_secret_that_cannot_be_kept_leaves_no_webhook_behind(tmp_path: Path) -> None:
    class Full(FileSecrets):
        async def put(self, webhook_id: str, secret: str) -> None:
            raise OSError("disk full")

    workspace = Workspace()
    with pytest.raises(OSError, match="disk full"):
        await workspace.attio.webhooks.ensure(URL, ["task.created"], secrets=Full(tmp_path / "s"))
    assert [method for method, _ in workspace.written] == ["POST", "DELETE"]
    assert workspace.webhooks == []
    await workspace.attio.aclose()


async def test_degraded_ones_are_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    created = {"event_type": "task.created", "filter": None}
    workspace = Workspace(webhook(1, subscriptions=[created], status="degraded"))
    secrets = FileSecrets(tmp_path / "secrets.json")
    await secrets.put(number(1), "known")
    ensured = await workspace.attio.webhooks.ensure(URL, ["task.created"], secrets=secrets)
    assert (ensured.action, ensured.is_degraded) == ("unchanged", True)
    assert "degraded" in caplog.text
    await workspace.attio.aclose()


async def test_secrets_are_kept_in_a_private_file(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    secrets = FileSecrets(path)
    assert await secrets.get("a") is None
    await secrets.put("a", "1")
    await secrets.put("b", "2")
    assert (await FileSecrets(path).get("a"), await FileSecrets(path).get("b")) == ("1", "2")
    assert os.name != "posix" or stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "1" not in repr(secrets).replace(str(path), "")
    assert [each.name for each in tmp_path.iterdir()] == ["secrets.json"]  # noqa: ASYNC240 - as above
    for other in ("Dear Ada", "[]", '{"a": 1}'):
        path.write_text(other, encoding="utf-8")
        with pytest.raises(ConfigurationError, match="does not hold secrets"):
            await secrets.put("a", "1")
        assert path.read_text(encoding="utf-8") == other


def test_filters_have_attios_form() -> None:
    built = any_of(equals("id.list_id", "a"), any_of(not_equals("actor.type", "app")))
    assert built == {
        "$or": [
            {"field": "id.list_id", "operator": "equals", "value": "a"},
            {"field": "actor.type", "operator": "not_equals", "value": "app"},
        ]
    }


@pytest.mark.parametrize(
    "make",
    [
        all_of,
        any_of,
        lambda: equals("", "x"),
        lambda: not_equals("id..x", "x"),
        lambda: all_of(LEAF, any_of(OTHER)),
        lambda: any_of(all_of(LEAF)),
    ],
)
def test_filters_that_say_nothing_are_refused(make) -> None:
    with pytest.raises(ConfigurationError):
        make()


LEAF, OTHER = equals("actor.type", "app"), not_equals("id.list_id", "l")


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (LEAF, {"$and": [LEAF]}),
        (all_of(LEAF, OTHER), {"$and": [LEAF, OTHER]}),
        (any_of(LEAF, any_of(OTHER, LEAF)), {"$or": [LEAF, OTHER, LEAF]}),
        (all_of(all_of(LEAF), OTHER), {"$and": [LEAF, OTHER]}),
    ],
)
def test_filters_are_sent_as_one_join_of_conditions(given: SubscriptionFilter, sent: object) -> None:
    assert wire_filter(given) == sent


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"$and": [LEAF, {"$or": [OTHER]}]}, r"no \$or within \$and"),
        ({"$or": [{"$and": [LEAF]}]}, r"no \$and within \$or"),
        ({}, "a condition has a field"),
        ({"$and": []}, "a list of conditions"),
        ({"$and": "x"}, "a list of conditions"),
        ({"$not": [LEAF]}, "a condition has a field"),
        ({**LEAF, "operator": "contains"}, "equals or not_equals"),
        ({**LEAF, "value": 7}, "a text as value"),
        ({**LEAF, "field": "actor..type"}, "a field is named"),
    ],
)
async def test_a_filter_that_attio_does_not_take_is_refused_before_anything_is_sent(
    given: SubscriptionFilter, message: str
) -> None:
    workspace = Workspace()
    with pytest.raises(ConfigurationError, match=message):
        await workspace.attio.webhooks.create(URL, [{"event_type": "record.created", "filter": given}])
    assert workspace.written == []
    await workspace.attio.aclose()
