"""A fake for random writes, and the observable state of it."""

from collections.abc import Iterable
from typing import Any, Self

import attrs
import msgspec

from attio_async.testing import FakeAttio, VirtualClock
from attio_async.testing._workspace.change_log import LoggedChange
from attio_async.testing._workspace.workspace import Workspace

from .workspace_model import (
    ENDS,
    RELATIONS,
    UNIQUE,
    end,
)


def reference(kind: str, id: str) -> dict[str, str]:
    return {"target_object": kind, "target_record_id": id}


def made_fake(clock: VirtualClock) -> FakeAttio:
    fake = FakeAttio(clock=clock)
    fake.seed.add_list("leads", parent="companies")
    for relation in RELATIONS[1:]:
        left, right = relation.left, relation.right
        other = {"object": right.kind, "title": right.slug, "api_slug": right.slug}
        body = {
            "title": left.slug,
            "description": None,
            "api_slug": left.slug,
            "type": "record-reference",
            "is_required": False,
            "is_unique": False,
            "is_multiselect": left.is_many,
            "config": {},
            "relationship": {**other, "is_multiselect": right.is_many},
        }
        assert ask(fake, "POST", f"/v2/objects/{left.kind}/attributes", {"data": body})[0] == 200
    return fake


def ask(fake: FakeAttio, method: str, target: str, body: object = None) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {fake.token}"}
    answer = fake.handle(method, target, headers, msgspec.json.encode(body) if body is not None else b"")
    return answer.status, msgspec.json.decode(answer.body)


def body_of(kind: str, keys: list[str], title: str | None) -> dict[str, Any]:
    """Return the body that writes the unique attribute, and the job title of a person."""
    values: dict[str, Any] = {UNIQUE[kind]: keys}
    if kind == "people":
        values["job_title"] = title
    return {"data": {"values": values}}


def seen(fake: FakeAttio) -> dict[str, dict[str, Any]]:
    """Return the plain values of every record by id and slug, as far as the model has them."""
    names = {"email_addresses": "email_address", "domains": "domain", "job_title": "value"}
    names |= {end(relation, side).slug: "target_record_id" for relation, side in ENDS}
    return {
        record["id"]["record_id"]: {
            slug: [value[names[slug]] for value in values]
            for slug, values in record["values"].items()
            if slug in names
        }
        for kind in UNIQUE
        for record in fake.records(kind)
    }


@attrs.frozen
class Changes:
    """The records that were created and deleted, and the attributes that were updated."""

    made: set[str]
    gone: set[str]
    updated: set[tuple[str, str]]

    @classmethod
    def of(cls, changes: Iterable[LoggedChange], workspace: Workspace) -> Self:
        slugs = {one.id: one.slug for kind in workspace.kinds() for one in kind.attributes.values()}
        found = cls(set(), set(), set())
        for change in changes:
            id = change.ids.get("record_id", "")
            match change.event_type:
                case "record.created":
                    found.made.add(id)
                case "record.merged":
                    found.made.add(id)
                    found.gone.add(str(change.details["duplicate_record_id"]))
                case "record.deleted":
                    found.gone.add(id)
                case "record.updated":
                    found.updated.add((id, slugs[change.ids["attribute_id"]]))
                case _:
                    pass
        return found
