"""Arguments in all forms that callers may give, and the rejection of everything else."""

import datetime as dt
import uuid
from typing import Any

import pytest

from attio_async import RecordRef, Ref
from attio_async._records.models import Entry, Record, decode_one
from attio_async._resources.objects import AttioObject
from attio_async._workspace.arguments import (
    as_list,
    check_several,
    list_and_entry_id,
    member_id,
    member_reference,
    object_and_record_id,
    record_reference,
    resource_id,
    slug_or_id,
    timestamp,
)
from attio_async.errors import CoercionError, ConfigurationError
from attio_async_api.models.actor import Actor
from attio_async_api.models.linked_record import LinkedRecord
from attio_async_api.models.note import Note
from attio_async_api.models.record_entry import RecordEntry
from attio_async_api.models.search_hit import SearchHit
from attio_async_api.models.task_linked_record import TaskLinkedRecord
from attio_async_api.models.workspace_member import WorkspaceMember
from tests.support import error_of

ONE, TWO = (f"5f0e3b1c-0000-4000-8000-00000000000{number}" for number in (1, 2))
NOTE = Note.from_dict({"id": {"workspace_id": "w", "note_id": ONE}})
RECORD_ID = {"workspace_id": "w", "object_id": TWO, "record_id": ONE}
RECORD = decode_one(f'{{"data": {{"id": {{"object_id": "{TWO}", "record_id": "{ONE}"}}}}}}'.encode(), Record)
ENTRY = decode_one(f'{{"data": {{"id": {{"list_id": "{TWO}", "entry_id": "{ONE}"}}}}}}'.encode(), Entry)
MEMBER = WorkspaceMember.from_dict({"id": {"workspace_id": "w", "workspace_member_id": ONE}})


def test_a_resource_is_named_by_its_id_in_any_form() -> None:
    forms: list[Any] = [
        ONE,
        f" {ONE} ",
        uuid.UUID(ONE),
        NOTE,
        NOTE.id,
        {"note_id": ONE},
        {"id": {"note_id": ONE}},
    ]
    assert [resource_id(form, "note_id") for form in forms] == [ONE] * len(forms)


def test_an_invalid_id_is_rejected() -> None:
    empty_note = Note.from_dict({})
    forms: list[Any] = [None, "", " ", ".", "..", "a/b", 5, [], {}, {"task_id": ONE}, empty_note]
    forms += [MEMBER, MEMBER.id, RECORD]
    misfits = [
        form
        for form in forms
        if not isinstance(error := error_of(resource_id, form, "note_id"), CoercionError)
        or "is not a valid note_id; give the id" not in str(error)
    ]
    assert misfits == []


def test_an_object_is_named_by_its_slug() -> None:
    forms = ["bills", " bills ", AttioObject.from_dict({"api_slug": "bills", "id": {"object_id": ONE}})]
    assert [slug_or_id(form, "an object") for form in forms] == ["bills"] * len(forms)


def test_an_invalid_slug_is_rejected() -> None:
    for form in (None, "", ".", "..", 5):
        with pytest.raises(ConfigurationError, match="is not the slug or id of an object"):
            slug_or_id(form, "an object")


def test_a_record_is_named_together_with_its_object() -> None:
    cases: list[tuple[Any, str]] = [
        (RecordRef("people", ONE), "people"),
        (Ref("people", ONE), "people"),
        (RECORD, TWO),
        (f"https://app.attio.com/acme/person/{ONE}/overview", "people"),
        (RECORD_ID, TWO),
        ({"target_object": "people", "target_record_id": ONE}, "people"),
        (SearchHit.from_dict({"id": RECORD_ID}), TWO),
        (LinkedRecord.from_dict({"object_slug": "people", "object_id": TWO, "record_id": ONE}), TWO),
        (TaskLinkedRecord.from_dict({"target_object_id": TWO, "target_record_id": ONE}), TWO),
    ]
    assert [object_and_record_id(form) for form, _ in cases] == [(target, ONE) for _, target in cases]


def test_a_record_without_its_object_is_rejected() -> None:
    by_key = Ref("people", email="a@example.com")
    forms = [None, "", ONE, 5, [], "https://example.com", by_key, NOTE, RecordRef("people", "1")]
    assert [
        form for form in forms if not isinstance(error_of(object_and_record_id, form), CoercionError)
    ] == []


