"""A session with the PyPI package attio; fails with the first call that it cannot make sense of."""

import json
import sys
from collections.abc import Callable
from typing import Any

from attio import SDK
from attio.errors import ResponseValidationError


def main(url: str, token: str) -> None:
    with SDK(oauth2=token, server_url=url) as attio:
        me = attio.meta.get_v2_self()
        member = attio.workspace_members.get_v2_workspace_members().data[0]
        print("self and members", type(me).__name__, member.email_address)
        schema(attio)
        company = records(attio)
        entries(attio, company)
        notes_tasks_comments(attio, company, member.id.workspace_member_id)
        webhooks(attio)


def schema(attio: SDK) -> None:
    objects = {each.api_slug for each in attio.objects.get_v2_objects().data}
    assert {"people", "companies", "deals"} <= objects, objects
    where = {"target": "objects", "identifier": "companies"}
    found = {each.api_slug for each in attio.attributes.get_v2_target_identifier_attributes(**where).data}
    assert {"name", "domains", "categories"} <= found, found
    create = attio.attributes.post_v2_target_identifier_attributes_attribute_options
    create(**where, attribute="categories", data={"title": "Conformant"})
    options = attio.attributes.get_v2_target_identifier_attributes_attribute_options(
        **where, attribute="categories"
    )
    assert "Conformant" in {each.title for each in options.data}
    print("schema", len(objects), "objects,", len(found), "attributes of companies")


def records(attio: SDK) -> str:
    values = {
        "name": ["Conformance Ltd"],
        "domains": ["conformance.example.com"],
        "categories": ["Conformant"],
    }
    made = attio.records.post_v2_objects_object_records(object="companies", data={"values": values}).data
    asserted = attio.records.put_v2_objects_object_records(
        object="companies",
        matching_attribute="domains",
        data={"values": {**values, "name": ["Conformance Inc"]}},
    ).data
    assert asserted.id.record_id == made.id.record_id
    query = attio.records.post_v2_objects_object_records_query
    found = query(object="companies", filter_={"name": {"$contains": "conformance"}}).data
    assert [each.id.record_id for each in found] == [made.id.record_id]
    seen = [
        each.id.record_id
        for offset in range(0, 300, 100)
        for each in query(
            object="people",
            sorts=[{"attribute": "name", "field": "last_name", "direction": "asc"}],
            limit=100,
            offset=offset,
        ).data
    ]
    assert len(set(seen)) == 300, len(set(seen))
    attio.records.patch_v2_objects_object_records_record_id_(
        object="companies", record_id=made.id.record_id, data={"values": {"description": ["Checked"]}}
    )
    history = attio.records.get_v2_objects_object_records_record_id_attributes_attribute_values(
        object="companies", record_id=made.id.record_id, attribute="name", show_historic=True
    ).data
    assert len(history) == 2, history
    hits = attio.records.post_v2_objects_records_search(
        query="conformance", objects=["companies"], request_as={"type": "workspace"}
    ).data
    assert [hit.id.record_id for hit in hits] == [made.id.record_id]
    print("records", made.id.record_id)
    return made.id.record_id


def entries(attio: SDK, company: str) -> None:
    pipeline = attio.lists.post_v2_lists(
        data={
            "name": "Conformance",
            "api_slug": "conformance_python",
            "parent_object": "companies",
            "workspace_access": "full-access",
            "workspace_member_access": [],
        }
    ).data
    parent = {"parent_record_id": company, "parent_object": "companies", "entry_values": {}}
    made = attio.entries.post_v2_lists_list_entries(list_id=pipeline.api_slug, data=parent).data
    again = attio.entries.put_v2_lists_list_entries(list_id=pipeline.api_slug, data=parent).data
    assert again.id.entry_id == made.id.entry_id
    found = attio.entries.post_v2_lists_list_entries_query(list_id=pipeline.api_slug).data
    assert len(found) == 1
    print("lists and entries", made.id.entry_id)


def notes_tasks_comments(attio: SDK, company: str, member: str) -> None:
    note = attio.notes.post_v2_notes(
        data={
            "parent_object": "companies",
            "parent_record_id": company,
            "title": "Conformance",
            "format": "plaintext",
            "content": "Checked.",
        }
    ).data
    notes = attio.notes.get_v2_notes(parent_object="companies", parent_record_id=company).data
    assert note.id.note_id in {each.id.note_id for each in notes}
    task = attio.tasks.post_v2_tasks(
        data={
            "content": "Check again",
            "format": "plaintext",
            "deadline_at": "2030-01-01T00:00:00.000000000Z",
            "is_completed": False,
            "linked_records": [{"target_object": "companies", "target_record_id": company}],
            "assignees": [{"referenced_actor_type": "workspace-member", "referenced_actor_id": member}],
        }
    ).data
    done = attio.tasks.patch_v2_tasks_task_id_(task_id=task.id.task_id, data={"is_completed": True}).data
    assert done.is_completed
    comment = unresolved(
        attio.comments.post_v2_comments,
        data={
            "format": "plaintext",
            "content": "Well checked",
            "author": {"type": "workspace-member", "id": member},
            "record": {"object": "companies", "record_id": company},
        },
    )
    threads = unresolved(attio.threads.get_v2_threads, object="companies", record_id=company)
    assert len(threads) == 1, threads
    attio.comments.delete_v2_comments_comment_id_(comment_id=comment["id"]["comment_id"])
    print("notes, tasks, comments", note.id.note_id, task.id.task_id, comment["id"]["comment_id"])


def unresolved(call: Callable[..., Any], **arguments: Any) -> Any:
    """Return the "data" of an answer. This client expects every comment to be resolved by somebody; the API says null until one is."""
    try:
        return call(**arguments).model_dump()["data"]
    except ResponseValidationError as error:
        if "resolved_by" not in str(error):
            raise
        return json.loads(error.body)["data"]


def webhooks(attio: SDK) -> None:
    made = attio.webhooks.post_v2_webhooks(
        data={
            "target_url": "https://conformance.example.com/hook",
            "subscriptions": [{"event_type": "record.created", "filter": None}],
        }
    ).data
    assert made.secret
    attio.webhooks.patch_v2_webhooks_webhook_id_(
        webhook_id=made.id.webhook_id, data={"target_url": "https://conformance.example.com/other"}
    )
    there = {each.id.webhook_id for each in attio.webhooks.get_v2_webhooks().data}
    assert made.id.webhook_id in there
    attio.webhooks.delete_v2_webhooks_webhook_id_(webhook_id=made.id.webhook_id)
    print("webhooks", made.id.webhook_id)


if __name__ == "__main__":
    main(*sys.argv[1:])
