"""Seeding a workspace without requests."""

from datetime import UTC, date, datetime, timedelta

import attrs
import pytest

from attio_async.testing import ApiProblem, FakeAttio, VirtualClock

MISSING = "11111111-2222-4333-8444-555555555555"
DAY = date(2026, 1, 1)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def state(fake: FakeAttio) -> object:
    """Return the workspace; ids that were used up do not count."""
    return attrs.evolve(fake.snapshot().data, ids_made=0)


def test_invalid_seeds_are_refused_and_change_nothing(fake: FakeAttio) -> None:
    fake.seed.add_list("hires")
    company = fake.seed.add_record("companies", {})["id"]["record_id"]
    seed, before = fake.seed, state(fake)
    for message, add in (
        ("already exists", lambda: seed.add_object("people")),
        ("already exists", lambda: seed.add_attribute("people", "name", "text")),
        ("type", lambda: seed.add_attribute("people", "x", "colour")),
        ("multiselect", lambda: seed.add_attribute("people", "x", "text", multiselect=True)),
        ("cannot add", lambda: seed.add_option("people", "name", "x")),
        ("cannot add", lambda: seed.add_option("companies", "categories", "Mobile")),
        ("already", lambda: seed.add_list("hires")),
        ("planets", lambda: seed.add_attribute("planets", "size", "number")),
        ("nope", lambda: seed.add_option("companies", "nope", "x")),
        ("planets", lambda: seed.add_list("rockets", parent="planets")),
        ("nope", lambda: seed.add_entry("nope", company)),
        (company, lambda: seed.add_entry("hires", company)),
        ("nope", lambda: fake.entries("nope")),
        (MISSING, lambda: seed.add_meeting("x", start=DAY, end=DAY, linked_records=[("people", MISSING)])),
        ("cannot last", lambda: seed.add_meeting("x", start=NOON, end=NOON - timedelta(hours=1))),
        ("cannot last", lambda: seed.add_meeting("x", start=DAY, end=NOON)),
        ("time zone", lambda: seed.add_meeting("x", start=NOON.replace(tzinfo=None), end=NOON)),
        (MISSING, lambda: seed.add_call_recording(MISSING)),
        (MISSING, lambda: seed.finish_call_recording(MISSING)),
        ("planets", lambda: seed.add_view("planets", "x")),
        ("colour", lambda: seed.add_view("people", "x", filter={"colour": "red"})),
        ("email address", lambda: seed.add_email("x", sender="nobody", to=[])),
        (MISSING, lambda: seed.resolve_comment(MISSING)),
        ("x@y.example.com", lambda: seed.resolve_comment(MISSING, member="x@y.example.com")),
        (MISSING, lambda: seed.unresolve_comment(MISSING)),
    ):
        with pytest.raises((ApiProblem, ValueError), match=message):
            add()
        assert state(fake) == before, message


def test_an_option_is_added(fake: FakeAttio) -> None:
    fake.seed.add_option("companies", "categories", "Space")
    assert fake.seed.add_record("companies", {"categories": ["Space"]})["values"]["categories"]


def test_a_seeded_list_is_part_of_the_document(fake: FakeAttio) -> None:
    fake.seed.add_list("hires", "Hires")
    fake.seed.add_attribute("hires", "stage", "status", options=["One"])
    fake.seed.add_option("hires", "stage", "Two")
    person = fake.seed.add_record("people", {})["id"]["record_id"]
    entry = fake.seed.add_entry("hires", person, {"stage": "Two", "created_at": "2020-01-01"})
    assert entry["entry_values"]["created_at"][0]["value"].startswith("2020-01-01")
    again = FakeAttio.from_json(fake.to_json())
    assert again.entries("hires") == fake.entries("hires") == [entry]
    assert again.to_json() == fake.to_json()
    assert "'hires': 1" in repr(again)


def test_a_new_member_is_a_change() -> None:
    fake = FakeAttio(clock=VirtualClock())
    events: list[object] = []
    fake.changes.subscribe(events.append)
    member_id = fake.seed.add_member("new@fake-workspace.example.com")
    (event,) = events
    assert (event.event_type, event.ids["workspace_member_id"]) == ("workspace-member.created", member_id)


@pytest.mark.anyio
async def test_a_meeting_keeps_its_participants_and_links() -> None:
    fake = FakeAttio(clock=VirtualClock())
    person = fake.seed.add_record("people", {})["id"]["record_id"]
    guest = {"email_address": "a@b.example.com", "name": "A", "is_organizer": True}
    fake.seed.add_meeting(
        "x", start=NOON, end=NOON, participants=[guest], linked_records=[("people", person)]
    )
    async with fake.client() as attio:
        (meeting,) = await attio.meetings.list()
    assert (meeting.participants[0].name, meeting.participants[0].status) == ("A", "accepted")
    assert [link.record_id for link in meeting.linked_records] == [person]
