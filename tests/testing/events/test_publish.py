"""The change log: one event for each thing that changed."""

from collections.abc import Iterator

import pytest

from attio_async.testing import FakeAttio
from attio_async.testing._workspace.change_log import ChangeLog, LoggedChange


@pytest.fixture
def logged(fake: FakeAttio) -> Iterator[list[LoggedChange]]:
    changes: list[LoggedChange] = []
    fake.changes.subscribe(changes.append)
    yield changes
    fake.changes.unsubscribe(changes.append)


def types(logged: list[LoggedChange]) -> list[str]:
    kinds = [change.event_type for change in logged]
    logged.clear()
    return kinds


def test_writes_of_records(api, logged) -> None:
    company = api.create("companies", domains=["acme.com"], name="Acme").data["id"]
    (created,) = logged
    assert created.event() == {
        "event_type": "record.created",
        "id": company,
        "actor": {"type": "api-token", "id": created.actor["id"]},
    }
    logged.clear()
    api.patch("companies", company["record_id"], name="Acme", domains=["acme.com"], description="New")
    (updated,) = logged
    attribute = api("GET", "/v2/objects/companies/attributes/description").data["id"]["attribute_id"]
    assert updated.event_type == "record.updated"
    assert updated.ids == {**company, "attribute_id": attribute}
    logged.clear()
    api("DELETE", f"/v2/objects/companies/records/{company['record_id']}")
    assert types(logged) == ["record.deleted"]


def test_a_person_with_an_address_creates_a_company_and_updates_both_ends(api, logged) -> None:
    api.create("people", email_addresses=["ada@acme.com"])
    actors = [(change.event_type, change.actor["type"]) for change in logged]
    assert actors == [
        ("record.created", "api-token"),
        ("record.created", "system"),
        ("record.updated", "system"),
        ("record.updated", "system"),
    ]


def test_entries_lists_and_attributes(api, fake, logged) -> None:
    fake.seed.add_list("leads", parent="people")
    person = api.create("people").data["id"]["record_id"]
    logged.clear()
    body = {"data": {"parent_object": "people", "parent_record_id": person, "entry_values": {}}}
    api("POST", "/v2/lists/leads/entries", body)
    (created,) = logged
    assert created.event()["parent_record_id"] == person
    assert set(created.ids) == {"workspace_id", "list_id", "entry_id"}
    logged.clear()
    api("PATCH", "/v2/lists/leads", {"data": {"name": "Leads"}})
    fields = {"title": "S", "description": None, "type": "select", "api_slug": "s", "config": {}}
    fields |= {"is_required": False, "is_unique": False, "is_multiselect": False}
    api("POST", "/v2/lists/leads/attributes", {"data": fields})
    api("POST", "/v2/lists/leads/attributes/s/options", {"data": {"title": "x"}})
    api("PATCH", "/v2/lists/leads/attributes/s", {"data": {"title": "T"}})
    api("DELETE", f"/v2/objects/people/records/{person}")
    assert types(logged) == [
        "list.updated",
        "list-attribute.created",
        "list-attribute.updated",
        "list-attribute.updated",
        "list-entry.deleted",
        "record.deleted",
    ]


def test_a_refused_write_is_not_logged_and_a_restored_workspace_is(api, fake, logged) -> None:
    snapshot = fake.snapshot()
    assert api.create("companies", name=5).status == 400
    assert logged == []
    fake.restore(snapshot)
    api.create("companies")
    assert types(logged) == ["record.created"]


def test_an_unsubscribed_listener_gets_no_more_changes() -> None:
    changes, received = ChangeLog(), []
    change = LoggedChange("task.created", {}, {}, "")
    assert not changes
    changes.subscribe(received.append)
    assert changes
    changes.publish(change)
    changes.unsubscribe(received.append)
    changes.publish(change)
    assert received == [change]
    with pytest.raises(ValueError, match="not in list"):
        changes.unsubscribe(received.append)
