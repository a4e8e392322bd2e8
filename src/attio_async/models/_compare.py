"""Compare two schemas: the differences, as values that say what they are about."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, TypeVar

import attrs

from attio_async_api.json_data import JsonData, JsonFields

from .._utils.public import public
from ._schema import SchemaAttribute, SchemaContent, SchemaList, SchemaObject, SchemaOption

T = TypeVar("T")

Aspect = Literal["object", "list", "attribute", "option"]

OF_MODELS = frozenset({"slug", "type", "is_multiselect", "is_required", "is_archived"})
"""The fields that a model has of an attribute."""

_FIELDS = (
    "slug",
    "type",
    "is_multiselect",
    "title",
    "description",
    "is_required",
    "is_unique",
    "currency",
    "objects",
    "relationship",
    "default",
    "is_archived",
)
WORDS = {
    "slug": "slug",
    "type": "type",
    "is_multiselect": "multiselect",
    "title": "title",
    "description": "description",
    "is_required": "required",
    "is_unique": "unique",
    "currency": "currency",
    "objects": "allowed objects",
    "relationship": "relationship",
    "default": "default value",
    "is_archived": "archived",
    "singular": "singular noun",
    "plural": "plural noun",
    "name": "name",
    "parents": "parent objects",
    "access": "access",
    "member_access": "access of members",
    "celebration": "celebration",
    "target_time": "target time",
    "order": "order of statuses",
}


@public
@attrs.frozen(kw_only=True)
class SchemaDifference(JsonData):
    """A difference between two schemas, of which the second is the newer one.

    Attributes:
        path: The place, such as "deals.stage".
        aspect: The kind of thing that differs: "object", "list", "attribute" or "option".
        field: The field that differs, such as "title"; "" if the thing is new or gone.
        name: The title of the option or status that it is about; empty for others.
        before: The thing or the field in the first schema; None if it is not there.
        after: The same in the second one.
    """

    path: str
    aspect: Aspect
    field: str = ""
    name: str = ""
    before: Any = None
    after: Any = None
    owners: tuple[Any, Any] = attrs.field(default=(None, None), repr=False, eq=False)
    """The object or list in each schema."""
    attributes: tuple[Any, Any] = attrs.field(default=(None, None), repr=False, eq=False)
    """The attribute in each schema."""

    def __str__(self) -> str:
        return f"{self.path}: {self._text()}"

    def _json_fields(self) -> JsonFields:
        names = ("path", "aspect", "field", "name", "before", "after")
        return [("text", str(self)), *((name, getattr(self, name)) for name in names)]

    def _text(self) -> str:
        about = f"{self._noun} {self.name!r} " if self.aspect == "option" else ""
        if not self.field:
            return f"{about or f'{self.aspect} '}is {'gone' if self.after is None else 'new'}"
        if self.field == "title" and self.aspect == "option":
            return f"{self._noun} {self.before!r} was renamed to {self.after!r}"
        now = "now" if self.after else "no longer"
        said = {
            "is_archived": f"{about}was {'archived' if self.after else 'restored'}",
            "slug": f"was renamed to {self.after!r}",
            "order": "the order of statuses changed",
            "is_required": f"is {now} required",
            "is_unique": f"is {now} unique",
            "is_multiselect": f"{now} holds several values",
        }
        changed = f"{about}{WORDS.get(self.field)} changed from {_shown(self.before)} to {_shown(self.after)}"
        return said.get(self.field, changed)

    @property
    def _noun(self) -> str:
        attribute = next(each for each in self.attributes if each is not None)
        return "status" if attribute.type == "status" else "option"


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "any"  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return repr(value) if isinstance(value, str) else str(value)


def differences(
    first: SchemaContent, second: SchemaContent, *, by_id: bool, fields: frozenset[str] = frozenset(_FIELDS)
) -> Iterator[SchemaDifference]:
    """Yield the differences, in the order of the second schema, with those that are gone last.

    Args:
        first: The older schema.
        second: The newer one.
        by_id: True pairs things by their ids, which must be of the same workspace for that, before their names.
        fields: The fields of attributes to compare; without "title" only what models are made of is compared.
    """
    comparison = _Comparison(by_id, fields)
    for before, after in comparison.paired(first.objects, second.objects, _slug):
        yield from comparison.kinds(before, after, "object")
    for old, new in comparison.paired(first.lists, second.lists, _slug):
        yield from comparison.kinds(old, new, "list")


def _slug(one: SchemaObject | SchemaList | SchemaAttribute) -> str:
    return one.slug


def _title(one: SchemaOption) -> str:
    return one.title


@attrs.frozen
class _Comparison:
    by_id: bool
    fields: frozenset[str]

    def paired(
        self, first: Sequence[T], second: Sequence[T], name: Callable[[T], str]
    ) -> Iterator[tuple[T | None, T | None]]:
        """Yield what is the same thing in both: by id, else by name; a thing without a counterpart alone."""
        by_id: dict[str, T] = {getattr(one, "id", ""): one for one in first} if self.by_id else {}
        by_id.pop("", None)
        known = {id(one): by_id.get(getattr(one, "id", "")) for one in second}
        taken = {id(one) for one in known.values() if one is not None}
        by_name = {name(one): one for one in reversed(first) if id(one) not in taken}
        for one in second:
            counterpart = known[id(one)]
            if counterpart is None:
                counterpart = by_name.pop(name(one), None)
                taken.add(id(counterpart))
            yield counterpart, one
        for one in first:
            if id(one) not in taken:
                yield one, None

    def kinds(
        self,
        before: SchemaObject | SchemaList | None,
        after: SchemaObject | SchemaList | None,
        aspect: Literal["object", "list"],
    ) -> Iterator[SchemaDifference]:
        """Yield the differences of two objects or two lists."""
        if before is None or after is None:
            slug = before.slug if before is not None else after.slug if after is not None else ""
            yield SchemaDifference(
                path=slug, aspect=aspect, before=before, after=after, owners=(before, after)
            )
            return
        names = (
            ("slug", "singular", "plural") if aspect == "object" else ("slug", "name", "parents", "access")
        )
        for field in (*names, *(("member_access",) if self.by_id and aspect == "list" else ())):
            old, new = getattr(before, field), getattr(after, field)
            is_stated = before.states(field) and after.states(field)
            if old != new and is_stated and (field == "slug" or "title" in self.fields):
                yield SchemaDifference(
                    path=before.slug,
                    aspect=aspect,
                    field=field,
                    before=old,
                    after=new,
                    owners=(before, after),
                )
        for one, other in self.paired(before.attributes, after.attributes, _slug):
            if one is not None or before.stated is None:
                yield from self._attributes(one, other, (before, after))

    def _attributes(
        self, before: SchemaAttribute | None, after: SchemaAttribute | None, owners: tuple[Any, Any]
    ) -> Iterator[SchemaDifference]:
        alone = after if before is None else before
        if alone is None:
            return
        whole = SchemaDifference(
            path=f"{owners[0].slug}.{alone.slug}",
            aspect="attribute",
            before=before,
            after=after,
            owners=owners,
            attributes=(before, after),
        )
        if before is None or after is None:
            if not alone.is_archived:
                yield whole
            return
        retyped = before.type != after.type
        for field in ("type",) if retyped else _FIELDS:
            old, new = getattr(before, field), getattr(after, field)
            is_stated = before.states(field) and after.states(field)
            if old != new and is_stated and field in self.fields:
                yield attrs.evolve(whole, field=field, before=old, after=new)
        if not retyped and before.states("options") and after.states("options"):
            yield from self._all_options(before, after, whole)

    def _all_options(
        self, before: SchemaAttribute, after: SchemaAttribute, whole: SchemaDifference
    ) -> Iterator[SchemaDifference]:
        if before.options is None or after.options is None:
            return
        pairs = [
            pair
            for pair in self.paired(before.options, after.options, _title)
            if pair[0] is not None or before.stated is None
        ]
        for one, other in pairs:
            yield from self._options(one, other, attrs.evolve(whole, aspect="option"))
        if before.type == "status" and "title" in self.fields:
            kept = [
                one for one, other in pairs if one and other and not (one.is_archived or other.is_archived)
            ]
            if kept != sorted(kept, key=before.options.index):
                titles = [tuple(one.title for one in options) for options in (before.options, after.options)]
                yield attrs.evolve(whole, field="order", before=titles[0], after=titles[1])

    def _options(
        self, before: SchemaOption | None, after: SchemaOption | None, whole: SchemaDifference
    ) -> Iterator[SchemaDifference]:
        if before is None or after is None:
            alone = after if before is None else before
            if alone is not None and not alone.is_archived:
                yield attrs.evolve(whole, name=alone.title, before=before, after=after)
            return
        more = ("celebration", "target_time") if "title" in self.fields else ()
        is_partial = tuple(one.stated is not None for one in whole.attributes)
        for field in ("title", "is_archived", *more):
            old, new = getattr(before, field), getattr(after, field)
            is_left_out = field in more and ((is_partial[0] and not old) or (is_partial[1] and not new))
            if (old or None) != (new or None) and not is_left_out:
                yield attrs.evolve(whole, name=before.title, field=field, before=old, after=new)
