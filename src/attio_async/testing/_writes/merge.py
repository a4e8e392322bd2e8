"""Two records become one new record."""

from collections.abc import Callable, Collection, Iterable, Mapping

import attrs

from .._events.publish import report_merge, report_row
from .._schema import (
    FakeAttribute,
    FakeRecord,
    ObjectType,
    Parent,
    Value,
)
from .._values.read import same_key
from .._workspace.ids import Stamp
from .._workspace.workspace import Workspace
from .cascade import hand_over
from .relationships import follow, unlink

Ids = Collection[str]


def merge_records(
    workspace: Workspace, kind: ObjectType, primary: FakeRecord, secondary: FakeRecord, stamp: Stamp
) -> FakeRecord:
    """The new record: it has the values of the primary one, and of the secondary one what that left open.

    Multiselect attributes have the values of both. Whatever referred to either refers to it; both are gone.
    """
    old = {primary.id: primary, secondary.id: secondary}
    record = workspace.add_record(kind, primary.created_at)
    values = {slug: _merged(attribute, primary, secondary) for slug, attribute in kind.attributes.items()}
    one_way = [
        (referrer, attribute)
        for gone in old
        for referrer, attribute in workspace.referrers(gone)
        if attribute.inverse is None and referrer.id not in old
    ]
    for gone in old.values():
        _let_go(workspace, kind, gone, stamp)
    successor = _Successor(record, old, stamp)
    _fill(workspace, successor, values)
    for referrer, attribute in one_way:
        _redirect(workspace, referrer, attribute, successor)
    for gone in old.values():
        for entry in workspace.entries_about(gone.id):
            workspace.move_entry(entry, Parent(kind.slug, record.id))
        workspace.remove_record(gone)
    hand_over(workspace, old, record, stamp)
    report_merge(workspace, kind, record.id, tuple(old), stamp)
    return record


@attrs.frozen
class _Past:
    current: list[Value]
    closed: list[Value]


def _merged(attribute: FakeAttribute, primary: FakeRecord, secondary: FakeRecord) -> _Past:
    """What the new record has of an attribute; of one that holds a single value one record tells all."""
    ours = _without_each_other(attribute, primary, secondary)
    theirs = _without_each_other(attribute, secondary, primary)
    if not attribute.is_multiselect:
        return ours if ours.current or not theirs.current else theirs
    known = {same_key(attribute.type, value) for value in ours.current}
    added = [value for value in theirs.current if same_key(attribute.type, value) not in known]
    return _Past([*ours.current, *added], [*ours.closed, *theirs.closed])


def _without_each_other(attribute: FakeAttribute, record: FakeRecord, other: FakeRecord) -> _Past:
    """Copies of a record's values, without those that refer to what becomes the same record."""
    current = record.values.get(attribute.slug, [])
    if attribute.type == "record-reference":
        current = [value for value in current if value["target_record_id"] != other.id]
    closed = record.history.get(attribute.slug, [])
    return _Past([dict(value) for value in current], [dict(value) for value in closed])


def _let_go(workspace: Workspace, kind: ObjectType, record: FakeRecord, stamp: Stamp) -> None:
    """Take a record out of the indexes and of every relationship."""
    for slug in list(record.values):
        workspace.set_values(record, kind.attributes[slug], [], stamp.now)
    for referrer, attribute in workspace.referrers(record.id):
        if attribute.inverse is not None:
            unlink(workspace, referrer, attribute, record.id, stamp)


@attrs.frozen
class _Successor:
    """The new record, and the ids of those in whose place it is."""

    record: FakeRecord
    old: Ids
    stamp: Stamp

    def in_place(self, values: Iterable[Value], renewed: Callable[[Value], Value]) -> list[Value]:
        """The values with the new record in the place of old ones, which it takes once."""
        found: dict[str, Value] = {}
        for value in values:
            if value["target_record_id"] in self.old:
                found.setdefault(self.record.id, renewed({**value, "target_record_id": self.record.id}))
            else:
                found.setdefault(value["target_record_id"], value)
        return list(found.values())


def _fill(workspace: Workspace, successor: _Successor, values: Mapping[str, _Past]) -> None:
    record, stamp = successor.record, successor.stamp
    attributes = workspace.kind_of(record).attributes
    for slug, past in values.items():
        attribute, current = attributes[slug], past.current
        if slug == "record_id":
            current = [stamp.value(attribute, {"value": record.id})]
        elif attribute.type == "record-reference":
            current = successor.in_place(current, lambda value: value)
        workspace.set_values(record, attribute, current, stamp.now)
        if past.closed:
            record.history[slug] = past.closed
    for attribute in attributes.values():
        if attribute.inverse is not None:
            follow(workspace, record, attribute, [], stamp)


def _redirect(
    workspace: Workspace, referrer: FakeRecord, attribute: FakeAttribute, successor: _Successor
) -> None:
    """Make what referred to an old record refer to the new one."""
    stamp = successor.stamp
    names = ("target_object", "target_record_id")
    values = successor.in_place(
        referrer.values.get(attribute.slug, []),
        lambda value: stamp.value(attribute, {name: value[name] for name in names}),
    )
    workspace.set_values(referrer, attribute, values, stamp.now)
    report_row(workspace, referrer, "updated", stamp, attribute)
