"""A workspace with one of everything, and a valid request for every operation that takes a body."""

from typing import Any

import attrs
import msgspec

from attio_async.testing import Snapshot, VirtualClock
from attio_async_api.operations import OPERATIONS

from ..described import CheckedFake

MEMBER = "ada@fake-workspace.example.com"
DAY = {"date": "2026-01-01"}
NAME = {"first_name": "A", "last_name": "B", "full_name": "A B"}
PLACE = dict.fromkeys(("line_1", "line_2", "line_3", "line_4", "locality", "region", "postcode"))
PLACE |= {"country_code": "FR", "latitude": "1.5", "longitude": "-1.5"}
ATTRIBUTE = {
    "title": "x",
    "description": None,
    "api_slug": "x",
    "type": "record-reference",
    "is_required": False,
    "is_unique": False,
    "is_multiselect": False,
    "config": {"record_reference": {"allowed_objects": ["people"]}},
}
OTHER_END = {"object": "people", "title": "y", "api_slug": "y", "is_multiselect": True}
PERIOD = {"value": "x", "active_from": "2025-01-01T00:00:00Z", "active_until": None}
FILTER = {"$and": [{"field": "actor.type", "operator": "equals", "value": "app"}]}
SEGMENT = {"speech": "Hm", "start_time": 0, "end_time": 1, "speaker": {"name": "Ada"}}


@attrs.frozen
class Example:
    """A request that the fake accepts."""

    operation_id: str
    body: Any
    query: str = ""
    parameters: dict[str, str] = attrs.field(factory=dict)


