"""How things may be named, and that what names nothing is refused before anything is sent."""

import datetime as dt
import uuid
from typing import Any

import httpx
import pytest

from attio_async import Attio, RecordRef, Ref
from attio_async._records.models import Entry, Record, decode_one
from attio_async._resources.objects import AttioObject
from attio_async._workspace.arguments import (
    as_list,
    list_and_entry_id,
    member_id,
    member_reference,
    object_and_record_id,
    record_reference,
    resource_id,
    slug_or_id,
    timestamp,
)
from attio_async.errors import (
    AttioError,
    CoercionError,
    ConfigurationError,
    UnknownName,
)
from attio_async_api.models.linked_record import LinkedRecord
from attio_async_api.models.note import Note
from attio_async_api.models.record_entry import RecordEntry
from attio_async_api.models.search_hit import SearchHit
from attio_async_api.models.task_linked_record import TaskLinkedRecord
from attio_async_api.models.workspace_member import WorkspaceMember
from tests.support import Scripted

pytestmark = pytest.mark.anyio

ONE, TWO, THREE = (f"5f0e3b1c-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))
NAIVE = dt.datetime(2026, 1, 31)  # noqa: DTZ001 - it is what must be refused
NOTE = Note.from_dict({"id": {"workspace_id": "w", "note_id": ONE}})
RECORD_ID = {"workspace_id": "w", "object_id": TWO, "record_id": ONE}
RECORD = decode_one(f'{{"data": {{"id": {{"object_id": "{TWO}", "record_id": "{ONE}"}}}}}}'.encode(), Record)
ENTRY = decode_one(f'{{"data": {{"id": {{"list_id": "{TWO}", "entry_id": "{ONE}"}}}}}}'.encode(), Entry)
MEMBER = WorkspaceMember.from_dict({"id": {"workspace_id": "w", "workspace_member_id": ONE}})


@pytest.mark.parametrize(
    "given", [ONE, f" {ONE} ", uuid.UUID(ONE), NOTE, NOTE.id, {"note_id": ONE}, {"id": {"note_id": ONE}}]
)
def test_a_note_by_whatever_names_it(given: object) -> None:
    assert resource_id(given, "note_id") == ONE


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        " ",
        ".",
        "..",
        "a/b",
        5,
        [],
        {},
        MEMBER,
        MEMBER.id,
        RECORD,
        {"task_id": ONE},
        Note.from_dict({}),
    ],
)
def test_what_is_no_note(given: object) -> None:
    with pytest.raises(CoercionError, match="note_id"):
        resource_id(given, "note_id")


@pytest.mark.parametrize(
    "given", ["bills", " bills ", AttioObject.from_dict({"api_slug": "bills", "id": {"object_id": ONE}})]
)
def test_an_object_by_slug(given: object) -> None:
    assert slug_or_id(given, "object") == "bills"


@pytest.mark.parametrize("given", [None, "", ".", "..", 5])
def test_what_is_no_slug(given: object) -> None:
    with pytest.raises(ConfigurationError, match="not the slug or id of an object"):
        slug_or_id(given, "an object")


@pytest.mark.parametrize(
    ("given", "target"),
    [
        (RecordRef("people", ONE), "people"),
        (Ref("people", ONE), "people"),
        (RECORD, TWO),
        (f"https://app.attio.com/acme/person/{ONE}/overview", "people"),
        (RECORD_ID, TWO),
        ({"target_object": "people", "target_record_id": ONE}, "people"),
        (SearchHit.from_dict({"id": RECORD_ID}), TWO),
        (LinkedRecord.from_dict({"object_slug": "people", "object_id": TWO, "record_id": ONE}), TWO),
        (TaskLinkedRecord.from_dict({"target_object_id": TWO, "target_record_id": ONE}), TWO),
    ],
)
def test_a_record_by_whatever_refers_to_it(given: object, target: str) -> None:
    assert object_and_record_id(given) == (target, ONE)


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        ONE,
        5,
        [],
        "https://acme.com",
        Ref("people", email="a@x.com"),
        NOTE,
        RecordRef("people", "1"),
    ],
)
def test_what_does_not_say_which_record_it_is(given: object) -> None:
    with pytest.raises(CoercionError):
        object_and_record_id(given)


