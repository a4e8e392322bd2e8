"""Whatever a body or a query says, the answer is one that the API describes, or a refusal."""

import json
from typing import Any
from urllib.parse import urlencode

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from attio_async.testing import Snapshot, VirtualClock
from attio_async_api.operations import OPERATIONS

from ..described import CheckedFake

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
WORDS = [
    "",
    "x",
    "-1",
    "0",
    "1",
    "10",
    "null",
    "true",
    "people",
    "2026-01-01",
    "2026-01-01T00:00:00Z",
    "a@b.example",
    "%00",
    "9" * 5_000,
    "UTC",
]


@attrs.frozen
class Prepared:
    """A workspace with one of everything, and what its requests can name."""

    fake: CheckedFake
    snapshot: Snapshot
    document: bytes
    names: dict[str, str]
    bodies: dict[str, Any]


def prepared() -> Prepared:
    fake = CheckedFake(clock=VirtualClock())
    person = fake.seed.add_record("people", {"email_addresses": ["ada@acme.example"]})["id"]["record_id"]
    fake.seed.add_list("sales")
    entry = fake.seed.add_entry("sales", person)["id"]["entry_id"]
    member = fake._state.workspace.data.members[0].id
    fake.seed.add_attribute("calls", "code", "text", unique=True)
    link = {"object": "people", "record_id": person}
    day = {"date": "2026-01-01"}
    segment = {"speech": "Hm", "start_time": 0, "end_time": 1, "speaker": {"name": "Ada"}}
    comment = {"format": "plaintext", "content": "c", "author": {"type": "workspace-member", "id": member}}
    filter = {"$and": [{"field": "actor.type", "operator": "equals", "value": "app"}]}
    bodies: dict[str, Any] = {
        "create_note": {"data": {"parent_object": "people", "parent_record_id": person, "title": "t", "format": "markdown", "content": "c", "created_at": "2026-01-01", "meeting_id": None}},
        "update_note": {"data": {"title": "t", "format": "plaintext", "content": "c"}},
        "create_task": {"data": {"content": "c", "format": "plaintext", "deadline_at": "2026-01-01", "is_completed": True, "linked_records": [{"target_object": "people", "email_addresses": ["ada@acme.example"]}], "assignees": [{"workspace_member_email_address": "ada@fake-workspace.test"}]}},
        "update_task": {"data": {"deadline_at": None, "is_completed": True, "linked_records": [{"target_object": "people", "target_record_id": person}], "assignees": [{"referenced_actor_type": "workspace-member", "referenced_actor_id": member}]}},
        "create_comment": {"data": {**comment, "entry": {"list": "sales", "entry_id": entry}}},
        "unsubscribe_emails": {"data": {"email_addresses": ["a@b.example"]}},
        "create_meeting": {"data": {"title": "t", "description": "", "start": day, "end": day, "is_all_day": True, "participants": [{"email_address": "a@b.example", "is_organizer": True, "status": "accepted", "name": "A"}], "linked_records": [link]}},
        "update_meeting": {"data": {"linked_records": [link]}},
        "overwrite_meeting": {"data": {"linked_records": [link]}},
        "create_call_recording": {"data": {"video_url": "https://v.example", "transcript": [segment]}},
        "create_file": {**link, "file_type": "connected-file", "storage_provider": "box", "external_provider_file_id": "1", "microsoft_drive_id": None},
        "create_webhook": {"data": {"target_url": "https://h.example", "subscriptions": [{"event_type": "note.created", "filter": filter}]}},
        "update_webhook": {"data": {"target_url": "https://h.example", "subscriptions": [{"event_type": "note.created", "filter": None}]}},
        "create_activity": {"data": {"api_slug": "demos", "singular_noun": "Demo", "plural_noun": "Demos", "extends": "calls"}},
        "update_activity": {"data": {"api_slug": "calls", "singular_noun": "Demo"}},
        "query_activity_records": {"filter": {"code": "a"}, "sorts": [{"attribute": "code", "direction": "asc"}], "limit": 1, "offset": 0},
        "create_activity_record": {"data": {"values": {"code": "a"}}},
        "assert_activity_record": {"data": {"values": {"code": ["a"]}}},
        "update_activity_record": {"data": {"values": {"code": [{"value": "a"}]}}},
        "overwrite_activity_record": {"data": {"values": {"code": "a"}}},
    }  # fmt: skip
    names = {"object": "people", "list": "sales", "activity": "calls", "workspace_member_id": member}

    def made(operation_id: str, name: str, body: Any = None) -> None:
        operation = OPERATIONS[operation_id]
        path = operation.path.format_map(names)
        token = {"Authorization": f"Bearer {fake.token}"}
        answer = fake.handle(operation.method, path, token, json.dumps(body or bodies[operation_id]).encode())
        names[name] = json.loads(answer.body)["data"]["id"][name]

    made("create_note", "note_id")
    made("create_task", "task_id")
    made("create_comment", "comment_id")
    names["thread_id"] = names["comment_id"]
    made("create_meeting", "meeting_id")
    made("create_call_recording", "call_recording_id")
    made("create_file", "file_id")
    made("create_webhook", "webhook_id")
    made("create_activity_record", "record_id")
    return Prepared(fake, fake.snapshot(), fake.to_json(), names, bodies)


