"""Arguments that are rejected before anything is sent."""

import datetime as dt
import re
from typing import Any

import httpx
import pytest

from attio_async import RecordRef
from attio_async.errors import CoercionError, ConfigurationError
from tests.support import Scripted, async_error_of

pytestmark = pytest.mark.anyio

ONE, TWO = (f"5f0e3b1c-0000-4000-8000-00000000000{number}" for number in (1, 2))
ADA = RecordRef("people", ONE)
ENTRY = {"list": "l", "entry_id": ONE}
DAY = dt.date(2026, 1, 31)
NAIVE = dt.datetime(2026, 1, 31)  # noqa: DTZ001 - it must be rejected
AWARE = dt.datetime(2026, 2, 1, tzinfo=dt.UTC)
HOOK = "https://example.com/hook"
NOTHING = "nothing to change"

CASES: list[tuple[Any, str]] = [
    # names
    (lambda a: a.objects.get(""), "'' is not the slug or id of an object"),
    (lambda a: a.attributes("people").get(".."), "is not the slug or id of an attribute"),
    (lambda a: a.attributes("people", target="people"), "target must be 'objects' or 'lists', not 'people'"),
    (lambda a: a.entries(""), "is not the slug or id of a list"),
    (lambda a: a.records("."), "is not the slug or id of an object"),
    (lambda a: a.activities.records(""), "is not the slug or id of an activity"),
    (lambda a: a.notes.get({"task_id": ONE}), "is not a valid note_id"),
    # limits
    (lambda a: a.notes.recent(ADA, limit=-1), "limit must be at least 0, not -1"),
    (lambda a: a.notes.recent(ADA, limit="5"), "limit must be at least 0, not '5'"),
    # changes of nothing
    (lambda a: a.objects.update("people"), f"update_object was given {NOTHING}"),
    (lambda a: a.attributes("people").update("name"), NOTHING),
    (lambda a: a.attributes("people").options("x").update("y"), NOTHING),
    (lambda a: a.attributes("people").statuses("x").update("y"), NOTHING),
    (lambda a: a.lists.update("sales"), NOTHING),
    (lambda a: a.notes.update(ONE), NOTHING),
    (lambda a: a.notes.update(ONE, format="markdown"), NOTHING),
    (lambda a: a.tasks.update(ONE), NOTHING),
    (lambda a: a.webhooks.update(ONE), NOTHING),
    (lambda a: a.activities.update("visits"), NOTHING),
    # lists, tasks and comments
    (
        lambda a: a.lists.create("L", api_slug="l", parent_object="people", workspace_access="read-only"),
        "nobody has 'full-access'",
    ),
    (lambda a: a.tasks.create("x" * 2001), "content has 2,001 characters; the most is 2,000"),
    (lambda a: a.tasks.create("x", deadline_at=NAIVE), "deadline_at .timestamp.: .* time zone"),
    (lambda a: a.tasks.due_on(AWARE), "day must be a date"),
    (lambda a: a.tasks.due_on(DAY, tz="Europe/Paris"), "tz must be a tzinfo, .*, not 'Europe/Paris'"),
    (lambda a: a.tasks.due_on("2026-01-31"), "day must be a date, not '2026-01-31'"),
    (lambda a: a.webhooks.create("https://x.example.com", [5]), "5 is not a subscription"),
    (
        lambda a: a.webhooks.create("https://x.example.com", [{"event": "record.created"}]),
        "with its event_type",
    ),
    (
        lambda a: a.webhooks.create("https://x.example.com", [{"event_type": "record.created", "filter": 5}]),
        "5 is not a valid filter",
    ),
    (
        lambda a: a.webhooks.create(
            "https://x.example.com", [{"event_type": "record.created", "filter": {"$or": [5]}}]
        ),
        "5 is not a valid filter",
    ),
    (lambda a: a.comments.create("x", author=ONE), "give one of them"),
    (lambda a: a.comments.create("x", author=ONE, record=ADA, thread=ONE), "give one of them"),
    (lambda a: a.threads.list(), "give one of them"),
    (lambda a: a.threads.list(record=ADA, entry=ENTRY), "give one of them"),
    # meetings, recordings and e-mails
    (lambda a: a.meetings.create("M", start=DAY, end=DAY - dt.timedelta(1)), "is before start"),
    (lambda a: a.meetings.create("M", start=DAY, end=AWARE), "must both be dates"),
    (lambda a: a.meetings.create("M", start=NAIVE, end=NAIVE), "need a time zone"),
    (
        lambda a: a.meetings.create("M", start=DAY, end=DAY, participants=["a@example.com", None]),
        "participants must be e-mail addresses or dicts, not None",
    ),
    (lambda a: a.meetings.create("x" * 1001, start=DAY, end=DAY), "title has 1,001 characters"),
    (
        lambda a: a.meetings.create("x", description="x" * 10_001, start=DAY, end=DAY),
        "description has 10,001 characters",
    ),
    (
        lambda a: a.meetings.create("x", participants=["a@example.com"] * 501, start=DAY, end=DAY),
        "participants has 501 items; it must have 0 to 500",
    ),
    (
        lambda a: a.meetings.create("x", participants=[5], start=DAY, end=DAY),
        "participants must be e-mail addresses or dicts, not 5",
    ),
    (lambda a: a.meetings.create(["x"], start=DAY, end=DAY), "title must be a text, not \\['x'\\]"),
    (lambda a: a.meetings.add_links(ONE, [ADA] * 51), "linked_records has 51 items"),
    (lambda a: a.call_recordings.get(ONE), "give meeting="),
    (lambda a: a.call_recordings.create(ONE), "needs a video_url, a transcript or both"),
    (lambda a: a.call_recordings.create(ONE, transcript=[{}] * 4001), "transcript has 4,001 items"),
    (lambda a: a.emails.list(), "give records, participants or a domain"),
    (lambda a: a.emails.list(participants=["a@example.com"] * 11), "participants has 11 items"),
    (
        lambda a: a.emails.list(records=[ADA, RecordRef("companies", TWO)]),
        "records are of the objects companies and people",
    ),
    (lambda a: a.sequences.unsubscribe([]), "email_addresses has 0 items; it must have 1 to 1,000"),
    (lambda a: a.sequences.unsubscribe(["a@example.com"] * 1001), "email_addresses has 1,001 items"),
    # webhooks, search and SQL
    (lambda a: a.webhooks.create("http://example.com", ["record.created"]), "must start with https://"),
    (lambda a: a.webhooks.create(HOOK, []), "subscriptions has 0 items; it must have at least 1"),
    (lambda a: a.search("x" * 257, objects=["people"]), "query has 257 characters"),
    (lambda a: a.search("x", objects=[]), "objects has 0 items"),
    (lambda a: a.search("x", objects=["people"], limit=26), "limit must be from 1 to 25, not 26"),
    (lambda a: a.search("x", objects=["people"], limit="5"), "limit must be from 1 to 25, not '5'"),
    # texts and times
    (lambda a: a.notes.create(ADA, title=None, content="x"), "title must be text, not None"),
    (lambda a: a.notes.create(ADA, title="x", content=5), "content must be text, not 5"),
    (lambda a: a.notes.update(ONE, content=5), "content must be text, not 5"),
    (lambda a: a.comments.create(5, author=ONE, record=ADA), "content must be text, not 5"),
    (lambda a: a.tasks.create(["x"]), "content must be a text, not \\['x'\\]"),
    (lambda a: a.files.upload(ADA, b"x", name=5), "name must be text, not 5"),
    (lambda a: a.files.upload(ADA, b"x", name="x", media_type=5), "media_type must be text, not 5"),
    # numbers of results
    (lambda a: a.people.query(limit=2.5), "limit must be a whole number, not 2.5"),
    (lambda a: a.people.query(page_size=2.5), "page_size must be a whole number, not 2.5"),
    (lambda a: a.people.query().pages(prefetch=2.5), "prefetch must be a whole number, not 2.5"),
    (lambda a: a.people.scan(parallel=2.5), "parallel must be a whole number, not 2.5"),
    (lambda a: a.notes.list(limit=2.5), "limit must be a whole number, not 2.5"),
    (lambda a: a.notes.list(page_size=2.5), "page_size must be a whole number, not 2.5"),
    (lambda a: a.notes.recent(ADA, limit=-1), "limit must be at least 0, not -1"),
    (lambda a: a.notes.recent(ADA, limit="5"), "limit must be at least 0, not '5'"),
    (lambda a: a.sql("  "), "the SQL query is empty"),
    (lambda a: a.people.export("people.csv", parallel=2.5), "parallel must be a whole number, not 2.5"),
    # records, entries and records of activities
    (lambda a: a.people.merge(ONE, ADA), "cannot be merged with itself"),
    (lambda a: a.people.replace_history(ONE, "name", []), "give confirm=True"),
    (lambda a: a.entries("sales").create(ONE), "parent .record-reference.: .* give"),
    (
        lambda a: a.entries("sales").update(ONE, {}, multiselect="replace"),
        "multiselect must be 'append' or 'overwrite'",
    ),
    (lambda a: a.activities.records("visits").upsert({"a": 1}, match="b"), "b: has no value to match on"),
    (
        lambda a: a.activities.records("visits").update(ONE, {}, multiselect="replace"),
        "multiselect must be 'append' or 'overwrite'",
    ),
    (lambda a: a.activities.records("visits").update(ONE, {"a": []}), "adding no value changes nothing"),
]


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_an_invalid_argument_is_rejected_with_a_reason_before_anything_is_sent() -> None:
    misfits = []
    for call, reason in CASES:
        http = Scripted()
        route = http.router.route().mock(return_value=httpx.Response(200, json={"data": []}))

        async def called(call: Any = call, http: Scripted = http) -> object:
            return await call(http.attio)

        error = await async_error_of(called)
        sent = {call.request.url.path.rsplit("/", 1)[-1] for call in route.calls}
        is_own = isinstance(error, ConfigurationError | CoercionError)
        if not is_own or not re.search(reason, str(error)) or sent - {"attributes"}:  # the schema may be read
            misfits.append((reason, error, sent))
    assert misfits == []
