from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from attio_async.testing import ApiProblem, FakeAttio, VirtualClock

MISSING = "11111111-2222-4333-8444-555555555555"
DAY = date(2026, 1, 1)


@pytest.mark.parametrize(
    "seed",
    [
        lambda fake: fake.seed.add_meeting("x", start=DAY, end=DAY, linked_records=[("people", MISSING)]),
        lambda fake: fake.seed.add_call_recording(MISSING),
        lambda fake: fake.seed.finish_call_recording(MISSING),
        lambda fake: fake.seed.add_view("planets", "x"),
        lambda fake: fake.seed.add_view("people", "x", filter={"colour": "red"}),
        lambda fake: fake.seed.add_email("x", sender="nobody", to=[]),
        lambda fake: fake.seed.resolve_comment(MISSING),
        lambda fake: fake.seed.resolve_comment(MISSING, member="x@y.example"),
        lambda fake: fake.seed.unresolve_comment(MISSING),
        lambda fake: fake.seed.add_attribute("planets", "size", "number"),
    ],
)
def test_what_cannot_be_put_in_leaves_nothing(seed: Callable[[FakeAttio], object]) -> None:
    fake = FakeAttio(clock=VirtualClock())
    before = fake.to_json()
    with pytest.raises((ApiProblem, ValueError)):
        seed(fake)
    assert fake.to_json() == before


def test_a_member_who_joins_is_told_of() -> None:
    fake = FakeAttio(clock=VirtualClock())
    events: list[object] = []
    fake.changes.subscribe(events.append)
    member_id = fake.seed.add_member("new@fake-workspace.test")
    (event,) = events
    assert (event.event_type, event.ids["workspace_member_id"]) == ("workspace-member.created", member_id)


@pytest.mark.anyio
async def test_what_is_put_in_is_as_it_was_given() -> None:
    fake = FakeAttio(clock=VirtualClock())
    person = fake.seed.add_record("people", {})["id"]["record_id"]
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    guest = {"email_address": "a@b.example", "name": "A", "is_organizer": True}
    fake.seed.add_meeting(
        "x", start=noon, end=noon, participants=[guest], linked_records=[("people", person)]
    )
    async with fake.client() as attio:
        (meeting,) = await attio.meetings.list()
    assert (meeting.participants[0].name, meeting.participants[0].status) == ("A", "accepted")
    assert [link.record_id for link in meeting.linked_records] == [person]
