"""Edits of a record or entry: values to set, add, remove and clear, turned into one write."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

import attrs

from attio_async_api.models.attribute_target import AttributeTarget

from .._records.models import AttributeMapping
from .._schema import Attribute, ObjectSchema
from ..errors import CoercionError, ConfigurationError, Problem, UnknownName
from ..values import Value, coerce, coerce_values
from .arguments import as_texts
from .encode import check_values, encode_values
from .schema_cache import SchemaCache

_CASE_INSENSITIVE_TYPES = {"domain", "email-address"}
_REFERENCE_TYPES = {"actor-reference", "record-reference"}
_ID_FIELDS = ("target_record_id", "referenced_actor_id", "option", "status")


@attrs.frozen
class Edit:
    """The encoded values to change, by slug. In `replace`, an empty list clears the attribute.

    `partial` has the attributes of `replace` whose locations keep the parts that are not given.
    """

    schema: ObjectSchema | None
    replace: Mapping[str, list[Any]]
    add: Mapping[str, list[Any]]
    remove: Mapping[str, list[Any]]
    partial: frozenset[str] = frozenset()

    @property
    def is_append(self) -> bool:
        """True if one write that appends (PATCH) makes all changes. It replaces the value of a single-value attribute.

        https://docs.attio.com/rest-api/endpoint-reference/records/update-a-record-append-multiselect-values
        """
        is_simple = not self.remove and not self.partial
        return bool(self.add) and is_simple and all(map(self._is_replaced_by_append, self.replace))

    @property
    def needs_current_values(self) -> bool:
        """True if the write depends on the current values, which must be read first."""
        return not self.is_append and bool(self.add or self.remove or self.partial)

    def append_values(self) -> dict[str, Any]:
        """Return the values of the write that appends."""
        return {**self.replace, **self.add}

    def overwrite_values(self, current: AttributeMapping | None) -> dict[str, Any]:
        """Return the values of the write that overwrites, from the current ones if they are needed."""
        data: dict[str, Any] = dict(self.replace)
        if current is not None:
            data |= {slug: self._combine(slug, current) for slug in {**self.add, **self.remove}}
            data |= {slug: self._complete(slug, current) for slug in self.partial}
        return data

    def is_reference(self, slug: str, value: object) -> bool:
        """Return True if a value refers to a record or member."""
        attribute = self._attribute(slug)
        by_shape = isinstance(value, dict) and "target_object" in value
        return attribute.type in _REFERENCE_TYPES if attribute else by_shape

    def _attribute(self, slug: str) -> Attribute | None:
        return self.schema.attributes.get(slug) if self.schema else None

    def _is_replaced_by_append(self, slug: str) -> bool:
        return bool(self.replace[slug]) and self.schema is not None and self.schema.is_single(slug)

    def _complete(self, slug: str, current: AttributeMapping) -> list[Any]:
        """Return a location with the parts of the current one that are not given."""
        values = current.values(slug)
        (given,) = self.replace[slug]
        if not values:
            return [given]
        existing: Mapping[str, Any] = self._encode(slug, values[0])
        return [{part: existing.get(part) if value is None else value for part, value in given.items()}]

    def _combine(self, slug: str, current: AttributeMapping) -> list[Any]:
        removed = {self._key(slug, value) for value in self.remove.get(slug, ())}
        existing = [(self._encode(slug, value), self._keys(slug, value)) for value in current.values(slug)]
        kept = [(value, keys) for value, keys in existing if removed.isdisjoint(keys)]
        kept_keys = {key for _, keys in kept for key in keys}
        new = [value for value in self.add.get(slug, ()) if self._key(slug, value) not in kept_keys]
        return [value for value, _ in kept] + new

    def _encode(self, slug: str, value: Value) -> Any:
        """Return a current value in the form that writes it back."""
        for kind, choice in (("option", value.option_id), ("status", value.status_id)):
            if choice:
                return {kind: choice}  # by id, since its title may be archived
        attribute = self._attribute(slug)
        return (coerce(attribute, value) if attribute else coerce_values({slug: value}, None)[slug])[0]

    def _keys(self, slug: str, value: Value) -> set[str]:
        """Return all keys that the caller may mean a current value by: of its id, and of its native value."""
        return {self._key(slug, self._encode(slug, value)), self._key(slug, value.native)}

    def _key(self, slug: str, value: object) -> str:
        if isinstance(value, dict):
            fields = cast("Mapping[str, Any]", value)
            return next(
                (str(fields[name]) for name in _ID_FIELDS if name in fields), repr(sorted(fields.items()))
            )
        attribute = self._attribute(slug)
        ignores_case = attribute is not None and attribute.type in _CASE_INSENSITIVE_TYPES
        return str(value).casefold() if ignores_case else str(value)


async def build_edit(
    schemas: SchemaCache,
    name: str,
    *,
    set: Mapping[str, object] | None,
    add: Mapping[str, object] | None,
    remove: Mapping[str, object] | None,
    clear: Iterable[str],
    merge: bool = False,
    target: AttributeTarget = "objects",
) -> Edit:
    """Encode the values of an edit, and check that they go together.

    Raises:
        CoercionError: Values do not fit, or an attribute is changed in two ways. Nothing was written.
        ConfigurationError: Nothing is to be changed. Nothing was sent.
    """
    parts: list[Mapping[str, Any]] = []
    problems: list[Problem] = []
    schema: ObjectSchema | None = None
    for part in (set or {}, dict.fromkeys(as_texts(clear, "clear")), add or {}, remove or {}):
        check_values(part)
        try:
            schema, data = await encode_values(schemas, name, part, validate=True, target=target)
            parts.append(data)
        except CoercionError as error:
            problems += error.problems
            parts.append({})
    if not (problems or any(parts)):
        raise ConfigurationError("nothing to change was given; give set, add, remove or clear")
    partial = frozenset(slug for slug, value in parts[0].items() if merge and _is_location(value))
    edit = Edit(schema, {**parts[0], **parts[1]}, parts[2], parts[3], partial)
    problems += [
        Problem(
            slug,
            "location",
            text,
            "is text, whose parts cannot be merged",
            "give a Location, or leave merge= out",
        )
        for slug, text in (set or {}).items()
        if merge and isinstance(text, str) and _holds_location(schema, slug)
    ]
    problems += _find_contradictions(*parts)
    problems += _find_impossible_changes(edit)
    if problems:
        raise CoercionError(problems)
    return edit


def _holds_location(schema: ObjectSchema | None, name: str) -> bool:
    try:
        return schema is not None and schema.find(name).type == "location"
    except UnknownName:
        return False


def _is_location(values: object) -> bool:
    """Return True for one encoded location, which has all of its parts."""
    found = cast("list[object]", values) if isinstance(values, list) else []
    return len(found) == 1 and isinstance(found[0], dict) and "line_1" in found[0]


def _find_contradictions(
    set: Mapping[str, Any], clear: Mapping[str, Any], add: Mapping[str, Any], remove: Mapping[str, Any]
) -> list[Problem]:
    changed = {**add, **remove}
    twice = [slug for slug in set if slug in clear or slug in changed]
    twice += [slug for slug in clear if slug in changed]
    return [Problem(slug, None, None, "is set or cleared, and changed in another way too") for slug in twice]


def _find_impossible_changes(edit: Edit) -> list[Problem]:
    problems = [
        Problem(slug, None, values, "holds one value, so nothing can be added to it", "give it in set")
        for slug, values in edit.add.items()
        if edit.schema is not None and edit.schema.is_single(slug)
    ]
    hint = "give the record or member, or its id"
    return problems + [
        Problem(slug, None, value, "cannot be found among the current values by its key", hint)
        for slug, values in edit.remove.items()
        for value in values
        if edit.is_reference(slug, value) and not _has_id(value)
    ]


def _has_id(value: object) -> bool:
    return isinstance(value, dict) and any(name in value for name in _ID_FIELDS)
