"""Copies of a workspace, and the snapshots made of them."""

import uuid
from collections.abc import Iterator

import attrs
import pytest
from hypothesis import given, settings, strategies as st
from tests.support import examples

from attio_async.testing import FakeAttio, VirtualClock
from attio_async.testing._schema import FakeRecord
from attio_async.testing._workspace.ids import named_uuid
from attio_async.testing._workspace.snapshots import copied


@pytest.fixture
def full() -> FakeAttio:
    """Return a workspace with an object, a list, records and an entry."""
    fake = FakeAttio(clock=VirtualClock())
    fake.seed.add_object("ships")
    fake.seed.add_list("sales", parent="companies")
    fake.seed.add_attribute("companies", "size", "select", options=["small", "large"])
    company = fake.seed.add_record("companies", {"name": "Acme", "domains": ["acme.com"], "size": "small"})
    fake.seed.add_record("people", {"email_addresses": ["ada@acme.com"], "name": "Ada Lovelace"})
    fake.seed.add_entry("sales", company["id"]["record_id"])
    return fake


def changeable(thing: object) -> Iterator[object]:
    """Yield every mutable part of a state, apart from the insides of values, which never change."""
    if isinstance(thing, FakeRecord):
        yield thing
        for values in (*thing.values.values(), *thing.history.values()):
            yield values
            yield from values
    elif isinstance(thing, dict | list):
        yield thing
        for part in thing.values() if isinstance(thing, dict) else thing:
            yield from changeable(part)
    elif attrs.has(type(thing)) and type(thing).__hash__ is None:
        yield thing
        for field in attrs.fields(type(thing)):
            yield from changeable(getattr(thing, field.name))


def test_a_copy_is_equal_and_shares_nothing_mutable(full: FakeAttio) -> None:
    data = full._state.workspace.data
    copy = copied(data)
    assert copy == data
    assert len(list(changeable(data))) > 150
    shared = {id(thing) for thing in changeable(data)} & {id(thing) for thing in changeable(copy)}
    assert shared == set()


def test_unchanged_parts_are_taken_from_the_spare_copy(full: FakeAttio) -> None:
    data = full._state.workspace.data
    spare = copied(data)
    full.seed.add_record("companies", {"name": "Other"})
    data.objects["people"].attributes["name"].title = "Full name"
    copy = copied(data, spare)
    assert copy == data
    assert copy.objects["companies"] is spare.objects["companies"]
    assert copy.objects["people"] is not spare.objects["people"]
    people, companies = (data.objects[slug].id for slug in ("people", "companies"))
    assert [id(row) for row in copy.rows[people].values()] == [id(row) for row in spare.rows[people].values()]
    assert len(copy.rows[companies]) == 2
    assert not {id(thing) for thing in changeable(data)} & {id(thing) for thing in changeable(copy)}


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["create", "rename", "clear", "option", "attribute", "object", "restore", "snapshot"]
        ),
        st.integers(0, 3),
    ),
    max_size=12,
)


def step(fake: FakeAttio, what: str, number: int) -> None:
    workspace = fake._state.workspace
    companies = list(workspace.records(workspace.data.objects["companies"]))
    target = f"/v2/objects/companies/records/{companies[number % len(companies)].id}"
    headers = {"authorization": f"Bearer {fake.token}"}
    if what == "create":
        fake.seed.add_record("companies", {"name": f"Company {number}"})
    elif what == "rename":
        fake.handle("PATCH", target, headers, b'{"data": {"values": {"name": "Renamed"}}}')
    elif what == "clear":
        fake.handle("PUT", target, headers, b'{"data": {"values": {"domains": []}}}')
    elif what == "option":
        fake.seed.add_option("companies", "size", f"size {workspace.data.ids_made}")
    elif what == "attribute":
        fake.seed.add_attribute("companies", f"extra_{workspace.data.ids_made}", "text")
    elif what == "object":
        fake.seed.add_object(f"things_{workspace.data.ids_made}")


@settings(max_examples=examples(40))
@given(STEPS)
def test_a_snapshot_never_changes(steps: list[tuple[str, int]]) -> None:
    fake = FakeAttio(clock=VirtualClock())
    fake.seed.add_attribute("companies", "size", "select", options=["small"])
    fake.seed.add_record("companies", {"name": "Acme", "domains": ["acme.com"]})
    first = fake.snapshot()
    kept = [(first, first.document)]
    for what, number in steps:
        if what == "snapshot":
            snapshot = fake.snapshot()
            assert snapshot.document == fake.to_json()
            kept.append((snapshot, snapshot.document))
        elif what == "restore":
            snapshot, document = kept[number % len(kept)]
            fake.restore(snapshot)
            assert fake.to_json() == document
        else:
            step(fake, what, number)
    for snapshot, document in kept:
        assert snapshot.document == document


@given(st.uuids(), st.text(st.characters(codec="utf-8")))
def test_named_ids_are_those_of_uuid5(namespace: uuid.UUID, name: str) -> None:
    assert named_uuid(namespace, name) == str(uuid.uuid5(namespace, name))