def test_a_record_may_be_referenced_by_a_unique_attribute() -> None:
    found = record_reference(Ref("companies", domain="example.com"), "linked_records")
    assert found == {"target_object": "companies", "domains": [{"domain": "example.com"}]}


def test_an_entry_is_named_together_with_its_list() -> None:
    cases: list[tuple[Any, str]] = [
        (ENTRY, TWO),
        ({"list": "sales", "entry_id": ONE}, "sales"),
        (RecordEntry.from_dict({"list_id": TWO, "entry_id": ONE}), TWO),
    ]
    assert [list_and_entry_id(form) for form, _ in cases] == [(place, ONE) for _, place in cases]


def test_an_entry_without_its_list_is_rejected() -> None:
    for form in (None, ONE, {}, {"entry_id": ONE}, RECORD, 5):
        with pytest.raises(CoercionError, match="does not name an entry and its list; give an Entry"):
            list_and_entry_id(form)


def test_a_member_is_named_by_id_address_or_as_an_actor() -> None:
    by_id = {"referenced_actor_type": "workspace-member", "referenced_actor_id": ONE}
    actor = Actor.from_dict({"type": "workspace-member", "id": ONE})
    forms = [ONE, MEMBER, MEMBER.id, actor]
    assert [member_reference(form, "assignee") for form in forms] == [by_id] * len(forms)
    assert member_reference("ada@example.com", "assignee") == "ada@example.com"
    assert member_id(MEMBER, "author") == ONE


def test_an_invalid_member_is_rejected() -> None:
    app = Actor.from_dict({"type": "app", "id": ONE})
    forms = [None, "", "Ada", 5, app]
    accepted = [
        form for form in forms if not isinstance(error_of(member_reference, form, "assignee"), CoercionError)
    ]
    assert accepted == []
    with pytest.raises(CoercionError, match="by_email"):
        member_id("ada@example.com", "author")


def test_a_timestamp_is_sent_in_utc() -> None:
    zone = dt.timezone(dt.timedelta(hours=2))
    assert timestamp(dt.datetime(2026, 1, 1, 2, tzinfo=zone), "at") == "2026-01-01T00:00:00.000000000Z"
    assert timestamp(dt.date(2026, 1, 1), "at") == "2026-01-01T00:00:00.000000000Z"
    assert timestamp("2026-01-01", "at") == "2026-01-01T00:00:00.000000000Z"


def test_an_invalid_timestamp_is_rejected() -> None:
    naive = dt.datetime(2026, 1, 31)  # noqa: DTZ001 - it must be rejected
    for form in (naive, None, "tomorrow", 5):
        with pytest.raises(CoercionError, match="at"):
            timestamp(form, "at")


def test_several_items_have_a_documented_number() -> None:
    assert as_list(iter("ab"), "letters", max_items=2) == ["a", "b"]
    with pytest.raises(ConfigurationError, match="letters has 3 items; it must have 1 to 2"):
        as_list(["a", "b", "c"], "letters", min_items=1, max_items=2)
    with pytest.raises(ConfigurationError, match="letters has 0 items; it must have at least 1"):
        as_list([], "letters", min_items=1)


async def _rows() -> Any:
    yield {"name": "Ada"}


def test_one_item_in_place_of_several_is_rejected() -> None:
    cases: list[tuple[Any, str]] = [
        ("ab", r"rows must be a list, not one str; write \['ab'\]"),
        (b"ab", "not one bytes"),
        (NOTE.id, "not one NoteId"),
        (uuid.UUID(ONE), "not one UUID"),
        (RECORD, r"not one Record; write \[record\]"),
        ({"name": "Ada"}, r"not one dict; write \[\{'name': 'Ada'\}\]"),
        (RecordRef("people", ONE), "not one RecordRef"),
        (None, "rows must be a list, not None$"),
        (5, "not one int"),
    ]
    for given, message in cases:
        with pytest.raises(ConfigurationError, match=message):
            check_several(given, "rows")


def test_any_iterable_is_several_items() -> None:
    for given in ([], (), set(), {}.values(), iter(()), range(2), _rows()):
        check_several(given, "rows")
