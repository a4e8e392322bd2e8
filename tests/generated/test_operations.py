"""The table of operations, against facts written down here once more."""

import json
from pathlib import Path

import pytest

from attio_async_api import operations
from attio_async_api.operations import OPERATIONS, WEBHOOK_EVENTS, Operation

DOCUMENT = json.loads(Path(__file__).parents[2].joinpath("openapi", "attio.json").read_text(encoding="utf-8"))


def test_every_operation_is_there_once():
    assert len(OPERATIONS) == 97
    assert len({(entry.method, entry.path) for entry in OPERATIONS.values()}) == 97
    for name, entry in OPERATIONS.items():
        assert entry.id == name
        assert getattr(operations, name.upper()) is entry


def test_the_table_cannot_be_changed():
    with pytest.raises(TypeError):
        OPERATIONS["get_self"] = OPERATIONS["get_note"]  # type: ignore[index]


def test_names_others_rely_on():
    names = {
        "get_self",
        "list_objects",
        "create_object",
        "get_object",
        "update_object",
        "delete_object",
        "list_object_views",
        "query_records",
        "create_record",
        "assert_record",
        "get_record",
        "overwrite_record",
        "update_record",
        "delete_record",
        "merge_records",
        "list_record_attribute_values",
        "overwrite_record_attribute_values",
        "list_record_entries",
        "search_records",
        "run_sql",
        "list_attributes",
        "get_attribute",
        "create_attribute",
        "update_attribute",
        "list_select_options",
        "create_select_option",
        "update_select_option",
        "list_statuses",
        "create_status",
        "update_status",
        "list_lists",
        "get_list",
        "create_list",
        "update_list",
        "list_list_views",
        "query_entries",
        "create_entry",
        "assert_entry",
        "get_entry",
        "overwrite_entry",
        "update_entry",
        "delete_entry",
        "list_entry_attribute_values",
        "overwrite_entry_attribute_values",
        "list_workspace_members",
        "get_workspace_member",
        "list_notes",
    }
    assert names - OPERATIONS.keys() == set()


def test_addresses():
    for name, method, path in (
        ("assert_record", "PUT", "/v2/objects/{object}/records"),
        ("overwrite_record", "PUT", "/v2/objects/{object}/records/{record_id}"),
        ("update_record", "PATCH", "/v2/objects/{object}/records/{record_id}"),
        ("assert_entry", "PUT", "/v2/lists/{list}/entries"),
        ("overwrite_entry", "PUT", "/v2/lists/{list}/entries/{entry_id}"),
        ("merge_records", "POST", "/v2/objects/{object}/records/merge"),
        ("search_records", "POST", "/v2/objects/records/search"),
        ("overwrite_meeting", "PUT", "/v2/meetings/{meeting_id}"),
        ("unsubscribe_emails", "POST", "/v2/sequences/unsubscribed_emails"),
    ):
        assert (OPERATIONS[name].method, OPERATIONS[name].path) == (method, path), name


def test_posts_that_only_read_draw_on_the_read_bucket():
    reading_posts = {
        entry.id for entry in OPERATIONS.values() if entry.method == "POST" and entry.access == "read"
    }
    assert reading_posts == {
        "query_records",
        "query_entries",
        "query_activity_records",
        "search_records",
        "run_sql",
    }


def test_buckets_follow_the_verb_otherwise():
    for entry in OPERATIONS.values():
        if entry.method == "GET":
            assert entry.access == "read", entry.id
        elif entry.method != "POST":
            assert entry.access == "write", entry.id


def test_rates_of_their_own():
    assert {entry.id: entry.rate for entry in OPERATIONS.values() if entry.rate is not None} == {
        "merge_records": 5,
        "list_notes": 10,
        "run_sql": 2,
        "upload_file": 1,
        "create_call_recording": 1,
    }


def test_what_may_not_be_sent_twice():
    assert {entry.id for entry in OPERATIONS.values() if not entry.repeatable} == {
        *(entry.id for entry in OPERATIONS.values() if entry.id.startswith("create_")),
        "merge_records",
        "upload_file",
        "update_record",
        "update_entry",
        "update_activity_record",
        "update_meeting",
    }


