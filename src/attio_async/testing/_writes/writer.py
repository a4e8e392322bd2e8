"""Create, assert and update records and entries. Everything is checked before anything is changed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs
import msgspec

from .._errors import (
    ApiProblem,
    InvalidValue,
    attribute_not_found,
    invalid,
    invalid_value,
    protected,
    value_not_found,
    wrong_type,
)
from .._events.publish import report_row
from .._json_types import as_array, is_array
from .._schema import (
    FakeAttribute,
    FakeRecord,
    Kind,
    ObjectType,
    Parent,
    Value,
)
from .._values.contacts import FREEMAIL
from .._values.fields import Fields
from .._values.read import key_names, read_value, same_key
from .._workspace.ids import SYSTEM, Stamp
from .._workspace.workspace import Workspace
from .defaults import default_fields
from .lookup import WorkspaceLookup
from .relationships import follow


@attrs.frozen
class Written:
    """The values that one request writes to one attribute."""

    attribute: FakeAttribute
    fields: Sequence[Fields]
    is_null: bool

    def key(self, fields: Mapping[str, Any]) -> object:
        """Return what identifies a value of this attribute."""
        return same_key(self.attribute.type, fields)


def read_written(attribute: FakeAttribute, value: object, lookup: WorkspaceLookup) -> Written:
    """Return the values that are written to an attribute, each once.

    Raises:
        ApiProblem: A value does not fit, or there are several although the attribute holds one.
    """
    if value is None:
        return Written(attribute, [], is_null=True)
    if attribute.is_multiselect and not is_array(value):
        raise invalid_value(attribute.slug, [wrong_type([], "array", value)])
    try:
        fields = [read_value(attribute, item, lookup) for item in as_array(value)]
    except InvalidValue as error:
        raise invalid_value(attribute.slug, error.issues) from None
    if len(fields) > 1 and not attribute.is_multiselect:
        raise several_values(attribute, len(fields))
    if len(fields) > 1:
        once: dict[object, Fields] = {}
        for one in fields:
            once.setdefault(same_key(attribute.type, one), one)
        fields = list(once.values())
    return Written(attribute, fields, is_null=False)


def stored(attribute: FakeAttribute, fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the fields with what every value takes from its attribute."""
    if attribute.type == "currency":
        return {**fields, "currency_code": attribute.currency_code}
    return fields


def several_values(attribute: FakeAttribute, count: int) -> ApiProblem:
    """400: several values for an attribute that holds one."""
    return ApiProblem(
        400,
        "multiple_values_for_single_value_attribute",
        f'{count} values were given for attribute with slug "{attribute.slug}", which holds one.',
    )


def required(attribute: FakeAttribute) -> ApiProblem:
    """400: a required value is missing."""
    return ApiProblem(
        400, "missing_value", f'A value is required for attribute with slug "{attribute.slug}".'
    )


def read_only(attribute: FakeAttribute) -> ApiProblem:
    """400: only the system may write the attribute."""
    return protected(f'attribute with slug "{attribute.slug}"', "written")


def taken(written: Written, holder: FakeRecord, *, is_new: bool) -> ApiProblem:
    """400: another record already has a unique value. The API names the attribute, but not the record."""
    attribute = written.attribute
    held = {written.key(value) for value in holder.values.get(attribute.slug, ())}
    fields = next(one for one in written.fields if written.key(one) in held)
    value = msgspec.json.encode({name: fields[name] for name in key_names(attribute.type)}).decode()
    # Both forms were seen, and it is not known what decides.
    name = f'ID "{attribute.id}"' if is_new else f'slug "{attribute.slug}"'
    return ApiProblem(
        400,
        "uniqueness_conflict",
        f"The value {msgspec.json.encode(value).decode()} provided for attribute with {name} conflicts with one "
        "already in the system.",
    )


@attrs.frozen
class Author:
    """The writer of values. Only the system may write read-only attributes."""

    stamp: Stamp
    is_system: bool = False


Merge = Callable[[Written, Sequence[Value]], Sequence[Mapping[str, Any]]]
"""Takes what is written and the current values; returns the wanted values, kept ones and new ones, in order."""


def prepended(written: Written, current: Sequence[Value]) -> Sequence[Mapping[str, Any]]:
    """PATCH: put new values first and remove none. An empty list changes nothing, null clears a single value."""
    if not written.attribute.is_multiselect:
        return written.fields if written.fields or written.is_null else current
    known = {written.key(value) for value in current}
    return [*(fields for fields in written.fields if written.key(fields) not in known), *current]


def replaced(written: Written, _: Sequence[Value]) -> Sequence[Mapping[str, Any]]:
    """PUT: keep exactly what is written."""
    return written.fields


def _asserted(matching: FakeAttribute) -> Merge:
    """Assert: add values to the matching attribute, and replace those of every other one."""

    def merge(written: Written, current: Sequence[Value]) -> Sequence[Mapping[str, Any]]:
        if written.attribute is not matching or not matching.is_multiselect:
            return written.fields
        known = {written.key(value) for value in current}
        return [*current, *(fields for fields in written.fields if written.key(fields) not in known)]

    return merge