WORLD = prepared()
OTHERS = ("list_", "get_", "delete_", "download_")
ASKING = [
    operation.id
    for operation in OPERATIONS.values()
    if operation.id.startswith(OTHERS)
    and {part[1:-1] for part in operation.path.split("/") if "{" in part} <= {*WORLD.names}
]
QUERIES = st.dictionaries(
    st.sampled_from(["limit", "offset", "cursor", "sort", "object", "record_id", "list", "entry_id", "timezone", "domain",
                     "linked_object", "linked_record_id", "linked_record_ids", "participants", "is_completed", "assignee",
                     "created_after", "ends_from", "show_archived", "parent_object", "parent_record_id", "storage_provider"]),
    st.sampled_from([*WORDS, *WORLD.names.values()]) | st.text(max_size=4),
    max_size=3,
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where in a JSON value something can be put in place of what is there."""
    found = [path]
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        found += places(one, (*path, key))
    return found


def put(value: Any, path: tuple[Any, ...], other: Any) -> Any:
    """A copy with something else in one place."""
    if not path:
        return other
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = put(copy[path[0]], path[1:], other)
    return copy


def answered(operation_id: str, body: bytes, query: dict[str, str]) -> int:
    WORLD.fake.restore(WORLD.snapshot)
    operation = OPERATIONS[operation_id]
    target = f"{operation.path.format_map(WORLD.names)}?{urlencode(query, errors='replace')}"
    token = {"Authorization": f"Bearer {WORLD.fake.token}", "Content-Type": "application/json"}
    return WORLD.fake.handle(operation.method, target, token, body).status


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_body_with_something_else_in_it(data: st.DataObject) -> None:
    operation_id = data.draw(st.sampled_from([*WORLD.bodies]))
    body = WORLD.bodies[operation_id]
    changed = put(body, data.draw(st.sampled_from(places(body))), data.draw(JSON))
    query = {"matching_attribute": "code"} if operation_id.startswith("assert") else {}
    status = answered(operation_id, json.dumps(changed).encode("utf-8", "surrogatepass"), query)
    assert status in {200, 400, 404, 409}
    assert status == 200 or WORLD.fake.to_json() == WORLD.document, "what was refused changed something"


def test_the_bodies_are_right_before_something_else_is_put_in() -> None:
    refused = {
        name
        for name, body in WORLD.bodies.items()
        if answered(name, json.dumps(body).encode(), {"matching_attribute": "code"}) != 200
    }
    # Attio's own activity cannot be changed, and a second webhook would report the same to the same address.
    assert refused == {"update_activity", "create_webhook", "create_activity_record"}


@settings(max_examples=150, deadline=None)
@given(operation_id=st.sampled_from(ASKING), query=QUERIES)
def test_a_query_whatever_it_says(operation_id: str, query: dict[str, str]) -> None:
    assert answered(operation_id, b"", query) in {200, 204, 302, 400, 404}


def test_a_body_without_end_is_refused() -> None:
    assert answered("create_note", b"[" * 100_000, {}) == 400
