"""Creating, asserting and updating records. Everything is checked before anything is changed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs

from .links import Stamp, follow, link_company, new_record
from .lookup import WorkspaceLookup
from .normalise import Fields, read_value, same_key
from .problems import (
    ApiProblem,
    InvalidValue,
    attribute_not_found,
    invalid,
    invalid_value,
    value_not_found,
    wrong_type,
)
from .schema import Attribute, ObjectType, Record, Value
from .state import Workspace


@attrs.frozen
class Author:
    """Who writes. Only the system may write attributes that are read-only to others."""

    stamp: Stamp
    is_system: bool = False


@attrs.frozen
class Written:
    """What one request says about one attribute."""

    attribute: Attribute
    fields: Sequence[Fields]
    is_null: bool

    def key(self, fields: Mapping[str, Any]) -> object:
        """What makes two values of this attribute the same."""
        return same_key(self.attribute.type, fields)


Merge = Callable[[Written, Sequence[Value]], Sequence[Mapping[str, Any]]]
"""From what is written and the current values to the values wanted, kept ones and new ones, in order."""


def prepended(written: Written, current: Sequence[Value]) -> Sequence[Mapping[str, Any]]:
    """PATCH: new values come first and none is removed; an empty list changes nothing, null clears a single value."""
    if not written.attribute.is_multiselect:
        return written.fields if written.fields or written.is_null else current
    known = {written.key(value) for value in current}
    return [*(fields for fields in written.fields if written.key(fields) not in known), *current]


def replaced(written: Written, _: Sequence[Value]) -> Sequence[Mapping[str, Any]]:
    """PUT: exactly what is written."""
    return written.fields


def _asserted(matching: Attribute) -> Merge:
    """Assert: values are added to the matching attribute, and replace those of every other."""

    def merge(written: Written, current: Sequence[Value]) -> Sequence[Mapping[str, Any]]:
        if written.attribute is not matching or not matching.is_multiselect:
            return written.fields
        known = {written.key(value) for value in current}
        return [*current, *(fields for fields in written.fields if written.key(fields) not in known)]

    return merge


def create(workspace: Workspace, kind: ObjectType, values: Mapping[str, object], author: Author) -> Record:
    """A new record.

    Raises:
        ApiProblem: A value cannot be written, a required one is missing, or a unique one is taken.
    """
    return _create(workspace, kind, _read(workspace, kind, values, author), author)


def update(
    workspace: Workspace,
    kind: ObjectType,
    record: Record,
    values: Mapping[str, object],
    merge: Merge,
    author: Author,
) -> Record:
    """The record with the values merged into it.

    Raises:
        ApiProblem: A value cannot be written, a required one would be cleared, or a unique one is taken.
    """
    return _update(workspace, kind, record, _read(workspace, kind, values, author), merge, author)


def assert_record(
    workspace: Workspace, kind: ObjectType, matching_name: str, values: Mapping[str, object], author: Author
) -> Record:
    """The one record that holds a value of the matching attribute, updated; else a new one.

    Raises:
        ApiProblem: The attribute is unknown, not unique or without value, several records match, or a value
            cannot be written.
    """
    matching = kind.attribute(matching_name)
    if matching is None:
        raise attribute_not_found(matching_name)
    if not matching.is_unique:
        raise ApiProblem(
            400,
            "matching_attribute_definition_not_unique",
            f'The matching attribute with slug "{matching.slug}" is not unique.',
        )
    written = _read(workspace, kind, values, author, matching)
    wanted = next((w for w in written if w.attribute is matching), None)
    if wanted is None or not wanted.fields:
        raise ApiProblem(
            400, "missing_value", f'No value was given for the matching attribute with slug "{matching.slug}".'
        )
    found = {
        record.id: record
        for fields in wanted.fields
        for record in workspace.holders(kind.slug, matching, wanted.key(fields))
    }
    if len(found) > 1:
        raise ApiProblem(
            400,
            "multiple_match_results",
            f'{len(found)} records match the values of attribute with slug "{matching.slug}": '
            f"{', '.join(sorted(found))}.",
        )
    if not found and not matching.is_writable:
        raise value_not_found(f'Cannot find a record by attribute with slug "{matching.slug}".')
    if not found:
        return _create(workspace, kind, written, author)
    (record,) = found.values()
    return _update(workspace, kind, record, written, _asserted(matching), author)


def _read(
    workspace: Workspace,
    kind: ObjectType,
    values: Mapping[str, object],
    author: Author,
    matching: Attribute | None = None,
) -> list[Written]:
    lookup = WorkspaceLookup(workspace)
    written: dict[str, Written] = {}
    for name, value in values.items():
        attribute = kind.attribute(name)
        if attribute is None:
            raise attribute_not_found(name)
        if not (attribute.is_writable or author.is_system or attribute is matching):
            raise ApiProblem(
                400, "system_edit_unauthorized", f'The attribute with slug "{attribute.slug}" cannot be written.'
            )
        if attribute.slug in written:
            raise invalid_value(attribute.slug, [invalid([], "Written under its slug and under its id")])
        written[attribute.slug] = _read_attribute(attribute, value, lookup)
    return list(written.values())


def _read_attribute(attribute: Attribute, value: object, lookup: WorkspaceLookup) -> Written:
    if value is None:
        return Written(attribute, [], is_null=True)
    items: list[object] = value if isinstance(value, list) else [value]
    try:
        if attribute.is_multiselect and not isinstance(value, list):
            raise InvalidValue(wrong_type([], "array", value))
        fields = [read_value(attribute, item, lookup) for item in items]
    except InvalidValue as error:
        raise invalid_value(attribute.slug, error.issues) from None
    if len(fields) > 1 and not attribute.is_multiselect:
        raise ApiProblem(
            400,
            "multiple_values_for_single_value_attribute",
            f'{len(fields)} values were given for attribute with slug "{attribute.slug}", which holds one.',
        )
    once: dict[object, Fields] = {}
    for one in fields:
        once.setdefault(same_key(attribute.type, one), one)
    return Written(attribute, list(once.values()), is_null=False)


def _create(workspace: Workspace, kind: ObjectType, written: list[Written], author: Author) -> Record:
    given = {w.attribute.slug for w in written if w.fields}
    for attribute in kind.attributes.values():
        if attribute.is_required and not attribute.is_archived and attribute.slug not in given:
            raise _required(attribute)
    _check_unique(workspace, kind, None, written)
    record = new_record(workspace, kind.slug, author.stamp)
    _apply(workspace, record, [(w, w.fields) for w in written], author)
    return record


def _update(
    workspace: Workspace,
    kind: ObjectType,
    record: Record,
    written: list[Written],
    merge: Merge,
    author: Author,
) -> Record:
    wanted = [(w, merge(w, record.values.get(w.attribute.slug, []))) for w in written]
    for one, values in wanted:
        if one.attribute.is_required and not values:
            raise _required(one.attribute)
    _check_unique(workspace, kind, record, written)
    _apply(workspace, record, wanted, author)
    return record


def _required(attribute: Attribute) -> ApiProblem:
    return ApiProblem(400, "missing_value", f'A value is required for attribute with slug "{attribute.slug}".')


def _check_unique(workspace: Workspace, kind: ObjectType, record: Record | None, written: list[Written]) -> None:
    for one in written:
        if not one.attribute.is_unique:
            continue
        for fields in one.fields:
            for holder in workspace.holders(kind.slug, one.attribute, one.key(fields)):
                if record is None or holder.id != record.id:
                    raise ApiProblem(
                        400,
                        "uniqueness_conflict",
                        f'The value "{one.key(fields)}" of attribute with slug "{one.attribute.slug}" conflicts '
                        f'with the one of record with ID "{holder.id}".',
                    )


def _apply(
    workspace: Workspace,
    record: Record,
    wanted: list[tuple[Written, Sequence[Mapping[str, Any]]]],
    author: Author,
) -> None:
    stamp = author.stamp
    for one, merged in wanted:
        attribute = one.attribute
        before = record.values.get(attribute.slug, [])
        existing = {one.key(value): value for value in before}
        values = [existing.get(one.key(fields)) or stamp.value(attribute, _stored(attribute, fields)) for fields in merged]
        workspace.set_values(record, attribute, values, stamp.now)
        if attribute.type == "record-reference":
            follow(workspace, record, attribute, before, stamp)
    slugs = {one.attribute.slug for one, _ in wanted}
    if record.object == "people" and "email_addresses" in slugs and "company" not in slugs:
        link_company(workspace, record, stamp)


def _stored(attribute: Attribute, fields: Mapping[str, Any]) -> Mapping[str, Any]:
    if attribute.type == "currency":
        return {**fields, "currency_code": attribute.currency_code}
    return fields