def test_paging():
    for name, *expected in (
        ("query_records", "offset-body", 500, None, None),
        ("query_entries", "offset-body", 500, None, None),
        ("list_notes", "offset-query", 10, 50, None),
        ("list_webhooks", "offset-query", 10, 100, 10),
        ("list_tasks", "offset-query", 500, None, None),
        ("list_record_entries", "offset-query", 100, 1000, None),
        ("list_attributes", "offset-query", None, None, None),
        ("list_object_views", "cursor", 500, 1000, None),
        ("get_thread", "cursor", 250, 250, None),
        ("list_emails", "cursor", 25, 50, None),
        ("list_meetings", "cursor", 50, 200, None),
        ("search_records", None, 25, 25, None),
        ("list_objects", None, None, None, None),
    ):
        entry = OPERATIONS[name]
        assert [entry.paging, entry.default_limit, entry.max_limit, entry.min_limit] == expected, name


def test_scopes():
    assert OPERATIONS["get_self"].scopes == ()
    assert OPERATIONS["create_record"].scopes == ("record_permission:read-write", "object_configuration:read")
    assert OPERATIONS["list_attributes"].scopes == ()
    assert OPERATIONS["list_attributes"].conditional_scopes == (
        ("target=objects", ("object_configuration:read",)),
        ("target=lists", ("list_configuration:read",)),
    )
    assert OPERATIONS["create_comment"].scopes == ("comment:read-write",)
    assert OPERATIONS["create_comment"].conditional_scopes == (
        ("parent=record", ("object_configuration:read", "record_permission:read")),
        ("parent=list_entry", ("list_configuration:read", "list_entry:read")),
    )


def test_stages_and_oddities():
    assert {entry.id for entry in OPERATIONS.values() if entry.deprecated} == {"get_call_transcript"}
    assert {entry.id for entry in OPERATIONS.values() if entry.multipart} == {"upload_file"}
    assert {entry.tag for entry in OPERATIONS.values() if entry.stage == "alpha"} == {"emails"}
    assert OPERATIONS["list_activities"].stage == "beta"
    assert OPERATIONS["merge_records"].stage == "beta"
    assert OPERATIONS["query_records"].stage == "stable"
    assert OPERATIONS["merge_records"].statuses == (200, 202)
    assert OPERATIONS["upload_file"].statuses == (201,)
    assert OPERATIONS["download_file"].statuses == (302,)
    assert OPERATIONS["delete_call_recording"].statuses == (204,)
    assert {entry.id for entry in OPERATIONS.values() if entry.hidden} == {"get_call_transcript"}


def test_levels_of_tokens():
    assert {entry.id for entry in OPERATIONS.values() if entry.token_levels} == {
        *(entry.id for entry in OPERATIONS.values() if entry.tag == "webhooks"),
        *("list_meetings", "get_call_transcript", "list_emails"),
    }
    assert {entry.token_levels for entry in OPERATIONS.values()} == {(), ("workspace",)}


def test_records_of_activities_need_the_scopes_of_records():
    entries = [entry for entry in OPERATIONS.values() if "/activities/{activity}/records" in entry.path]
    assert len(entries) == 7
    for entry in entries:
        assert {"object_configuration:read", "record_permission:read"} < set(entry.scopes)


def test_webhook_events():
    assert len(WEBHOOK_EVENTS) == len(set(WEBHOOK_EVENTS)) == 34
    assert {"record.updated", "note-content.updated", "activity-record.deleted"} < set(WEBHOOK_EVENTS)


def test_the_table_says_what_the_document_says():
    told = {}
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            told[operation["operationId"]] = (
                method.upper(),
                path,
                operation["tags"][0],
                operation["summary"],
            )
    assert told == {e.id: (e.method, e.path, e.tag, e.summary) for e in OPERATIONS.values()}
    assert tuple(DOCUMENT["webhooks"]) == WEBHOOK_EVENTS


def test_summaries_are_one_line():
    for entry in OPERATIONS.values():
        assert isinstance(entry, Operation)
        assert entry.summary.endswith(".")
        assert "\n" not in entry.summary
        assert len(entry.summary) <= 100
