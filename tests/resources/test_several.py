"""One item in place of several is rejected by every method that takes several, before anything is sent."""

import datetime as dt
import inspect
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from attio_async import Attio, Record, RecordRef
from attio_async._records.models import decode_one
from attio_async.errors import ConfigurationError
from attio_async.webhooks import FileSecrets
from tests.support import Scripted, async_error_of
from tests.test_operations import METHODS

pytestmark = pytest.mark.anyio

ONE = "5f0e3b1c-0000-4000-8000-000000000001"
DAY = dt.date(2026, 1, 31)
HOOK = "https://example.com/hook"
SECRETS = FileSecrets("secrets.json")
RECORD = decode_one(
    f'{{"data": {{"id": {{"object_id": "o", "record_id": "{ONE}"}}, "values": {{"name": []}}}}}}'.encode(),
    Record,
)
ONE_ITEM: list[Any] = [ONE, {"record_id": ONE}, RECORD, RecordRef("people", ONE)]

CALLS: dict[str, list[tuple[str, Any]]] = {
    "attio.activities.records.first": [
        ("sorts", lambda a, one: a.activities.records("visits").first(sorts=one)),
    ],
    "attio.activities.records.query": [
        ("sorts", lambda a, one: a.activities.records("visits").query(sorts=one)),
    ],
    "attio.call_recordings.create": [
        ("transcript", lambda a, one: a.call_recordings.create(ONE, transcript=one)),
    ],
    "attio.emails.list": [
        ("records", lambda a, one: a.emails.list(records=one)),
        ("participants", lambda a, one: a.emails.list(participants=one)),
    ],
    "attio.entries.create_many": [("rows", lambda a, one: a.entries("sales").create_many(one))],
    "attio.entries.delete_many": [("rows", lambda a, one: a.entries("sales").delete_many(one))],
    "attio.entries.edit": [("clear", lambda a, one: a.entries("sales").edit(ONE, clear=one))],
    "attio.entries.export": [("select", lambda a, one: a.entries("sales").export("sales.jsonl", select=one))],
    "attio.entries.get_many": [("entries", lambda a, one: a.entries("sales").get_many(one))],
    "attio.entries.replace_history": [
        ("values", lambda a, one: a.entries("sales").replace_history(ONE, "stage", one, confirm=True)),
    ],
    "attio.entries.sync_to": [
        ("rows", lambda a, one: a.entries(ONE).sync_to(one)),
        ("owned", lambda a, one: a.entries(ONE).sync_to([{}], owned=one)),
    ],
    "attio.entries.update_many": [("rows", lambda a, one: a.entries("sales").update_many(one))],
    "attio.entries.upsert_many": [("rows", lambda a, one: a.entries("sales").upsert_many(one))],
    "attio.feed": [
        ("also", lambda a, one: a.feed("feed.db", also=one)),
        ("history", lambda a, one: a.feed("feed.db", history=one)),
    ],
    "attio.meetings.add_links": [("linked_records", lambda a, one: a.meetings.add_links(ONE, one))],
    "attio.meetings.create": [
        ("participants", lambda a, one: a.meetings.create("x", start=DAY, end=DAY, participants=one)),
        ("linked_records", lambda a, one: a.meetings.create("x", start=DAY, end=DAY, linked_records=one)),
    ],
    "attio.meetings.list": [("participants", lambda a, one: a.meetings.list(participants=one))],
    "attio.meetings.replace_links": [("linked_records", lambda a, one: a.meetings.replace_links(ONE, one))],
    "attio.mirror": [
        ("objects", lambda a, one: a.mirror("crm.duckdb", objects=one)),
        ("lists", lambda a, one: a.mirror("crm.duckdb", lists=one)),
        ("also", lambda a, one: a.mirror("crm.duckdb", also=one)),
        ("history", lambda a, one: a.mirror("crm.duckdb", history=one)),
    ],
    "attio.records.create_many": [("rows", lambda a, one: a.people.create_many(one))],
    "attio.records.delete_many": [("rows", lambda a, one: a.people.delete_many(one))],
    "attio.records.edit": [("clear", lambda a, one: a.people.edit(ONE, clear=one))],
    "attio.records.export": [("select", lambda a, one: a.people.export("people.jsonl", select=one))],
    "attio.records.get_many": [("records", lambda a, one: a.people.get_many(one))],
    "attio.records.replace_history": [
        ("values", lambda a, one: a.people.replace_history(ONE, "name", one, confirm=True)),
    ],
    "attio.records.sync_to": [
        ("rows", lambda a, one: a.people.sync_to(one, match="email_addresses", owned=["name"])),
        ("owned", lambda a, one: a.people.sync_to([{}], match="email_addresses", owned=one)),
    ],
    "attio.records.update_many": [("rows", lambda a, one: a.people.update_many(one))],
    "attio.records.upsert_many": [
        ("rows", lambda a, one: a.people.upsert_many(one, match="email_addresses")),
    ],
    "attio.search": [("objects", lambda a, one: a.search("x", objects=one))],
    "attio.sequences.unsubscribe": [("email_addresses", lambda a, one: a.sequences.unsubscribe(one))],
    "attio.tasks.create": [
        ("linked_records", lambda a, one: a.tasks.create("x", linked_records=one)),
        ("assignees", lambda a, one: a.tasks.create("x", assignees=one)),
    ],
    "attio.tasks.update": [
        ("linked_records", lambda a, one: a.tasks.update(ONE, linked_records=one)),
        ("assignees", lambda a, one: a.tasks.update(ONE, assignees=one)),
    ],
    "attio.webhooks.create": [("subscriptions", lambda a, one: a.webhooks.create(HOOK, one))],
    "attio.webhooks.ensure": [
        ("subscriptions", lambda a, one: a.webhooks.ensure(HOOK, one, secrets=SECRETS)),
    ],
    "attio.webhooks.update": [("subscriptions", lambda a, one: a.webhooks.update(ONE, subscriptions=one))],
    "attio.workspace_schema.pull": [
        ("objects", lambda a, one: a.workspace_schema.pull(objects=one)),
        ("lists", lambda a, one: a.workspace_schema.pull(lists=one)),
    ],
}


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_one_item_is_rejected_with_the_list_to_write() -> None:
    misfits = []
    for method, argument, call in _calls():
        for one in ONE_ITEM:
            http = Scripted()
            route = http.router.route().mock(return_value=httpx.Response(200, json={"data": []}))

            async def called(call: Any = call, one: Any = one, attio: Attio = http.attio) -> object:
                return await call(attio, one)

            error = await async_error_of(called)
            message = f"{argument} must be a list, not one {type(one).__name__}; write ["
            is_right = isinstance(error, ConfigurationError) and message in str(error)
            if not is_right or route.call_count:
                misfits.append((method, argument, one, error, route.call_count))
    assert misfits == []


def _calls() -> Iterator[tuple[str, str, Any]]:
    for method, cases in CALLS.items():
        for argument, call in cases:
            yield method, argument, call


TAKES_ONE_OR_SEVERAL = {
    "attio.entries.first",
    "attio.entries.query",
    "attio.records.first",
    "attio.records.query",
    "attio.files.upload",
}
"""Sorts may be one sort or several, and an upload is one stream of chunks."""


def test_every_method_that_takes_several_is_tested() -> None:
    same_as_records = (
        "attio.companies.",
        "attio.deals.",
        "attio.people.",
        "attio.users.",
        "attio.workspaces.",
    )
    methods = {name: method for name, method in METHODS.items() if not name.startswith(same_as_records)}
    takes_several = {
        name
        for name, method in methods.items()
        for parameter in inspect.signature(method).parameters.values()
        if re.search(r"Iterable|InputRows", str(parameter.annotation))
    }
    assert takes_several - TAKES_ONE_OR_SEVERAL == CALLS.keys()
