"""Relationships between objects: two attributes that are each other's inverse."""

import attrs

from .._events.publish import report_row
from .._schema import FakeAttribute, FakeRecord, Kind, ObjectType, Value
from .._workspace.ids import Stamp
from .._workspace.workspace import Workspace


@attrs.frozen
class OtherEnd:
    """The attribute that a new relationship gets on the object at its other end."""

    object: ObjectType
    title: str
    slug: str
    is_multiselect: bool


def relate(workspace: Workspace, kind: Kind, attribute: FakeAttribute, other: OtherEnd) -> FakeAttribute:
    """Return the inverse of an attribute, which is still to be added to its object."""
    attribute.allowed_objects, attribute.inverse = [other.object.slug], (other.object.slug, other.slug)
    return FakeAttribute(
        id=workspace.new_id(),
        slug=other.slug,
        title=other.title,
        type=attribute.type,
        created_at=attribute.created_at,
        is_multiselect=other.is_multiselect,
        allowed_objects=[kind.slug],
        inverse=(kind.slug, attribute.slug),
    )


def follow(
    workspace: Workspace, record: FakeRecord, attribute: FakeAttribute, before: list[Value], stamp: Stamp
) -> None:
    """Update the inverses after the references of a record changed from `before` to what they are now."""
    if attribute.inverse is None:
        return
    was = {value["target_record_id"] for value in before}
    is_now = [value["target_record_id"] for value in record.values.get(attribute.slug, ())]
    target_slug, inverse_slug = attribute.inverse
    kind = workspace.data.objects[target_slug]
    inverse = kind.attributes[inverse_slug]
    for target_id in was.difference(is_now):
        target = workspace.record(kind, target_id)
        if target is not None:
            unlink(workspace, target, inverse, record.id, stamp)
    for target_id in is_now:
        if target_id not in was:
            _link(workspace, workspace.data.rows[kind.id][target_id], inverse, record, stamp)


def unlink(
    workspace: Workspace, record: FakeRecord, attribute: FakeAttribute, target_id: str, stamp: Stamp
) -> None:
    """Remove one target from a reference, if it is there."""
    values = record.values.get(attribute.slug, [])
    kept = [value for value in values if value["target_record_id"] != target_id]
    if len(kept) == len(values):
        return
    workspace.set_values(record, attribute, kept, stamp.now)
    report_row(workspace, record, "updated", stamp, attribute)


def _link(
    workspace: Workspace, record: FakeRecord, attribute: FakeAttribute, target: FakeRecord, stamp: Stamp
) -> None:
    """Refer from `record` to `target`. An attribute of one value drops the old target, at both ends."""
    kind = workspace.kind_of(target)
    if any(value["target_record_id"] == target.id for value in record.values.get(attribute.slug, ())):
        return
    value = stamp.value(attribute, {"target_object": kind.slug, "target_record_id": target.id})
    if attribute.is_multiselect:
        workspace.add_value(record, attribute, value)
        report_row(workspace, record, "updated", stamp, attribute)
        return
    forward = kind.attributes[_inverse_slug(attribute)]
    for old in record.values.get(attribute.slug, []):
        other = workspace.record(kind, old["target_record_id"])
        if other is not None:
            unlink(workspace, other, forward, record.id, stamp)
    workspace.set_values(record, attribute, [value], stamp.now)
    report_row(workspace, record, "updated", stamp, attribute)


def _inverse_slug(attribute: FakeAttribute) -> str:
    if attribute.inverse is None:
        raise LookupError(f"{attribute.slug} has no inverse")
    return attribute.inverse[1]
