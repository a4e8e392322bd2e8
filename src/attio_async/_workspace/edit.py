"""Editing: which values to set, add, remove and clear, worked out into the one request that does it."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

import attrs

from attio_async_api.models.attribute_target import AttributeTarget

from .._records.models import Valued
from .._schema import ObjectSchema
from ..errors import CoercionError, ConfigurationError, Problem
from ..values import Value, coerce, coerce_values
from .encode import encode_values
from .schema_cache import SchemaCache

_IGNORES_CASE = {"domain", "email-address"}
_REFERENCES = {"actor-reference", "record-reference"}
_IDS = ("target_record_id", "referenced_actor_id", "option", "status")


@attrs.frozen
class Edit:
    """What to change, by slug and in Attio's shape; what is to be cleared is replaced by an empty list."""

    schema: ObjectSchema | None
    replace: Mapping[str, list[Any]]
    add: Mapping[str, list[Any]]
    remove: Mapping[str, list[Any]]

    @property
    def appends(self) -> bool:
        """Whether appending does all of it."""
        return bool(self.add) and not self.remove and all(map(self._replaced_by_appending, self.replace))

    @property
    def needs_values(self) -> bool:
        """Whether what is there now must be known."""
        return not self.appends and bool(self.add or self.remove)

    def appended(self) -> dict[str, Any]:
        """What to append."""
        return {**self.replace, **self.add}

    def overwritten(self, current: Valued | None) -> dict[str, Any]:
        """What to overwrite, given what is there now where that is needed."""
        data: dict[str, Any] = dict(self.replace)
        if current is not None:
            data |= {slug: self._combined(slug, current) for slug in {**self.add, **self.remove}}
        return data

    def is_reference(self, slug: str, value: object) -> bool:
        """Whether a value refers to a record or member."""
        attribute = self.schema.attributes.get(slug) if self.schema else None
        by_shape = isinstance(value, dict) and "target_object" in value
        return attribute.type in _REFERENCES if attribute else by_shape

    def _replaced_by_appending(self, slug: str) -> bool:
        return bool(self.replace[slug]) and self.schema is not None and self.schema.is_single(slug)

    def _combined(self, slug: str, current: Valued) -> list[Any]:
        gone = {self._name(slug, value) for value in self.remove.get(slug, ())}
        there = [(self._written(slug, value), self._names(slug, value)) for value in current.values(slug)]
        kept = [(value, names) for value, names in there if gone.isdisjoint(names)]
        known = {name for _, names in kept for name in names}
        new = [value for value in self.add.get(slug, ()) if self._name(slug, value) not in known]
        return [value for value, _ in kept] + new

    def _written(self, slug: str, value: Value) -> Any:
        """A value that is there, as it is written back."""
        for kind, choice in (("option", value.option_id), ("status", value.status_id)):
            if choice:
                return {kind: choice}  # its title may be archived by now
        attribute = self.schema.attributes.get(slug) if self.schema else None
        return (coerce(attribute, value) if attribute else coerce_values({slug: value}, None)[slug])[0]

    def _names(self, slug: str, value: Value) -> set[str]:
        """All that a value which is there may be called."""
        return {self._name(slug, self._written(slug, value)), self._name(slug, value.native)}

    def _name(self, slug: str, value: object) -> str:
        if isinstance(value, dict):
            parts = cast("Mapping[str, Any]", value)
            return next((str(parts[name]) for name in _IDS if name in parts), repr(sorted(parts.items())))
        attribute = self.schema.attributes.get(slug) if self.schema else None
        return str(value).casefold() if attribute and attribute.type in _IGNORES_CASE else str(value)


async def build_edit(
    schemas: SchemaCache,
    name: str,
    *,
    set: Mapping[str, object] | None,
    add: Mapping[str, object] | None,
    remove: Mapping[str, object] | None,
    clear: Iterable[str],
    target: AttributeTarget = "objects",
) -> Edit:
    """The edit that a caller describes, its values fitted to their attributes.

    Raises:
        CoercionError: Values do not fit, or the parts contradict each other. Nothing was sent.
        ConfigurationError: Nothing to change was given. Nothing was sent.
    """
    if isinstance(clear, str):
        raise ConfigurationError(f"clear is a list of attributes, not a text; write [{clear!r}]")
    parts: list[Mapping[str, Any]] = []
    problems: list[Problem] = []
    schema: ObjectSchema | None = None
    for part in (set or {}, dict.fromkeys(clear), add or {}, remove or {}):
        try:
            schema, data = await encode_values(schemas, name, part, validate=True, target=target)
            parts.append(data)
        except CoercionError as error:
            problems += error.problems
            parts.append({})
    if not (problems or any(parts)):
        raise ConfigurationError("nothing to change was given: give set, add, remove or clear")
    edit = Edit(schema, {**parts[0], **parts[1]}, parts[2], parts[3])
    problems += _contradictions(*parts)
    problems += _unfit(edit)
    if problems:
        raise CoercionError(problems)
    return edit


def _contradictions(
    set: Mapping[str, Any], clear: Mapping[str, Any], add: Mapping[str, Any], remove: Mapping[str, Any]
) -> list[Problem]:
    changed = {**add, **remove}
    twice = [slug for slug in set if slug in clear or slug in changed]
    twice += [slug for slug in clear if slug in changed]
    return [Problem(slug, None, None, "is set or cleared, and changed in another way too") for slug in twice]


def _unfit(edit: Edit) -> list[Problem]:
    """What cannot be added or removed."""
    problems = [
        Problem(slug, None, values, "holds one value, so nothing can be added to it", "give it in set")
        for slug, values in edit.add.items()
        if edit.schema is not None and edit.schema.is_single(slug)
    ]
    hint = "give the record or member, or its id"
    return problems + [
        Problem(slug, None, value, "cannot be found among the values by its key", hint)
        for slug, values in edit.remove.items()
        for value in values
        if edit.is_reference(slug, value) and not _has_id(value)
    ]


def _has_id(value: object) -> bool:
    return isinstance(value, dict) and any(name in value for name in _IDS)