def test_tasks_may_name_a_record_by_a_unique_attribute() -> None:
    found = record_reference(Ref("companies", domain="acme.com"), "linked_records")
    assert found == {"target_object": "companies", "domains": [{"domain": "acme.com"}]}


@pytest.mark.parametrize(
    ("given", "where"),
    [
        (ENTRY, TWO),
        ({"list": "sales", "entry_id": ONE}, "sales"),
        (RecordEntry.from_dict({"list_id": TWO, "entry_id": ONE}), TWO),
    ],
)
def test_an_entry_by_whatever_names_it(given: object, where: str) -> None:
    assert list_and_entry_id(given) == (where, ONE)


@pytest.mark.parametrize("given", [None, ONE, {}, {"entry_id": ONE}, RECORD, 5])
def test_what_is_no_entry_of_a_list(given: object) -> None:
    with pytest.raises(CoercionError, match="entry"):
        list_and_entry_id(given)


def test_members() -> None:
    by_id = {"referenced_actor_type": "workspace-member", "referenced_actor_id": ONE}
    assert (
        member_reference(ONE, "assignee")
        == member_reference(MEMBER, "assignee")
        == member_reference(MEMBER.id, "assignee")
        == by_id
    )
    assert member_reference("ada@example.com", "assignee") == "ada@example.com"
    assert member_id(MEMBER, "author") == ONE
    with pytest.raises(CoercionError, match="by_email"):
        member_id("ada@example.com", "author")
    for nobody in (None, "", "Ada", 5):
        with pytest.raises(CoercionError):
            member_reference(nobody, "assignee")


def test_moments() -> None:
    zone = dt.timezone(dt.timedelta(hours=2))
    assert timestamp(dt.datetime(2026, 1, 1, 2, tzinfo=zone), "at") == "2026-01-01T00:00:00.000000000Z"
    assert timestamp("2026-01-01", "at") == "2026-01-01T00:00:00.000000000Z"
    for wrong in (NAIVE, dt.date(2026, 1, 1), None, "tomorrow", 5):
        with pytest.raises(CoercionError, match="at"):
            timestamp(wrong, "at")


def test_several() -> None:
    assert as_list(iter("ab"), "letters", max_items=2) == ["a", "b"]
    with pytest.raises(ConfigurationError, match=r"\['ab'\]"):
        as_list("ab", "letters")
    with pytest.raises(ConfigurationError, match="letters has 3 items; it must have 1 to 2"):
        as_list(["a", "b", "c"], "letters", min_items=1, max_items=2)
    with pytest.raises(ConfigurationError, match="letters has 0 items; it must have at least 1"):
        as_list([], "letters", min_items=1)