@attrs.frozen
class RecordWriter:
    """Writes records of one object, or entries of one list."""

    workspace: Workspace
    kind: Kind
    author: Author

    def create(self, values: Mapping[str, object], parent: Parent | None = None) -> FakeRecord:
        """Create a record, or with a parent an entry, and return it.

        Raises:
            ApiProblem: A value cannot be written, a required one is missing, or a unique one is taken.
        """
        return self._create(self._read(values), parent)

    def update(self, record: FakeRecord, values: Mapping[str, object], merge: Merge) -> FakeRecord:
        """Merge values into a record, and return it.

        Raises:
            ApiProblem: A value cannot be written, a required one would be cleared, or a unique one is taken.
        """
        return self._update(record, self._read(values), merge)

    def assert_record(self, matching_name: str, values: Mapping[str, object]) -> FakeRecord:
        """Update the record that holds a value of the matching attribute, or create one, and return it.

        Raises:
            ApiProblem: The attribute is unknown, not unique or without value, several records match, or a value
                cannot be written.
        """
        matching = self._matching(matching_name)
        written = self._read(values, matching)
        wanted = next((one for one in written if one.attribute is matching), None)
        if wanted is None or not wanted.fields:
            raise ApiProblem(
                400,
                "missing_value",
                f'No value was given for the matching attribute with slug "{matching.slug}".',
            )
        found = self._matches(wanted)
        if len(found) > 1:
            raise ApiProblem(
                400,
                "multiple_match_results",
                f'{len(found)} records match the values of attribute with slug "{matching.slug}": '
                f"{', '.join(sorted(record.id for record in found))}.",
            )
        if found:
            return self._update(found[0], written, _asserted(matching))
        if not matching.is_writable:
            raise value_not_found(f'a record by attribute with slug "{matching.slug}"')
        return self._create(written)

    def assert_entry(self, parent: Parent, values: Mapping[str, object]) -> FakeRecord:
        """Overwrite the values of the entry about a record, or create one, and return it.

        Raises:
            ApiProblem: The record is in the list more than once, or a value cannot be written.
        """
        about = self.workspace.entries_about(parent.record_id)
        found = [entry for entry in about if entry.kind == self.kind.id]
        if len(found) > 1:
            raise ApiProblem(
                400,
                "multiple_match_results",
                f'{len(found)} entries of list "{self.kind.slug}" have the parent record '
                f'"{parent.record_id}": {", ".join(sorted(entry.id for entry in found))}.',
            )
        written = self._read(values)
        return self._update(found[0], written, replaced) if found else self._create(written, parent)

    def _matching(self, name: str) -> FakeAttribute:
        matching = self.kind.attribute(name)
        if matching is None or matching.is_archived:
            raise attribute_not_found(name)
        if not matching.is_unique:
            raise ApiProblem(
                400,
                "matching_attribute_definition_not_unique",
                f'The matching attribute with slug "{matching.slug}" is not unique.',
            )
        return matching

    def _matches(self, wanted: Written) -> list[FakeRecord]:
        found: dict[str, FakeRecord] = {}
        for fields in wanted.fields:
            for record in self.workspace.holders(self.kind, wanted.attribute, wanted.key(fields)):
                found[record.id] = record
        return list(found.values())

    def _read(self, values: Mapping[str, object], matching: FakeAttribute | None = None) -> list[Written]:
        lookup = WorkspaceLookup(self.workspace)
        written: dict[str, Written] = {}
        for name, value in values.items():
            attribute = self.kind.attribute(name)
            if attribute is None or attribute.is_archived:
                raise attribute_not_found(name)
            if not (attribute.is_writable or self.author.is_system or attribute is matching):
                raise read_only(attribute)
            if attribute.slug in written:
                raise invalid_value(attribute.slug, [invalid([], "Written under its slug and under its id")])
            written[attribute.slug] = read_written(attribute, value, lookup)
        return list(written.values())

    def _create(self, asked: list[Written], parent: Parent | None = None) -> FakeRecord:
        written = [*asked, *self._defaults(asked)]
        given = {one.attribute.slug for one in written if one.fields}
        for attribute in self.kind.attributes.values():
            if attribute.is_required and not attribute.is_archived and attribute.slug not in given:
                raise required(attribute)
        self._check_unique(None, written)
        record = _new_row(self.workspace, self.kind, self.author.stamp, parent)
        self._apply(record, [(one, one.fields) for one in written], is_new=True)
        return record

    def _defaults(self, asked: list[Written]) -> list[Written]:
        """Return the default values of attributes that the request does not write."""
        named = {one.attribute.slug for one in asked}
        found: list[Written] = []
        for attribute in self.kind.attributes.values():
            default = attribute.default
            if default is None:
                continue
            if attribute.is_writable and not attribute.is_archived and attribute.slug not in named:
                fields = default_fields(self.workspace, attribute, default, self.author.stamp)
                found.append(Written(attribute, fields, is_null=False))
        return found

    def _update(self, record: FakeRecord, written: list[Written], merge: Merge) -> FakeRecord:
        wanted = [(one, merge(one, record.values.get(one.attribute.slug, []))) for one in written]
        for one, values in wanted:
            if one.attribute.is_required and not values:
                raise required(one.attribute)
        self._check_unique(record, written)
        self._apply(record, wanted)
        return record

    def rewrite(self, record: FakeRecord, one: Written, values: list[Value], past: list[Value]) -> None:
        """Replace the values of an attribute and its history. No event reports it.

        Raises:
            ApiProblem: A required value would be missing, or a unique one is taken.
        """
        attribute = one.attribute
        if attribute.is_required and not values:
            raise required(attribute)
        self._check_unique(record, [one])
        before = record.values.get(attribute.slug, [])
        self.workspace.set_values(record, attribute, values, self.author.stamp.now)
        record.history[attribute.slug] = past
        if attribute.type == "record-reference":
            follow(self.workspace, record, attribute, before, self.author.stamp)

    def _check_unique(self, record: FakeRecord | None, written: list[Written]) -> None:
        for one in written:
            for holder in self._matches(one) if one.attribute.is_unique else ():
                if record is None or holder.id != record.id:
                    raise taken(one, holder, is_new=record is None)

    def _apply(
        self,
        record: FakeRecord,
        wanted: list[tuple[Written, Sequence[Mapping[str, Any]]]],
        *,
        is_new: bool = False,
    ) -> None:
        stamp = self.author.stamp
        befores = [list(record.values.get(one.attribute.slug, ())) for one, _ in wanted]
        for (one, merged), before in zip(wanted, befores, strict=True):
            attribute = one.attribute
            existing = {one.key(value): value for value in before}
            values = [
                (existing.get(one.key(fields)) if existing else None)
                or stamp.value(attribute, stored(attribute, fields))
                for fields in merged
            ]
            self.workspace.set_values(record, attribute, values, stamp.now)
            if not is_new and not _same(values, before):
                report_row(self.workspace, record, "updated", stamp, attribute)
        if is_new:
            report_row(self.workspace, record, "created", stamp)
        for (one, _), before in zip(wanted, befores, strict=True):
            if one.attribute.type == "record-reference":
                follow(self.workspace, record, one.attribute, before, stamp)
        slugs = {one.attribute.slug for one, _ in wanted}
        is_person = isinstance(self.kind, ObjectType) and self.kind.slug == "people"
        if is_person and "email_addresses" in slugs and "company" not in slugs:
            _link_company(self.workspace, record, stamp)


