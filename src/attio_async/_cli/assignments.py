"""Assignments of values to attributes, such as ``stage=Won``, ``tags+=vip`` and ``tags-=new``."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, cast

import attrs

from ..bulk._import.rows import from_cell, reference_targets, resolve_reference
from ..errors import UnknownName
from .errors import Refusal

if TYPE_CHECKING:
    from .._resources.objects import AttioObject
    from .._schema import Attribute, ObjectSchema

_ASSIGNMENT = re.compile(r"(.+?)(\+=|-=|=)(.*)", re.DOTALL)
_SEPARATOR = ";"
_FORM = "write SLUG=VALUE to set, SLUG+=VALUE to add, SLUG-=VALUE to remove, SLUG= to clear"


@attrs.frozen(kw_only=True)
class Assignments:
    """Values by attribute slug.

    Attributes:
        set: Values that replace those that exist.
        add, remove: Values to add to, and remove from, attributes with several values.
        clear: The attributes to leave without a value.
    """

    set: Mapping[str, object] = attrs.field(factory=dict[str, object])
    add: Mapping[str, object] = attrs.field(factory=dict[str, object])
    remove: Mapping[str, object] = attrs.field(factory=dict[str, object])
    clear: Sequence[str] = ()

    def __str__(self) -> str:
        parts = {"set": self.set, "added to": self.add, "removed from": self.remove, "cleared": self.clear}
        return (
            "; ".join(f"{verb} {', '.join(slugs)}" for verb, slugs in parts.items() if slugs) or "nothing set"
        )

    def only_set(self) -> Mapping[str, object]:
        """Return the values to set, where there is nothing to add to or remove from yet.

        Raises:
            Refusal: Something is added, removed or cleared.
        """
        if self.add or self.remove or self.clear:
            raise Refusal("a new record has nothing to add to, remove from or clear; write SLUG=VALUE")
        return self.set


def parse_assignments(
    texts: Iterable[str], schema: "ObjectSchema", objects: "Iterable[AttioObject]"
) -> Assignments:
    """Parse assignments. The value is written as in a CSV file: several are joined by semicolons.

    Args:
        texts: The assignments. An attribute with several values may be assigned to more than once.
        schema: The attributes.
        objects: The objects of the workspace, for references.

    Raises:
        Refusal: A text is not an assignment, or an attribute is unknown, or set twice.
    """
    targets = reference_targets(
        schema.attributes.values(), {str(found.id): found.api_slug for found in objects}
    )
    values: dict[str, dict[str, object]] = {"=": {}, "+=": {}, "-=": {}}
    clear: list[str] = []
    for text in texts:
        found = _ASSIGNMENT.fullmatch(text)
        if found is None:
            raise Refusal(f"{text!r} is not an assignment; {_FORM}")
        name, operator, written = found.groups()
        try:
            attribute = schema.find(name.strip())
        except UnknownName as error:
            raise Refusal(str(error)) from error
        value = from_cell(attribute, written, _SEPARATOR)
        if value is None and operator != "=":
            raise Refusal(f"{text!r} has no value; {_FORM}")
        if value is None:
            clear.append(attribute.slug)
            continue
        resolved = resolve_reference(attribute, value, targets.get(attribute.slug))
        values[operator][attribute.slug] = _joined(attribute, values[operator].get(attribute.slug), resolved)
    return Assignments(set=values["="], add=values["+="], remove=values["-="], clear=clear)


def _joined(attribute: "Attribute", before: object, value: object) -> object:
    """Return the value with those assigned before."""
    if before is None:
        return value
    if not attribute.is_multiselect:
        raise Refusal(f"{attribute.slug} has one value and is assigned to twice")
    return [*cast("list[object]", before), *cast("list[object]", value)]
