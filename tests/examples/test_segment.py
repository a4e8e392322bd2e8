"""Events of a product, written to the fake: people, users, companies, workspaces, and every type of value."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from attio_async import Location, PersonName, RecordRef
from attio_async.errors import BadRequest, CoercionError, NotFound, UniquenessConflict
from attio_async.testing import FakeAttio, VirtualClock
from tests.examples.support import example
from tests.support import trio_when_full

pytestmark = pytest.mark.anyio
anyio_backend = trio_when_full

segment = example("segment/destination.py")

PERSON = {
    "name": ("traits.last_name", "traits.first_name"),
    "description": "traits.description",
    "company": "traits.domain",
}


def identify(user: str = "u1", email: str = "ada@mail.example.com", **traits: Any) -> dict[str, Any]:
    return {"type": "identify", "userId": user, "traits": {"email": email, **traits}}


def group(**more: Any) -> dict[str, Any]:
    return {
        "type": "group",
        "groupId": "w1",
        "traits": {"website": "https://www.acme.example.com/", "name": "Acme app"},
        **more,
    }


@pytest.fixture
def fake() -> FakeAttio:
    return FakeAttio(clock=VirtualClock())


async def test_identify_writes_a_person_and_a_linked_user(fake: FakeAttio) -> None:
    async with fake.client() as attio:
        destination = segment.SegmentDestination(attio, [segment.IdentifyUser(person=PERSON)])
        event = identify(
            first_name="Ada", last_name="Lovelace", description="Writes", domain="acme.example.com"
        )
        for _ in range(2):
            written = await destination.write(event)
            assert written.error is None
        person, user = await attio.people.first(), await attio.users.first()
        assert person is not None
        assert user is not None
        assert (person["name"].full_name, person["description"]) == ("Ada Lovelace", "Writes")
        assert user["user_id"] == "u1"
        assert user["primary_email_address"] == "ada@mail.example.com"
        assert user["person"] == RecordRef("people", person.id)
        assert [ref.record_id for ref in person["associated_users"]] == [user.id]
        company = await attio.companies.get(person["company"])
        assert company["domains"] == ["acme.example.com"]
        assert written.records == {"people": person, "users": user}
    assert [len(fake.records(name)) for name in ("people", "users", "companies")] == [1, 1, 1]


async def test_each_user_gets_a_person(fake: FakeAttio) -> None:
    async with fake.client() as attio:
        mapping = segment.IdentifyUser()
        events = [
            identify("u1"),
            identify("u2", "ada@work.example.com"),
            identify("u1", "ada@mail.example.com"),
        ]
        assert not [
            w.error for w in await segment.SegmentDestination(attio, [mapping]).batch(events) if w.error
        ]
    assert [len(fake.records(name)) for name in ("people", "users")] == [2, 2]


async def test_group_writes_a_company_and_a_linked_workspace(fake: FakeAttio) -> None:
    async with fake.client() as attio:
        mapping = segment.GroupWorkspace(
            company={"twitter": "traits.twitter_handle"}, workspace={"name": "traits.name"}
        )
        event = group()
        event["traits"]["twitter_handle"] = "acme"
        written = await segment.SegmentDestination(attio, [mapping]).write(event)
        assert written.error is None
        company, workspace = await attio.companies.first(), await attio.workspaces.first()
        assert company is not None
        assert workspace is not None
        assert company["domains"] == ["acme.example.com"]
        assert "acme" in company["twitter"]
        assert (workspace["workspace_id"], workspace["name"]) == ("w1", "Acme app")
        assert workspace["company"].record_id == company.id


def written(fake: FakeAttio) -> list[tuple[str, str, str, Any]]:
    """Return the writes that a fake got: method, object, matching attribute and values."""
    calls = [call for call in fake.calls if call.method in {"PUT", "PATCH"}]
    return [
        (call.method, call.path, call.params["matching_attribute"], call.json["data"]["values"])
        for call in calls
    ]


async def test_identify_and_group_send_what_the_catalogue_does(fake: FakeAttio) -> None:
    async with fake.client() as attio:
        destination = segment.SegmentDestination(attio)
        (identified,) = await destination.batch([identify()])
        (grouped,) = await destination.batch([group(userId="u1")])
        assert (identified.error, grouped.error) == (None, None)
        person, user = identified.records["people"], identified.records["users"]
        company, workspace = grouped.records["companies"], grouped.records["workspaces"]
    reference = {"target_object": person.object_id, "target_record_id": person.id}
    at = "/v2/objects/{}/records".format
    assert written(fake) == [
        ("PUT", at("people"), "email_addresses", {"email_addresses": ["ada@mail.example.com"]}),
        (
            "PUT",
            at("users"),
            "user_id",
            {"user_id": ["u1"], "primary_email_address": ["ada@mail.example.com"], "person": [reference]},
        ),
        ("PUT", at("companies"), "domains", {"domains": ["acme.example.com"]}),
        (
            "PUT",
            at("workspaces"),
            "workspace_id",
            {
                "workspace_id": ["w1"],
                "company": [{"target_object": company.object_id, "target_record_id": company.id}],
                "users": [{"target_object": "users", "user_id": [{"value": "u1"}]}],
            },
        ),
    ]
    assert [ref.record_id for ref in workspace.all("users")] == [user.id]


async def test_values_are_added_to_multiselect_attributes(fake: FakeAttio) -> None:
    mapping = segment.IdentifyUser(person={"phone_numbers": "traits.phone", "description": "traits.about"})
    async with fake.client() as attio:
        destination = segment.SegmentDestination(attio, [mapping])
        for phone, about in (("+15005550001", "One"), ("+15005550002", "Two"), ("+15005550002", None)):
            assert (await destination.write(identify(phone=phone, about=about))).error is None
        person = await attio.people.first()
        assert person is not None
        assert sorted(person["phone_numbers"]) == ["+15005550001", "+15005550002"]
        assert person["description"] is None
        users = segment.SegmentDestination(attio, [segment.IdentifyUser(), segment.GroupWorkspace()])
        events = [
            event
            for number in range(2, 5)
            for event in (identify(f"u{number}", f"u{number}@mail.example.com"), group(userId=f"u{number}"))
        ]
        assert [result.error for result in await users.batch(events)] == [None] * 6
        workspace = await attio.workspaces.first()
        assert workspace is not None
        assert len(workspace.all("users")) == 3


async def test_a_group_links_a_known_user_or_none(fake: FakeAttio) -> None:
    async with fake.client() as attio:
        destination = segment.SegmentDestination(attio)
        unknown = await destination.write(group(userId="nobody"))
        assert isinstance(unknown.error, BadRequest)
        assert "nobody" in str(unknown.error)
        without = segment.SegmentDestination(attio, [segment.GroupWorkspace(user_id=None)])
        for result in (await destination.write(group()), await without.write(group(userId="nobody"))):
            assert result.error is None
            assert result.records["workspaces"].all("users") == []


async def test_the_paths_of_the_defaults(fake: FakeAttio) -> None:
    events = [
        {"type": "identify", "anonymousId": "a1", "email": "x@mail.example.com", "traits": {"email": None}},
        {"type": "group", "context": {"group_id": "g1"}, "website": "x.example.com"},
    ]
    async with fake.client() as attio:
        results = await segment.SegmentDestination(attio).batch(events)
        assert [result.error for result in results] == [None, None]
        assert results[0].records["users"]["user_id"] == "a1"
        assert results[1].records["workspaces"]["workspace_id"] == "g1"
        (nameless,) = await segment.SegmentDestination(attio).batch([{"type": "group"}])
    assert str(nameless.error) == "the event has no domain (traits.website or website)"


async def test_a_null_unsets_an_attribute_and_an_absent_value_leaves_it_unchanged(fake: FakeAttio) -> None:
    async with fake.client() as attio:
        destination = segment.SegmentDestination(attio, [segment.IdentifyUser(person=PERSON)])
        await destination.write(identify(description="Writes", first_name="Ada"))
        await destination.write(identify(description=None))
        person = await attio.people.first()
        assert person is not None
        assert (person["description"], person["name"].full_name) == (None, "Ada")


async def test_a_mapping_can_write_any_object(fake: FakeAttio) -> None:
    mapping = segment.AssertRecord(
        object="companies",
        match="domains",
        attributes={
            "domains": "properties.domain",
            "name": lambda event: event["properties"]["name"].upper(),
        },
    )
    async with fake.client() as attio:
        destination = segment.SegmentDestination(attio, [mapping])
        event = {"type": "track", "properties": {"domain": "acme.example.com", "name": "Acme"}}
        assert (await destination.write(event)).records["companies"]["name"] == "ACME"
        other = await destination.write({"type": "page", "properties": {}})
        assert (other.records, other.error) == ({}, None)


async def test_failed_events_are_reported_and_do_not_stop_others(fake: FakeAttio) -> None:
    async with fake.client() as attio:
        mapping = segment.IdentifyUser(person={"no_such": "traits.odd"})
        destination = segment.SegmentDestination(attio, [mapping, segment.GroupWorkspace()])
        wrong = [
            identify(odd=1),
            {"type": "identify", "userId": "u"},
            group(groupId=None),
            identify(email="x"),
        ]
        results = await destination.batch([*wrong, identify("u9", "fine@mail.example.com")])
    assert [type(result.error).__name__ for result in results] == [
        "UnknownName",
        "InvalidEvent",
        "InvalidEvent",
        "CoercionError",
        "NoneType",
    ]
    assert "no e-mail address" in str(results[1].error)
    assert [result.event for result in results[:4]] == wrong


async def test_an_unknown_object_is_reported(fake: FakeAttio) -> None:
    mapping = segment.AssertRecord(object="invoices", match="id", attributes={"id": "id"})
    async with fake.client() as attio:
        written = await segment.SegmentDestination(attio, [mapping]).write({"type": "track", "id": "7"})
    assert isinstance(written.error, NotFound)


async def test_events_about_the_same_record_are_written_in_order(fake: FakeAttio) -> None:
    fake.latency = 0.1
    async with fake.client() as attio:
        mapping = segment.IdentifyUser(person={"description": "traits.step"})
        events = [
            identify(f"u{step % 5}", f"p{step % 5}@mail.example.com", step=str(step)) for step in range(60)
        ]
        events += [identify(f"solo{n}", f"solo{n}@mail.example.com", step="one") for n in range(20)]
        results = await segment.SegmentDestination(attio, [mapping]).batch(events)
        assert [result.error for result in results] == [None] * 80
        for number in range(5):
            person = await attio.people.first({"email_addresses": f"p{number}@mail.example.com"})
            assert person is not None
            assert person["description"] == str(55 + number)
    assert [len(fake.records(name)) for name in ("people", "users")] == [25, 25]


def test_items_that_share_a_key_through_others_are_grouped() -> None:
    keys = [["a", "u1"], ["b", "u2"], ["c", "u3"], ["b", "u1"], ["w1"], []]
    assert segment.group_by_key(keys) == [[0, 1, 3], [2], [4], [5]]


async def test_two_users_cannot_share_an_address(fake: FakeAttio) -> None:
    async with fake.client() as attio:
        first, second = await segment.SegmentDestination(attio).batch([identify("u1"), identify("u2")])
        assert first.error is None
        assert isinstance(second.error, UniquenessConflict)
        assert set(second.records) == {"people"}


async def write_value(kind: str, value: Any) -> tuple[Any, FakeAttio]:
    """Write a value to an attribute of a type, and return the outcome and the workspace."""
    fake = FakeAttio(clock=VirtualClock())
    fake.seed.add_member("alice@mail.example.com", "Alice", "Doe")
    fake.seed.add_object("things")
    fake.seed.add_attribute("things", "key", "text", unique=True)
    options: dict[str, Any] = {"options": ["open", "closed"]} if kind in {"select", "status"} else {}
    fake.seed.add_attribute("things", "it", kind, **options)
    mapping = segment.AssertRecord(object="things", match="key", attributes={"key": "key", "it": "value"})
    event = {"type": "track", "key": "k", "value": value}
    async with fake.client() as attio:
        return await segment.SegmentDestination(attio, [mapping]).write(event), fake


VALID: list[tuple[str, Any, Any]] = [
    ("actor-reference", "alice@mail.example.com", lambda value: value.type == "workspace-member"),
    ("checkbox", True, True),
    ("currency", 29.9999, Decimal("29.9999")),
    ("currency", 99, Decimal(99)),
    ("date", "2023-09-28", date(2023, 9, 28)),
    ("domain", "app.acme.example.com", "app.acme.example.com"),
    ("email-address", "person@mail.example.com", "person@mail.example.com"),
    ("location", "1 Infinite Loop, Cupertino, CA, US", lambda value: isinstance(value, Location)),
    ("number", 42.192, 42.192),
    ("personal-name", "Bloggs, Joe", PersonName("Joe", "Bloggs", "Joe Bloggs")),
    ("phone-number", "+15558675309", "+15558675309"),
    ("status", "open", "open"),
    ("rating", 5, 5),
    ("record-reference", "person@mail.example.com", lambda value: value.object == "people"),
    ("select", "open", "open"),
    ("text", "A piece of text", "A piece of text"),
    ("timestamp", "2023-09-28 04:39:17.000", datetime(2023, 9, 28, 4, 39, 17, tzinfo=UTC)),
]


async def test_every_type_of_value_can_be_written() -> None:
    misfits = []
    for kind, given, expected in VALID:
        result, _ = await write_value(kind, given)
        value = result.error or result.records["things"]["it"]
        if not (expected(value) if callable(expected) else value == expected):
            misfits.append((kind, given, value))
    assert misfits == []


async def test_an_invalid_value_is_refused_before_anything_is_written() -> None:
    misfits = []
    for kind, given in (("currency", 1.23456), ("rating", 6), ("phone-number", "5558675309"), ("domain", 7)):
        result, fake = await write_value(kind, given)
        if not isinstance(result.error, CoercionError) or fake.records("things") != []:
            misfits.append((kind, given, result))
    assert misfits == []


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_the_program_prints_the_outcome_of_each_event(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakeAttio()
    monkeypatch.setattr(segment, "Attio", fake.client)
    events = tmp_path / "events.jsonl"
    events.write_text(f"{json.dumps(identify())}\n\n{json.dumps(group(groupId=None))}\n")
    assert await segment.main(str(events)) == 1
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert set(first["records"]) == {"people", "users"}
    assert "no group id" in second["error"]
