"""Filling a workspace from one document."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from attio_async.testing import FakeAttio
from attio_async.webhooks import verify

DOCUMENT = {
    "members": [{"email_address": "kim@example.com", "first_name": "Kim"}],
    "objects": {
        "ships": {
            "singular": "Ship",
            "attributes": {
                "badge": {"unique": True},
                "crew": {"type": "number", "title": "Crew size"},
                "captain": {"type": "record-reference", "allowed_objects": ["people"]},
                "owner": {"type": "actor-reference"},
                "kind": {"type": "select", "multiselect": True, "options": ["Sail", "Steam"]},
            },
        },
        "companies": {"attributes": {"categories": {"options": ["Shipping"]}}},
    },
    "lists": {
        "fleet": {
            "name": "The fleet",
            "parent": "ships",
            "attributes": {"stage": {"type": "status", "options": ["Docked"]}},
        },
    },
    "records": {
        "people": [{"name": "Hopper, Grace", "email_addresses": ["grace@example.com"]}],
        "companies": [{"domains": ["acme.example.com"], "categories": ["Shipping"]}],
        "ships": [
            {
                "badge": "A1",
                "crew": 50,
                "kind": ["Sail"],
                "captain": {"target_object": "people", "email_addresses": ["grace@example.com"]},
                "owner": "kim@example.com",
            },
        ],
    },
    "entries": {
        "fleet": [{"record": {"badge": "A1"}, "values": {"stage": "Docked"}}, {"record": {"badge": "A1"}}]
    },
    "webhooks": [
        {
            "target_url": "https://hooks.example.com",
            "subscriptions": ["record.created", {"event_type": "record.updated"}],
            "secret": "s" * 32,
        },
    ],
}


def test_everything_in_a_document_is_created(fake: FakeAttio, api) -> None:
    fake.fill(DOCUMENT)
    assert api("GET", "/v2/objects/ships").data["singular_noun"] == "Ship"
    (ship,) = fake.records("ships")
    assert (ship["values"]["crew"][0]["value"], ship["values"]["kind"][0]["option"]["title"]) == (50, "Sail")
    (grace,) = fake.records("people")
    assert ship["values"]["captain"][0]["target_record_id"] == grace["id"]["record_id"]
    members = {
        one["email_address"]: one["id"]["workspace_member_id"]
        for one in api("GET", "/v2/workspace_members").data
    }
    assert ship["values"]["owner"][0]["referenced_actor_id"] == members["kim@example.com"]
    assert api("GET", "/v2/lists/fleet").data["name"] == "The fleet"
    entries = fake.entries("fleet")
    assert [len(entry["entry_values"]["stage"]) for entry in entries] == [1, 0]
    assert {entry["parent_record_id"] for entry in entries} == {ship["id"]["record_id"]}
    (webhook,) = api("GET", "/v2/webhooks").data
    assert [one["event_type"] for one in webhook["subscriptions"]] == ["record.created", "record.updated"]


@pytest.mark.anyio
async def test_the_secret_of_a_webhook_can_be_given(fake: FakeAttio) -> None:
    fake.fill({"webhooks": DOCUMENT["webhooks"]})
    seen: list[bool] = []

    async def app(scope, receive, send) -> None:
        body = (await receive())["body"]
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        seen.append(verify(body, headers["attio-signature"], "s" * 32))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async with fake.client() as attio:
        await attio.companies.create({"name": "Acme"})
    await fake.webhooks.deliver(app)
    assert seen == [True]


def test_dates_of_yaml_need_no_quotes(fake: FakeAttio) -> None:
    day, moment = date(2024, 1, 2), datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
    attributes = {"seen": {"type": "timestamp"}}
    values = {"name": "Acme", "foundation_date": day, "seen": moment}
    fake.fill({"objects": {"companies": {"attributes": attributes}}, "records": {"companies": [values]}})
    (company,) = fake.records("companies")
    assert company["values"]["foundation_date"][0]["value"] == "2024-01-02"
    assert company["values"]["seen"][0]["value"] == "2024-01-02T03:04:05.000000000Z"


def test_the_document_of_the_page_on_testing_is_valid(fake: FakeAttio) -> None:
    page = (Path(__file__).parents[3] / "docs" / "testing.md").read_text(encoding="utf-8")
    found = re.search(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert found is not None
    fake.fill(YAML(typ="safe", pure=True).load(found[1]))
    assert [len(fake.records(name)) for name in ("people", "companies", "deals", "ships")] == [1, 1, 2, 1]
    (entry,) = fake.entries("sales")
    assert entry["entry_values"]["stage"][0]["status"]["title"] == "Lead"


INVALID = [
    ({"recods": {}}, "recods"),
    ([], "object"),
    ({"members": [{"email": "x"}]}, "members"),
    ({"objects": {"ships": {"attributes": {"x": {"type": "colour"}}}}}, "objects.ships.attributes.x"),
    ({"lists": {"fleet": {"parent": "planets"}}}, "lists.fleet: .*planets"),
    ({"records": {"planets": [{}]}}, "records.planets.0"),
    ({"records": {"people": [{}, {"colour": 1}]}}, "records.people.1: .*colour"),
    ({"records": {"people": [{"email_addresses": ["x"]}]}}, "records.people.0: .*email_address: Invalid"),
    (
        {"lists": {"fleet": {}}, "entries": {"fleet": [{"record": {"email_addresses": "x@example.com"}}]}},
        "entries.fleet.0",
    ),
    ({"lists": {"fleet": {}}, "entries": {"fleet": [{"record": {}}]}}, "entries.fleet.0: record"),
    (
        {"webhooks": [{"target_url": "http://x.example.com", "subscriptions": ["record.created"]}]},
        "webhooks.0: .*target_url",
    ),
    (
        {"webhooks": [{"target_url": "https://x.example.com", "subscriptions": ["moon.rose"]}]},
        "webhooks.0: .*event_type",
    ),
]


def test_an_invalid_document_creates_nothing_and_the_message_says_where(fake: FakeAttio) -> None:
    before = fake.to_json()
    for document, where in INVALID:
        good = {"members": [{"email_address": "new@example.com"}]} if isinstance(document, dict) else {}
        with pytest.raises(ValueError, match=where):
            fake.fill({**good, **document} if isinstance(document, dict) else document)
        assert fake.to_json() == before, document