ADA = RecordRef("people", ONE)
DAY = dt.date(2026, 1, 31)
REFUSED: dict[str, Any] = {
    "an object named nothing": lambda a: a.objects.get(""),
    "an attribute named ..": lambda a: a.attributes("people").get(".."),
    "a target that is none": lambda a: a.attributes("people", target="people"),
    "a list named nothing": lambda a: a.entries(""),
    "records of nothing": lambda a: a.records("."),
    "an activity named nothing": lambda a: a.activities.records(""),
    "a change of nothing": lambda a: a.objects.update("people"),
    "an attribute changed in nothing": lambda a: a.attributes("people").update("name"),
    "an option changed in nothing": lambda a: a.attributes("people").options("x").update("y"),
    "a status changed in nothing": lambda a: a.attributes("people").statuses("x").update("y"),
    "a list changed in nothing": lambda a: a.lists.update("sales"),
    "a note changed in nothing": lambda a: a.notes.update(ONE),
    "a note given a format only": lambda a: a.notes.update(ONE, format="markdown"),
    "a task changed in nothing": lambda a: a.tasks.update(ONE),
    "a webhook changed in nothing": lambda a: a.webhooks.update(ONE),
    "an activity changed in nothing": lambda a: a.activities.update("visits"),
    "a list that nobody may change": lambda a: a.lists.create(
        "L", api_slug="l", parent_object="people", workspace_access="read-only"
    ),
    "a task too long": lambda a: a.tasks.create("x" * 2001),
    "assignees as a text": lambda a: a.tasks.create("x", assignees="ada@example.com"),
    "due on a timestamp": lambda a: a.tasks.due_on(dt.datetime(2026, 1, 1, tzinfo=dt.UTC)),
    "a naive deadline": lambda a: a.tasks.create("x", deadline_at=NAIVE),
    "a comment nowhere": lambda a: a.comments.create("x", author=ONE),
    "a comment in two places": lambda a: a.comments.create("x", author=ONE, record=ADA, thread=ONE),
    "a comment by an address": lambda a: a.comments.create("x", author="ada@example.com", record=ADA),
    "threads of nothing": lambda a: a.threads.list(),
    "threads of two": lambda a: a.threads.list(record=ADA, entry={"list": "l", "entry_id": ONE}),
    "a meeting that ends first": lambda a: a.meetings.create("M", start=DAY, end=DAY - dt.timedelta(1)),
    "a meeting of two kinds": lambda a: a.meetings.create(
        "M", start=DAY, end=dt.datetime(2026, 2, 1, tzinfo=dt.UTC)
    ),
    "a meeting without a zone": lambda a: a.meetings.create("M", start=NAIVE, end=NAIVE),
    "a title too long": lambda a: a.meetings.create("x" * 1001, start=DAY, end=DAY),
    "a description too long": lambda a: a.meetings.create("x", description="x" * 10_001, start=DAY, end=DAY),
    "too many participants": lambda a: a.meetings.create(
        "x", participants=["a@x.com"] * 501, start=DAY, end=DAY
    ),
    "too many links": lambda a: a.meetings.add_links(ONE, [ADA] * 51),
    "a recording without its meeting": lambda a: a.call_recordings.get(ONE),
    "a recording of nothing": lambda a: a.call_recordings.create(ONE),
    "too many segments": lambda a: a.call_recordings.create(ONE, transcript=[{}] * 4001),
    "e-mails of nobody": lambda a: a.emails.list(),
    "e-mails of too many": lambda a: a.emails.list(participants=["a@x.com"] * 11),
    "e-mails of two objects": lambda a: a.emails.list(records=[ADA, RecordRef("companies", TWO)]),
    "nobody unsubscribed": lambda a: a.sequences.unsubscribe([]),
    "too many unsubscribed": lambda a: a.sequences.unsubscribe(["a@x.com"] * 1001),
    "a webhook without https": lambda a: a.webhooks.create("http://x.com", ["record.created"]),
    "a webhook of nothing": lambda a: a.webhooks.create("https://x.com", []),
    "a search too long": lambda a: a.search("x" * 257, objects=["people"]),
    "a search nowhere": lambda a: a.search("x", objects=[]),
    "a search for too many": lambda a: a.search("x", objects=["people"], limit=26),
    "an empty query": lambda a: a.sql("  "),
    "a merge with itself": lambda a: a.people.merge(ONE, RECORD),
    "an upsert on nothing": lambda a: a.activities.records("visits").upsert({"a": 1}, match="b"),
    "an update of another kind": lambda a: a.activities.records("visits").update(
        ONE, {}, multiselect="replace"
    ),
    "adding nothing": lambda a: a.activities.records("visits").update(ONE, {"a": []}),
    "an entry of no record": lambda a: a.entries("sales").create(ONE),
    "an entry updated in another way": lambda a: a.entries("sales").update(ONE, {}, multiselect="replace"),
    "history unconfirmed": lambda a: a.people.replace_history(ONE, "name", []),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_nothing_is_sent(what: str) -> None:
    http = Scripted()
    writes = http.router.route().mock(return_value=httpx.Response(200, json={"data": []}))
    with pytest.raises((ConfigurationError, CoercionError)):
        await REFUSED[what](http.attio)
    kinds = {call.request.url.path.rsplit("/", 1)[-1] for call in writes.calls}
    assert kinds <= {"attributes"}  # what is known of an object may have been read


async def test_an_event_that_nobody_knows_names_near_ones() -> None:
    http = Scripted()
    with pytest.raises(UnknownName, match=r"record\.created"):
        await http.attio.webhooks.create("https://x.com", ["record.create"])


def test_every_refusal_is_one_of_ours() -> None:
    assert issubclass(CoercionError, AttioError)
    assert repr(Attio("token").entries("sales")) == "<Entries of sales>"
    assert repr(Attio("token").attributes("sales", target="lists")) == "<Attributes of lists sales>"
    assert repr(Attio("token").activities.records("visits")) == "<ActivityRecords of visits>"
