"""What is told of changes: one event of the webhook table for each thing that changed."""

from collections.abc import Iterator

import pytest

from attio_async.testing import FakeAttio
from attio_async.testing._workspace.change_log import ChangeLog, LoggedChange


@pytest.fixture
def told(fake: FakeAttio) -> Iterator[list[LoggedChange]]:
    heard: list[LoggedChange] = []
    fake.changes.subscribe(heard.append)
    yield heard
    fake.changes.unsubscribe(heard.append)


def types(told: list[LoggedChange]) -> list[str]:
    kinds = [change.event_type for change in told]
    told.clear()
    return kinds


def test_writes_of_records(api, told) -> None:
    company = api.create("companies", domains=["acme.com"], name="Acme").data["id"]
    (created,) = told
    assert created.event() == {
        "event_type": "record.created",
        "id": company,
        "actor": {"type": "api-token", "id": created.actor["id"]},
    }
    told.clear()
    api.patch("companies", company["record_id"], name="Acme", domains=["acme.com"], description="New")
    (updated,) = told
    attribute = api("GET", "/v2/objects/companies/attributes/description").data["id"]["attribute_id"]
    assert updated.event_type == "record.updated"
    assert updated.ids == {**company, "attribute_id": attribute}
    told.clear()
    api("DELETE", f"/v2/objects/companies/records/{company['record_id']}")
    assert types(told) == ["record.deleted"]


def test_the_other_ends_and_the_companies_that_follow_from_addresses(api, told) -> None:
    api.create("people", email_addresses=["ada@acme.com"])
    whole = [(change.event_type, change.actor["type"]) for change in told]
    assert whole == [
        ("record.created", "api-token"),
        ("record.created", "system"),
        ("record.updated", "system"),
        ("record.updated", "system"),
    ]


def test_entries_lists_and_attributes(api, fake, told) -> None:
    fake.seed.add_list("leads", parent="people")
    person = api.create("people").data["id"]["record_id"]
    told.clear()
    body = {"data": {"parent_object": "people", "parent_record_id": person, "entry_values": {}}}
    api("POST", "/v2/lists/leads/entries", body)
    (created,) = told
    assert created.event()["parent_record_id"] == person
    assert set(created.ids) == {"workspace_id", "list_id", "entry_id"}
    told.clear()
    api("PATCH", "/v2/lists/leads", {"data": {"name": "Leads"}})
    fields = {"title": "S", "description": None, "type": "select", "api_slug": "s", "config": {}}
    fields |= {"is_required": False, "is_unique": False, "is_multiselect": False}
    api("POST", "/v2/lists/leads/attributes", {"data": fields})
    api("POST", "/v2/lists/leads/attributes/s/options", {"data": {"title": "x"}})
    api("PATCH", "/v2/lists/leads/attributes/s", {"data": {"title": "T"}})
    api("DELETE", f"/v2/objects/people/records/{person}")
    assert types(told) == [
        "list.updated",
        "list-attribute.created",
        "list-attribute.updated",
        "list-attribute.updated",
        "list-entry.deleted",
        "record.deleted",
    ]


def test_a_refused_write_is_no_change_and_a_restored_workspace_is_heard(api, fake, told) -> None:
    snapshot = fake.snapshot()
    assert api.create("companies", name=5).status == 400
    assert told == []
    fake.restore(snapshot)
    api.create("companies")
    assert types(told) == ["record.created"]


def test_who_stops_listening_hears_no_more() -> None:
    changes, heard = ChangeLog(), []
    change = LoggedChange("task.created", {}, {}, "")
    assert not changes
    changes.subscribe(heard.append)
    assert changes
    changes.publish(change)
    changes.unsubscribe(heard.append)
    changes.publish(change)
    assert heard == [change]
    with pytest.raises(ValueError, match="not in list"):
        changes.unsubscribe(heard.append)