class Requests:
    """The workspace, the examples, and the ids that a path can contain."""

    def __init__(self) -> None:
        self.fake = fake = CheckedFake(clock=VirtualClock())
        fake.seed.add_list("leads", parent="companies")
        fake.seed.add_attribute("people", "level", "select", options=["Low", "High"])
        fake.seed.add_attribute("calls", "code", "text", unique=True)
        self.company = fake.seed.add_record("companies", {"domains": ["acme.example.com"]})["id"]["record_id"]
        self.ada = fake.seed.add_record("people", {"email_addresses": ["ada@acme.example.com"]})["id"][
            "record_id"
        ]
        self.bob = fake.seed.add_record("people", {"name": "Bob"})["id"]["record_id"]
        self.entry = fake.seed.add_entry("leads", self.company)["id"]["entry_id"]
        self.member = fake.snapshot().data.members[0].id
        self.names = {
            "object": "people",
            "list": "leads",
            "activity": "calls",
            "workspace_member_id": self.member,
        }
        self.examples = [*self._entities(), *self._activities(), *self._schema(), *self._records()]
        for operation_id, name in (
            ("create_note", "note_id"),
            ("create_task", "task_id"),
            ("create_comment", "comment_id"),
            ("create_meeting", "meeting_id"),
            ("create_call_recording", "call_recording_id"),
            ("create_file", "file_id"),
            ("create_webhook", "webhook_id"),
            ("create_activity_record", "record_id"),
        ):
            (example,) = (one for one in self.examples if one.operation_id == operation_id)
            self.names[name] = self.sent(example)[1]["data"]["id"][name]
        self.names["thread_id"] = self.names["comment_id"]
        self.snapshot: Snapshot = fake.snapshot()
        self._document = fake.to_json()

    def sent(self, example: Example, body: Any = attrs.NOTHING) -> tuple[int, Any]:
        """Return the status and the decoded answer to the example, with its own or another body."""
        encoded = msgspec.json.encode(example.body if body is attrs.NOTHING else body)
        return self.answered(example.operation_id, encoded, example.query, example.parameters)

    def answered(
        self, operation_id: str, body: bytes, query: str = "", parameters: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        operation = OPERATIONS[operation_id]
        target = f"{operation.path.format_map(self.names | (parameters or {}))}?{query}"
        headers = {"Authorization": f"Bearer {self.fake.token}", "Content-Type": "application/json"}
        answer = self.fake.handle(operation.method, target, headers, body)
        return answer.status, msgspec.json.decode(answer.body) if answer.body else None

    @property
    def is_unchanged(self) -> bool:
        """Return True if the workspace is as it was at first. Ids that were used up do not count."""
        document = self.fake.to_json()
        return document == self._document or _without_ids(document) == _without_ids(self._document)

    def _entities(self) -> list[Example]:
        person = {"object": "people", "record_id": self.ada}
        target = {"target_object": "people", "target_record_id": self.ada}
        subscription = {"event_type": "note.created", "filter": FILTER}
        note = {"title": "t", "format": "markdown", "content": "c", "created_at": "2026-01-01"}
        parent = {"parent_object": "people", "parent_record_id": self.ada, "meeting_id": None}
        task = {"content": "c", "format": "plaintext", "deadline_at": "2026-01-01", "is_completed": True}
        by_email = {"target_object": "people", "email_addresses": ["ada@acme.example.com"]}
        by_type = {"referenced_actor_type": "workspace-member", "referenced_actor_id": self.member}
        comment = {
            "format": "plaintext",
            "content": "c",
            "author": {"type": "workspace-member", "id": self.member},
            "entry": {"list": "leads", "entry_id": self.entry},
        }
        guest = {"email_address": "a@b.example.com", "is_organizer": True, "status": "accepted", "name": "A"}
        meeting = {"title": "t", "description": "", "start": DAY, "end": DAY, "is_all_day": True}
        file = {
            "file_type": "connected-file",
            "storage_provider": "box",
            "external_provider_file_id": "1",
            "microsoft_drive_id": None,
        }
        return [
            Example("create_note", {"data": note | parent}),
            Example("update_note", {"data": {"title": "t", "format": "plaintext", "content": "c"}}),
            Example(
                "create_task",
                {
                    "data": {
                        **task,
                        "linked_records": [by_email],
                        "assignees": [{"workspace_member_email_address": MEMBER}],
                    }
                },
            ),
            Example(
                "update_task",
                {
                    "data": {
                        "deadline_at": None,
                        "is_completed": True,
                        "linked_records": [target],
                        "assignees": [by_type],
                    }
                },
            ),
            Example("create_comment", {"data": comment}),
            Example("unsubscribe_emails", {"data": {"email_addresses": ["a@b.example.com"]}}),
            Example(
                "create_meeting", {"data": meeting | {"participants": [guest], "linked_records": [person]}}
            ),
            Example("update_meeting", {"data": {"linked_records": [person]}}),
            Example("overwrite_meeting", {"data": {"linked_records": [person]}}),
            Example(
                "create_call_recording",
                {"data": {"video_url": "https://v.example.com", "transcript": [SEGMENT]}},
            ),
            Example("create_file", person | file),
            Example(
                "create_webhook",
                {"data": {"target_url": "https://h.example.com", "subscriptions": [subscription]}},
            ),
            Example(
                "update_webhook",
                {
                    "data": {
                        "target_url": "https://h.example.com",
                        "subscriptions": [subscription | {"filter": None}],
                    }
                },
            ),
        ]

    def _activities(self) -> list[Example]:
        demo = {"singular_noun": "Demo", "plural_noun": "Demos"}
        query = {
            "filter": {"code": "a"},
            "sorts": [{"attribute": "code", "direction": "asc"}],
            "limit": 1,
            "offset": 0,
        }
        return [
            Example("create_activity", {"data": {"api_slug": "demos", "extends": "calls", **demo}}),
            Example("update_activity", {"data": {"api_slug": "calls", "singular_noun": "Demo"}}),
            Example("query_activity_records", query),
            Example("create_activity_record", {"data": {"values": {"code": "a"}}}),
            Example(
                "assert_activity_record", {"data": {"values": {"code": ["a"]}}}, "matching_attribute=code"
            ),
            Example("update_activity_record", {"data": {"values": {"code": [{"value": "a"}]}}}),
            Example("overwrite_activity_record", {"data": {"values": {"code": "a"}}}),
        ]

    def _schema(self) -> list[Example]:
        date = {"type": "date", "default_value": {"type": "dynamic", "template": "P1M"}}
        low = {"type": "static", "template": [{"option": "Low"}]}
        status = {"title": "Later", "celebration_enabled": True, "target_time_in_status": "P1D"}
        people = {"target": "objects", "identifier": "people"}
        level, stage = people | {"attribute": "level"}, people | {"identifier": "deals", "attribute": "stage"}
        return [
            Example("create_object", {"data": {"api_slug": "x", "singular_noun": "x", "plural_noun": "xs"}}),
            Example("update_object", {"data": {"singular_noun": "x"}}),
            Example(
                "create_attribute", {"data": {**ATTRIBUTE, "relationship": OTHER_END}}, parameters=people
            ),
            Example("create_attribute", {"data": ATTRIBUTE | date}, parameters=people),
            Example("update_attribute", {"data": {"default_value": low, "api_slug": "x"}}, parameters=level),
            Example(
                "update_select_option",
                {"data": {"title": "Lower"}},
                parameters=level | {"option": "Low"},
            ),
            Example("create_status", {"data": status}, parameters=stage),
        ]

    def _records(self) -> list[Example]:
        reference = {"target_object": "companies", "target_record_id": self.company}
        person = {
            "name": NAME,
            "email_addresses": [{"email_address": "new@x.example.com"}],
            "phone_numbers": [{"original_phone_number": "+442079460000", "country_code": "GB"}],
            "primary_location": PLACE,
            "company": [reference],
            "level": "High",
        }
        company = {"domains": ["acme.example.com"], "foundation_date": "2020", "funding_raised_usd": 5.5}
        deal = {"name": "D", "stage": "Lead", "owner": MEMBER, "associated_company": "acme.example.com"}
        entry = {"parent_record_id": self.company, "parent_object": "companies", "entry_values": {}}
        ada, companies = {"record_id": self.ada}, {"object": "companies"}
        query = {
            "filter": {
                "$or": [
                    {"name": {"first_name": {"$starts_with": "A"}}},
                    {"$not": {"company": {"target_record_id": {"$in": [self.company]}}}},
                    {"path": [["people", "company"], ["companies", "domains"]], "constraints": {"$eq": "x"}},
                ]
            },
            "sorts": [{"direction": "asc", "attribute": "name", "field": "last_name"}],
            "limit": 5,
            "offset": 0,
        }
        return [
            Example("create_record", {"data": {"values": person}}),
            Example("assert_record", {"data": {"values": company}}, "matching_attribute=domains", companies),
            Example("create_record", {"data": {"values": deal}}, parameters={"object": "deals"}),
            Example("update_record", {"data": {"values": {"job_title": ["x"]}}}, parameters=ada),
            Example(
                "overwrite_record_attribute_values",
                {"data": {"values": [PERIOD], "replace_history": True}},
                parameters=ada | {"attribute": "job_title"},
            ),
            Example(
                "merge_records",
                {"data": {"primary_record_id": self.ada, "secondary_record_id": self.bob}},
            ),
            Example("query_records", query),
            Example(
                "search_records",
                {"query": "ada", "objects": ["people"], "limit": 5, "request_as": {"type": "workspace"}},
            ),
            Example("run_sql", {"sql": "select name from people"}),
            Example("assert_entry", {"data": entry}),
            Example("update_entry", {"data": {"entry_values": {}}}, parameters={"entry_id": self.entry}),
        ]


def _without_ids(document: bytes) -> Any:
    decoded = msgspec.json.decode(document)
    del decoded["workspace"]["ids_made"]
    return decoded