def _same(after: list[Value], before: list[Value]) -> bool:
    """Return True if these are the same values, not only equal ones."""
    return [*map(id, after)] == [*map(id, before)]


def _new_row(workspace: Workspace, kind: Kind, stamp: Stamp, parent: Parent | None = None) -> FakeRecord:
    """Add a record or entry with only what the system writes: its id, when it was created and by whom."""
    row = workspace.add_record(kind, stamp.now, parent)
    actor = {"referenced_actor_type": stamp.actor["type"], "referenced_actor_id": stamp.actor["id"]}
    for slug, fields in (
        (f"{kind.row_noun}_id", {"value": row.id}),
        ("created_at", {"value": stamp.now}),
        ("created_by", actor),
    ):
        attribute = kind.attributes[slug]
        workspace.set_values(row, attribute, [stamp.value(attribute, fields)], stamp.now)
    return row


def _link_company(workspace: Workspace, person: FakeRecord, stamp: Stamp) -> None:
    """Link a person without a company to that of their e-mail domain, which is created if need be."""
    emails = [v for v in person.values.get("email_addresses", ()) if v["email_root_domain"] not in FREEMAIL]
    if not emails or person.values.get("company"):
        return
    people, companies = workspace.data.objects["people"], workspace.data.objects["companies"]
    domains = companies.attributes["domains"]
    names = (emails[0]["email_domain"], emails[0]["email_root_domain"])
    found = [company for name in names for company in workspace.holders(companies, domains, name)]
    system = Stamp(stamp.now, SYSTEM)
    if found:
        company = found[0]
    else:
        company = _new_row(workspace, companies, system)
        fields = {"domain": names[1], "root_domain": names[1]}
        workspace.set_values(company, domains, [system.value(domains, fields)], stamp.now)
        report_row(workspace, company, "created", system)
    attribute = people.attributes["company"]
    value = system.value(attribute, {"target_object": "companies", "target_record_id": company.id})
    workspace.set_values(person, attribute, [value], stamp.now)
    report_row(workspace, person, "updated", system, attribute)
    follow(workspace, person, attribute, [], system)
