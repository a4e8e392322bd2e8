"""The one request of each method, seen from the HTTP side."""

import datetime as dt
import json
from collections.abc import Awaitable, Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from attio_async import Attio, RecordRef
from attio_async_api.operations import OPERATIONS
from tests.support import Scripted, data
from tests.test_operations import DOCUMENTED, METHODS, SENDS_NOTHING_ITSELF

pytestmark = pytest.mark.anyio

ONE, TWO, THREE = (f"5f0e3b1c-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))
ADA = RecordRef("people", ONE)
LINK = {"object": "people", "record_id": ONE}
NOON = dt.datetime(2026, 1, 31, 12, tzinfo=ZoneInfo("Europe/Paris"))
NOON_UTC = "2026-01-31T11:00:00.000000000Z"
SEGMENT = {"speech": "Hello", "start_time": 0, "end_time": 1.5, "speaker": {"name": "Ada"}}
DAY = dt.date(2026, 1, 31)


class Case:
    """A call, the one request that it sends, and the data of the response."""

    def __init__(
        self,
        method: str,
        call: Callable[[Attio], Any],
        operation: str,
        path: str,
        *,
        params: dict[str, str] | None = None,
        body: Any = None,
        response: Any = None,
    ) -> None:
        self.method, self.call, self.operation, self.path = method, call, operation, path
        self.params, self.body = params or {}, body
        self.response = {} if response is None else response


CASES = [
    Case("attio.identify", lambda a: a.identify(), "get_self", "/v2/self"),
    # objects
    Case("attio.objects.list", lambda a: a.objects.list(), "list_objects", "/v2/objects", response=[]),
    Case("attio.objects.get", lambda a: a.objects.get("people"), "get_object", "/v2/objects/people"),
    Case(
        "attio.objects.create",
        lambda a: a.objects.create("bills", singular_noun="Bill", plural_noun="Bills"),
        "create_object",
        "/v2/objects",
        body={"api_slug": "bills", "singular_noun": "Bill", "plural_noun": "Bills"},
    ),
    Case(
        "attio.objects.update",
        lambda a: a.objects.update("bills", plural_noun="All bills"),
        "update_object",
        "/v2/objects/bills",
        body={"plural_noun": "All bills"},
    ),
    Case("attio.objects.delete", lambda a: a.objects.delete("bills"), "delete_object", "/v2/objects/bills"),
    Case(
        "attio.objects.views",
        lambda a: a.objects.views("bills", show_archived=True),
        "list_object_views",
        "/v2/objects/bills/views",
        params={"show_archived": "true", "limit": "1000"},
        response=[],
    ),
    # attributes
    Case(
        "attio.attributes.list",
        lambda a: a.attributes("people").list(),
        "list_attributes",
        "/v2/objects/people/attributes",
        params={"limit": "500", "offset": "0"},
        response=[],
    ),
    Case(
        "attio.attributes.list",
        lambda a: a.attributes("sales", target="lists").list(show_archived=True, page_size=20),
        "list_attributes",
        "/v2/lists/sales/attributes",
        params={"limit": "20", "offset": "0", "show_archived": "true"},
        response=[],
    ),
    Case(
        "attio.attributes.get",
        lambda a: a.attributes("people").get("name"),
        "get_attribute",
        "/v2/objects/people/attributes/name",
    ),
    Case(
        "attio.attributes.create",
        lambda a: a.attributes("people").create("Mood", api_slug="mood", type="text"),
        "create_attribute",
        "/v2/objects/people/attributes",
        body={
            "title": "Mood",
            "description": None,
            "api_slug": "mood",
            "type": "text",
            "is_required": False,
            "is_unique": False,
            "is_multiselect": False,
            "config": {},
        },
    ),
    Case(
        "attio.attributes.update",
        lambda a: a.attributes("people").update("mood", description=None, is_archived=True),
        "update_attribute",
        "/v2/objects/people/attributes/mood",
        body={"description": None, "is_archived": True},
    ),
    Case(
        "attio.attributes.options.list",
        lambda a: a.attributes("companies").options("categories").list(),
        "list_select_options",
        "/v2/objects/companies/attributes/categories/options",
        response=[],
    ),
    Case(
        "attio.attributes.options.create",
        lambda a: a.attributes("companies").options("categories").create("AI"),
        "create_select_option",
        "/v2/objects/companies/attributes/categories/options",
        body={"title": "AI"},
    ),
    Case(
        "attio.attributes.options.update",
        lambda a: a.attributes("companies").options("categories").update(TWO, is_archived=True),
        "update_select_option",
        f"/v2/objects/companies/attributes/categories/options/{TWO}",
        body={"is_archived": True},
    ),
    Case(
        "attio.attributes.statuses.list",
        lambda a: a.attributes("deals").statuses("stage").list(show_archived=True),
        "list_statuses",
        "/v2/objects/deals/attributes/stage/statuses",
        params={"show_archived": "true"},
        response=[],
    ),
    Case(
        "attio.attributes.statuses.create",
        lambda a: a.attributes("deals").statuses("stage").create("Won", celebration_enabled=True),
        "create_status",
        "/v2/objects/deals/attributes/stage/statuses",
        body={"title": "Won", "celebration_enabled": True},
    ),
    Case(
        "attio.attributes.statuses.update",
        lambda a: a.attributes("deals").statuses("stage").update(TWO, target_time_in_status=None),
        "update_status",
        f"/v2/objects/deals/attributes/stage/statuses/{TWO}",
        body={"target_time_in_status": None},
    ),
    # lists
    Case("attio.lists.list", lambda a: a.lists.list(), "list_lists", "/v2/lists", response=[]),
    Case("attio.lists.get", lambda a: a.lists.get("sales"), "get_list", "/v2/lists/sales"),
    Case(
        "attio.lists.create",
        lambda a: a.lists.create(
            "Sales",
            api_slug="sales",
            parent_object="deals",
            workspace_access=None,
            workspace_member_access={ONE: "full-access"},
        ),
        "create_list",
        "/v2/lists",
        body={
            "name": "Sales",
            "api_slug": "sales",
            "parent_object": "deals",
            "workspace_access": None,
            "workspace_member_access": [{"workspace_member_id": ONE, "level": "full-access"}],
        },
    ),
    Case(
        "attio.lists.update",
        lambda a: a.lists.update("sales", workspace_access=None),
        "update_list",
        "/v2/lists/sales",
        body={"workspace_access": None},
    ),
    Case(
        "attio.lists.views",
        lambda a: a.lists.views("sales", page_size=5),
        "list_list_views",
        "/v2/lists/sales/views",
        params={"limit": "5"},
        response=[],
    ),
    # notes
    Case(
        "attio.notes.list",
        lambda a: a.notes.list(),
        "list_notes",
        "/v2/notes",
        params={"limit": "50", "offset": "0"},
        response=[],
    ),
    Case(
        "attio.notes.recent",
        lambda a: a.notes.recent(ADA),
        "list_notes",
        "/v2/notes",
        params={"limit": "50", "offset": "0", "parent_object": "people", "parent_record_id": ONE},
        response=[],
    ),
    Case("attio.notes.get", lambda a: a.notes.get(TWO), "get_note", f"/v2/notes/{TWO}"),
    Case(
        "attio.notes.create",
        lambda a: a.notes.create(
            ADA, title="T", content="*C*", format="markdown", created_at=NOON, meeting=TWO
        ),
        "create_note",
        "/v2/notes",
        body={
            "parent_object": "people",
            "parent_record_id": ONE,
            "title": "T",
            "format": "markdown",
            "content": "*C*",
            "created_at": NOON_UTC,
            "meeting_id": TWO,
        },
    ),
    Case(
        "attio.notes.update",
        lambda a: a.notes.update(TWO, content="C"),
        "update_note",
        f"/v2/notes/{TWO}",
        body={"content": "C", "format": "plaintext"},
    ),
    Case(
        "attio.notes.update",
        lambda a: a.notes.update(TWO, title="T"),
        "update_note",
        f"/v2/notes/{TWO}",
        body={"title": "T"},
    ),
    Case("attio.notes.delete", lambda a: a.notes.delete(TWO), "delete_note", f"/v2/notes/{TWO}"),
    # tasks
    Case(
        "attio.tasks.list",
        lambda a: a.tasks.list(
            record=ADA, assignee="ada@example.com", is_completed=False, sort="created_at:desc"
        ),
        "list_tasks",
        "/v2/tasks",
        params={
            "limit": "500",
            "offset": "0",
            "linked_object": "people",
            "linked_record_id": ONE,
            "assignee": "ada@example.com",
            "is_completed": "false",
            "sort": "created_at:desc",
        },
        response=[],
    ),
    Case(
        "attio.tasks.due_on",
        lambda a: a.tasks.due_on(DAY, assignee=TWO),
        "list_tasks",
        "/v2/tasks",
        params={"limit": "500", "offset": "0", "assignee": TWO, "is_completed": "false"},
        response=[],
    ),
    Case("attio.tasks.get", lambda a: a.tasks.get(TWO), "get_task", f"/v2/tasks/{TWO}"),
    Case(
        "attio.tasks.create",
        lambda a: a.tasks.create(
            "Call", deadline_at=NOON, linked_records=[ADA], assignees=["ada@example.com", TWO]
        ),
        "create_task",
        "/v2/tasks",
        body={
            "content": "Call",
            "format": "plaintext",
            "deadline_at": NOON_UTC,
            "is_completed": False,
            "linked_records": [{"target_object": "people", "target_record_id": ONE}],
            "assignees": [
                {"workspace_member_email_address": "ada@example.com"},
                {"referenced_actor_type": "workspace-member", "referenced_actor_id": TWO},
            ],
        },
    ),
    Case(
        "attio.tasks.update",
        lambda a: a.tasks.update(TWO, deadline_at=None, assignees=[]),
        "update_task",
        f"/v2/tasks/{TWO}",
        body={"deadline_at": None, "assignees": []},
    ),
    Case("attio.tasks.delete", lambda a: a.tasks.delete(TWO), "delete_task", f"/v2/tasks/{TWO}"),
    # threads and comments
    Case(
        "attio.threads.list",
        lambda a: a.threads.list(record=ADA),
        "list_threads",
        "/v2/threads",
        params={"limit": "50", "offset": "0", "object": "people", "record_id": ONE},
        response=[],
    ),
    Case(
        "attio.threads.list",
        lambda a: a.threads.list(entry={"list": "sales", "entry_id": TWO}),
        "list_threads",
        "/v2/threads",
        params={"limit": "50", "offset": "0", "list": "sales", "entry_id": TWO},
        response=[],
    ),
    Case(
        "attio.threads.get",
        lambda a: a.threads.get(TWO),
        "get_thread",
        f"/v2/threads/{TWO}",
        params={"limit": "250"},
    ),
    Case(
        "attio.threads.comments",
        lambda a: a.threads.comments(TWO, created_after=NOON, page_size=9),
        "get_thread",
        f"/v2/threads/{TWO}",
        params={"limit": "9", "created_after": NOON_UTC},
    ),
    Case(
        "attio.comments.create",
        lambda a: a.comments.create("Hi", author=TWO, record=ADA, created_at=NOON),
        "create_comment",
        "/v2/comments",
        body={
            "format": "plaintext",
            "content": "Hi",
            "author": {"type": "workspace-member", "id": TWO},
            "created_at": NOON_UTC,
            "record": LINK,
        },
    ),
    Case(
        "attio.comments.create",
        lambda a: a.comments.create("Hi", author=TWO, entry={"list": "sales", "entry_id": THREE}),
        "create_comment",
        "/v2/comments",
        body={
            "format": "plaintext",
            "content": "Hi",
            "author": {"type": "workspace-member", "id": TWO},
            "entry": {"list": "sales", "entry_id": THREE},
        },
    ),
    Case(
        "attio.comments.create",
        lambda a: a.comments.create("Hi", author=TWO, thread=THREE),
        "create_comment",
        "/v2/comments",
        body={
            "format": "plaintext",
            "content": "Hi",
            "author": {"type": "workspace-member", "id": TWO},
            "thread_id": THREE,
        },
    ),
    Case("attio.comments.get", lambda a: a.comments.get(TWO), "get_comment", f"/v2/comments/{TWO}"),
    Case("attio.comments.delete", lambda a: a.comments.delete(TWO), "delete_comment", f"/v2/comments/{TWO}"),
    # meetings and calls
    Case(
        "attio.meetings.list",
        lambda a: a.meetings.list(
            record=ADA,
            participants=["a@example.com", "b@example.com"],
            ends_from=NOON,
            timezone="Europe/Paris",
            sort="start_desc",
        ),
        "list_meetings",
        "/v2/meetings",
        params={
            "limit": "200",
            "linked_object": "people",
            "linked_record_id": ONE,
            "participants": "a@example.com,b@example.com",
            "ends_from": NOON_UTC,
            "timezone": "Europe/Paris",
            "sort": "start_desc",
        },
        response=[],
    ),
    Case("attio.meetings.get", lambda a: a.meetings.get(TWO), "get_meeting", f"/v2/meetings/{TWO}"),
    Case(
        "attio.meetings.create",
        lambda a: a.meetings.create(
            "Kick-off",
            start=NOON,
            end=NOON + dt.timedelta(hours=1),
            participants=[
                "a@example.com",
                {"email_address": "b@example.com", "is_organizer": True, "name": None},
            ],
            linked_records=[ADA],
        ),
        "create_meeting",
        "/v2/meetings",
        body={
            "title": "Kick-off",
            "description": "",
            "start": {"datetime": NOON_UTC, "timezone": "Europe/Paris"},
            "end": {"datetime": "2026-01-31T12:00:00.000000000Z", "timezone": "Europe/Paris"},
            "is_all_day": False,
            "participants": [
                {"is_organizer": False, "status": "pending", "email_address": "a@example.com"},
                {"is_organizer": True, "status": "pending", "email_address": "b@example.com"},
            ],
            "linked_records": [LINK],
        },
    ),
    Case(
        "attio.meetings.create",
        lambda a: a.meetings.create("Fair", start=DAY, end=DAY),
        "create_meeting",
        "/v2/meetings",
        body={
            "title": "Fair",
            "description": "",
            "start": {"date": "2026-01-31"},
            "end": {"date": "2026-01-31"},
            "is_all_day": True,
            "participants": [],
            "linked_records": [],
        },
    ),
    Case(
        "attio.meetings.add_links",
        lambda a: a.meetings.add_links(TWO, [ADA]),
        "update_meeting",
        f"/v2/meetings/{TWO}",
        body={"linked_records": [LINK]},
    ),
    Case(
        "attio.meetings.replace_links",
        lambda a: a.meetings.replace_links(TWO, []),
        "overwrite_meeting",
        f"/v2/meetings/{TWO}",
        body={"linked_records": []},
    ),
    Case("attio.meetings.delete", lambda a: a.meetings.delete(TWO), "delete_meeting", f"/v2/meetings/{TWO}"),
    Case(
        "attio.call_recordings.list",
        lambda a: a.call_recordings.list(TWO),
        "list_call_recordings",
        f"/v2/meetings/{TWO}/call_recordings",
        params={"limit": "200"},
        response=[],
    ),
    Case(
        "attio.call_recordings.get",
        lambda a: a.call_recordings.get(THREE, meeting=TWO),
        "get_call_recording",
        f"/v2/meetings/{TWO}/call_recordings/{THREE}",
    ),
    Case(
        "attio.call_recordings.create",
        lambda a: a.call_recordings.create(TWO, transcript=[SEGMENT]),
        "create_call_recording",
        f"/v2/meetings/{TWO}/call_recordings",
        body={"transcript": [SEGMENT]},
    ),
    Case(
        "attio.call_recordings.delete",
        lambda a: a.call_recordings.delete(THREE, meeting=TWO),
        "delete_call_recording",
        f"/v2/meetings/{TWO}/call_recordings/{THREE}",
    ),
    Case(
        "attio.call_recordings.transcript",
        lambda a: a.call_recordings.transcript(THREE, meeting=TWO),
        "get_call_transcript",
        f"/v2/meetings/{TWO}/call_recordings/{THREE}/transcript",
    ),
    # files, without their content
    Case(
        "attio.files.list",
        lambda a: a.files.list(ADA, storage_provider="attio", parent_folder=TWO),
        "list_files",
        "/v2/files",
        params={
            "limit": "200",
            "object": "people",
            "record_id": ONE,
            "storage_provider": "attio",
            "parent_folder_id": TWO,
        },
        response=[],
    ),
    Case("attio.files.get", lambda a: a.files.get(TWO), "get_file", f"/v2/files/{TWO}"),
    Case(
        "attio.files.create_folder",
        lambda a: a.files.create_folder(ADA, "Papers", parent_folder=TWO),
        "create_file",
        "/v2/files",
        body={**LINK, "file_type": "folder", "name": "Papers", "parent_folder_id": TWO},
    ),
    Case(
        "attio.files.connect",
        lambda a: a.files.connect(
            ADA, file_type="connected-file", storage_provider="box", external_provider_file_id="x"
        ),
        "create_file",
        "/v2/files",
        body={
            **LINK,
            "file_type": "connected-file",
            "storage_provider": "box",
            "external_provider_file_id": "x",
        },
    ),
    Case("attio.files.delete", lambda a: a.files.delete(TWO), "delete_file", f"/v2/files/{TWO}"),
    # e-mails and sequences
    Case(
        "attio.emails.list",
        lambda a: a.emails.list(
            records=[ADA, RecordRef("people", TWO)], sent_after=NOON, exclude_automated_participants=True
        ),
        "list_emails",
        "/v2/emails",
        params={
            "limit": "50",
            "linked_object": "people",
            "linked_record_ids": f"{ONE},{TWO}",
            "sent_after": NOON_UTC,
            "exclude_automated_participants": "true",
        },
        response=[],
    ),
    Case(
        "attio.sequences.unsubscribe",
        lambda a: a.sequences.unsubscribe(["a@example.com"]),
        "unsubscribe_emails",
        "/v2/sequences/unsubscribed_emails",
        body={"email_addresses": ["a@example.com"]},
        response=[],
    ),
    # activities
    Case(
        "attio.activities.list",
        lambda a: a.activities.list(),
        "list_activities",
        "/v2/activities",
        params={"limit": "1000"},
        response=[],
    ),
    Case("attio.activities.get", lambda a: a.activities.get("calls"), "get_activity", "/v2/activities/calls"),
    Case(
        "attio.activities.create",
        lambda a: a.activities.create("visits", singular_noun="V", plural_noun="Vs", extends="activities"),
        "create_activity",
        "/v2/activities",
        body={"api_slug": "visits", "singular_noun": "V", "plural_noun": "Vs", "extends": "activities"},
    ),
    Case(
        "attio.activities.update",
        lambda a: a.activities.update("visits", singular_noun="Visit"),
        "update_activity",
        "/v2/activities/visits",
        body={"singular_noun": "Visit"},
    ),
    Case(
        "attio.activities.delete",
        lambda a: a.activities.delete("visits"),
        "delete_activity",
        "/v2/activities/visits",
    ),
    Case(
        "attio.activities.records.query",
        lambda a: a.activities.records("visits").query({"x": 1}, sorts=[{"attribute": "x"}], page_size=7),
        "query_activity_records",
        "/v2/activities/visits/records/query",
        body={"filter": {"x": 1}, "sorts": [{"attribute": "x"}], "limit": 7, "offset": 0},
        response=[],
    ),
    Case(
        "attio.activities.records.first",
        lambda a: a.activities.records("visits").first(),
        "query_activity_records",
        "/v2/activities/visits/records/query",
        body={"limit": 1, "offset": 0},
        response=[],
    ),
    Case(
        "attio.activities.records.get",
        lambda a: a.activities.records("visits").get(TWO),
        "get_activity_record",
        f"/v2/activities/visits/records/{TWO}",
    ),
    Case(
        "attio.activities.records.create",
        lambda a: a.activities.records("visits").create({"place": "Paris"}),
        "create_activity_record",
        "/v2/activities/visits/records",
        body={"values": {"place": ["Paris"]}},
    ),
    Case(
        "attio.activities.records.upsert",
        lambda a: a.activities.records("visits").upsert({"key": "k"}, match="key"),
        "assert_activity_record",
        "/v2/activities/visits/records",
        params={"matching_attribute": "key"},
        body={"values": {"key": ["k"]}},
    ),
    Case(
        "attio.activities.records.update",
        lambda a: a.activities.records("visits").update(TWO, {"place": "Rome"}),
        "update_activity_record",
        f"/v2/activities/visits/records/{TWO}",
        body={"values": {"place": ["Rome"]}},
    ),
    Case(
        "attio.activities.records.update",
        lambda a: a.activities.records("visits").update(TWO, {"place": []}, multiselect="overwrite"),
        "overwrite_activity_record",
        f"/v2/activities/visits/records/{TWO}",
        body={"values": {"place": []}},
    ),
    Case(
        "attio.activities.records.update",
        lambda a: a.activities.records("visits").update(TWO, {"place": [{"value": "Rome"}]}, validate=False),
        "update_activity_record",
        f"/v2/activities/visits/records/{TWO}",
        body={"values": {"place": [{"value": "Rome"}]}},
    ),
    Case(
        "attio.activities.records.delete",
        lambda a: a.activities.records("visits").delete(TWO),
        "delete_activity_record",
        f"/v2/activities/visits/records/{TWO}",
    ),
    # members and webhooks
    Case(
        "attio.workspace_members.list",
        lambda a: a.workspace_members.list(),
        "list_workspace_members",
        "/v2/workspace_members",
        response=[],
    ),
    Case(
        "attio.workspace_members.by_email",
        lambda a: a.workspace_members.by_email("ada@example.com"),
        "list_workspace_members",
        "/v2/workspace_members",
        response=[],
    ),
    Case(
        "attio.workspace_members.get",
        lambda a: a.workspace_members.get(TWO),
        "get_workspace_member",
        f"/v2/workspace_members/{TWO}",
    ),
    Case(
        "attio.webhooks.list",
        lambda a: a.webhooks.list(),
        "list_webhooks",
        "/v2/webhooks",
        params={"limit": "100", "offset": "0"},
        response=[],
    ),
    Case("attio.webhooks.get", lambda a: a.webhooks.get(TWO), "get_webhook", f"/v2/webhooks/{TWO}"),
    Case(
        "attio.webhooks.create",
        lambda a: a.webhooks.create(
            "https://example.com/hook",
            [
                "record.created",
                {
                    "event_type": "brand.new",
                    "filter": {"field": "actor.type", "operator": "equals", "value": "app"},
                },
            ],
        ),
        "create_webhook",
        "/v2/webhooks",
        body={
            "target_url": "https://example.com/hook",
            "subscriptions": [
                {"event_type": "record.created", "filter": None},
                {
                    "event_type": "brand.new",
                    "filter": {"$and": [{"field": "actor.type", "operator": "equals", "value": "app"}]},
                },
            ],
        },
    ),
    Case(
        "attio.webhooks.update",
        lambda a: a.webhooks.update(TWO, target_url="https://example.com/other"),
        "update_webhook",
        f"/v2/webhooks/{TWO}",
        body={"target_url": "https://example.com/other"},
    ),
    Case("attio.webhooks.delete", lambda a: a.webhooks.delete(TWO), "delete_webhook", f"/v2/webhooks/{TWO}"),
    # search and SQL
    Case(
        "attio.search",
        lambda a: a.search("ada", objects=["people"]),
        "search_records",
        "/v2/objects/records/search",
        body={"query": "ada", "objects": ["people"], "request_as": {"type": "workspace"}},
        response=[],
    ),
    Case(
        "attio.search",
        lambda a: a.search("ada", objects=["people"], limit=3, as_member="bob@example.com"),
        "search_records",
        "/v2/objects/records/search",
        body={
            "query": "ada",
            "objects": ["people"],
            "limit": 3,
            "request_as": {"type": "workspace-member", "email_address": "bob@example.com"},
        },
        response=[],
    ),
    Case(
        "attio.search",
        lambda a: a.search("ada", objects=["people"], as_member=TWO),
        "search_records",
        "/v2/objects/records/search",
        body={
            "query": "ada",
            "objects": ["people"],
            "request_as": {"type": "workspace-member", "workspace_member_id": TWO},
        },
        response=[],
    ),
    Case(
        "attio.sql",
        lambda a: a.sql("select 1"),
        "run_sql",
        "/v2/sql",
        body={"sql": "select 1"},
        response={"rows": []},
    ),
    # of one record or entry
    Case(
        "attio.records.entries",
        lambda a: a.people.entries(ADA),
        "list_record_entries",
        f"/v2/objects/people/records/{ONE}/entries",
        params={"limit": "1000", "offset": "0"},
        response=[],
    ),
    Case(
        "attio.records.history",
        lambda a: a.deals.history(TWO, "stage"),
        "list_record_attribute_values",
        f"/v2/objects/deals/records/{TWO}/attributes/stage/values",
        params={"show_historic": "true", "limit": "500", "offset": "0"},
        response=[],
    ),
    Case(
        "attio.entries.history",
        lambda a: a.entries("sales").history(TWO, "stage"),
        "list_entry_attribute_values",
        f"/v2/lists/sales/entries/{TWO}/attributes/stage/values",
        params={"show_historic": "true", "limit": "500", "offset": "0"},
        response=[],
    ),
    Case(
        "attio.entries.delete",
        lambda a: a.entries("sales").delete(TWO),
        "delete_entry",
        f"/v2/lists/sales/entries/{TWO}",
    ),
]

TESTED_ELSEWHERE = (
    "attio.companies.",
    "attio.deals.",
    "attio.entries.",
    "attio.feed",
    "attio.people.",
    "attio.records.",
    "attio.users.",
    "attio.workspaces.",
    "attio.files.download",
    "attio.files.stream",
    "attio.files.upload",
    "attio.schema",
    "attio.sql_frame",
    "attio.webhooks.ensure",
    "attio.workspace_schema.",
)
"""Methods that read the schema or send several requests, which have tests of their own."""


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_each_method_sends_the_request_of_its_case() -> None:
    misfits = []
    for case in CASES:
        http = Scripted()
        response = data(case.response, pagination={"next_cursor": None})
        route = http.router.route().mock(return_value=response)
        await awaited(case.call(http.attio))
        request = route.calls.last.request
        sent = json.loads(request.content) if request.content else {}
        found = (
            route.call_count,
            request.method,
            request.url.path,
            dict(request.url.params),
            sent.get("data", sent or None),
        )
        expected = (1, OPERATIONS[case.operation].method, case.path, case.params, case.body)
        if found != expected:
            misfits.append((case.method, found, expected))
    assert misfits == []


async def awaited(called: Awaitable[object]) -> object:
    return await called


def test_each_docstring_names_the_operation_of_its_case() -> None:
    documented = {(line.method, line.operation.id) for line in DOCUMENTED}
    assert [case.method for case in CASES if (case.method, case.operation) not in documented] == []


def test_every_method_has_a_case() -> None:
    methods = {method for method in METHODS if not method.startswith(TESTED_ELSEWHERE)}
    assert methods - SENDS_NOTHING_ITSELF - {case.method for case in CASES} == set()
