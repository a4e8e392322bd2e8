"""Merge two records into a new one."""

from collections.abc import Callable, Collection, Iterable, Mapping

import attrs

from .._events.publish import report_merge, report_row
from .._schema import FakeAttribute, FakeRecord, ObjectType, Parent, Value
from .._values.read import same_key
from .._workspace.ids import Stamp
from .._workspace.workspace import Workspace
from .cascade import move_dependants
from .relationships import follow, unlink


@attrs.frozen
class _Values:
    """The values of one attribute: the current ones, and the history."""

    current: list[Value]
    history: list[Value]


@attrs.frozen
class _Successor:
    """The new record, and the ids of the old ones that it replaces."""

    record: FakeRecord
    old: Collection[str]
    stamp: Stamp

    def replace(self, values: Iterable[Value], renewed: Callable[[Value], Value]) -> list[Value]:
        """Return references with the new record in place of the old ones, each target once."""
        found: dict[str, Value] = {}
        for value in values:
            if value["target_record_id"] in self.old:
                found.setdefault(self.record.id, renewed({**value, "target_record_id": self.record.id}))
            else:
                found.setdefault(value["target_record_id"], value)
        return list(found.values())


def merge(
    workspace: Workspace, kind: ObjectType, primary: FakeRecord, secondary: FakeRecord, stamp: Stamp
) -> FakeRecord:
    """Merge two records into a new one, which replaces both of them everywhere, and return it.

    It has the values of the primary record, and those of the secondary one for attributes that the primary one has
    no value of. Multiselect attributes have the values of both.
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
        _detach(workspace, kind, gone, stamp)
    successor = _Successor(record, old, stamp)
    _fill(workspace, successor, values)
    for referrer, attribute in one_way:
        _redirect(workspace, referrer, attribute, successor)
    for gone in old.values():
        for entry in workspace.entries_about(gone.id):
            workspace.move_entry(entry, Parent(kind.slug, record.id))
        workspace.remove_record(gone)
    move_dependants(workspace, old, record, stamp)
    report_merge(workspace, kind, record.id, tuple(old), stamp)
    return record


def _merged(attribute: FakeAttribute, primary: FakeRecord, secondary: FakeRecord) -> _Values:
    """Return the values of the new record. An attribute of one value takes them all from one record."""
    ours = _without_each_other(attribute, primary, secondary)
    theirs = _without_each_other(attribute, secondary, primary)
    if not attribute.is_multiselect:
        return ours if ours.current or not theirs.current else theirs
    known = {same_key(attribute.type, value) for value in ours.current}
    added = [value for value in theirs.current if same_key(attribute.type, value) not in known]
    return _Values([*ours.current, *added], [*ours.history, *theirs.history])


def _without_each_other(attribute: FakeAttribute, record: FakeRecord, other: FakeRecord) -> _Values:
    """Return copies of a record's values, without references to the other record that is merged."""
    current = record.values.get(attribute.slug, [])
    if attribute.type == "record-reference":
        current = [value for value in current if value["target_record_id"] != other.id]
    history = record.history.get(attribute.slug, [])
    return _Values([dict(value) for value in current], [dict(value) for value in history])


def _detach(workspace: Workspace, kind: ObjectType, record: FakeRecord, stamp: Stamp) -> None:
    """Remove a record from the indexes and from every relationship."""
    for slug in list(record.values):
        workspace.set_values(record, kind.attributes[slug], [], stamp.now)
    for referrer, attribute in workspace.referrers(record.id):
        if attribute.inverse is not None:
            unlink(workspace, referrer, attribute, record.id, stamp)


def _fill(workspace: Workspace, successor: _Successor, values: Mapping[str, _Values]) -> None:
    record, stamp = successor.record, successor.stamp
    attributes = workspace.kind_of(record).attributes
    for slug, of_attribute in values.items():
        attribute, current = attributes[slug], of_attribute.current
        if slug == "record_id":
            current = [stamp.value(attribute, {"value": record.id})]
        elif attribute.type == "record-reference":
            current = successor.replace(current, lambda value: value)
        workspace.set_values(record, attribute, current, stamp.now)
        if of_attribute.history:
            record.history[slug] = of_attribute.history
    for attribute in attributes.values():
        if attribute.inverse is not None:
            follow(workspace, record, attribute, [], stamp)


def _redirect(
    workspace: Workspace, referrer: FakeRecord, attribute: FakeAttribute, successor: _Successor
) -> None:
    """Make a record that referred to an old record refer to the new one."""
    stamp = successor.stamp
    names = ("target_object", "target_record_id")
    values = successor.replace(
        referrer.values.get(attribute.slug, []),
        lambda value: stamp.value(attribute, {name: value[name] for name in names}),
    )
    workspace.set_values(referrer, attribute, values, stamp.now)
    report_row(workspace, referrer, "updated", stamp, attribute)
