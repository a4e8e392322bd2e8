"""From the steps of a field to the attribute and property that they mean."""

import difflib
from collections.abc import Iterable
from typing import NamedTuple

from ..errors import FilterError, UnknownName, did_you_mean
from ..values._spec import (
    AttributeSpec,
    Misfit,
    listing,
    suggestion,
)
from ..values._types import is_uuid
from ._context import CompileContext, SchemaInfo
from ._operators import (
    PARENT,
    RULES,
    SYSTEM_ATTRIBUTES,
    AttributeRules,
    operators_of,
    sort_fields,
)
from ._paths import (
    Step,
    Steps,
    Via,
    written,
)

_REFERENCE = "record-reference"


class CompileError(Exception):
    """Something cannot work. In which condition or sort is added where that is known: it leaves as a FilterError."""

    def __init__(self, reason: str, possible: str | None = None) -> None:
        super().__init__(f"{reason}; {possible}" if possible else reason)


class Subject(NamedTuple):
    """What a condition or sort is about.

    Attributes:
        slug: The attribute's slug, or the name that was given when no schema knows it.
        type: Its type; None when it is not known.
        attribute: What the schema says of it; None without one.
        property_name: The property that was named; None when none was.
        rules: What can be asked of its type; None when the type is not known, or newer than this package.
        path: From the queried object or list over references to the attribute, as Attio writes it; empty when
            it is the queried object's own.
    """

    slug: str
    type: str | None
    attribute: AttributeSpec | None
    property_name: str | None
    rules: AttributeRules | None
    path: tuple[tuple[str, str], ...]

    @property
    def is_single(self) -> bool:
        """Whether there can be only one value to compare, for certain."""
        if self.path:
            return False
        if self.attribute is not None:
            return not self.attribute.is_multiselect
        return self.type is not None

    @property
    def described(self) -> str:
        """The attribute for a message."""
        owner = self.path[-1][0] + "." if self.path else ""
        return f"{owner}{self.slug} ({self.type or 'type not known'})"


def resolve(steps: Steps, known: CompileContext, *, sortable: bool = False) -> Subject:
    """The attribute that the steps lead to, and its property.

    Args:
        steps: How a field is reached.
        known: What is known of the workspace.
        sortable: Whether properties may also be such as can be sorted by and not filtered by.

    Raises:
        Refused: They lead nowhere, or no one can know where.
        UnknownName: An attribute is not in the schema.
    """
    owner, schema = known.source, known.schema
    path: list[tuple[str, str]] = []
    index = 0
    while True:
        name = steps[index]
        if isinstance(name, Via):
            raise CompileError(f"after {written(steps[:index])} an attribute of {name.object} must follow")
        slug, kind, attribute = _attribute(name, schema, at_start=index == 0)
        following = steps[index + 1 :]
        target = _next_object(following, slug, kind, attribute, known) if following else None
        if target is None:
            break
        path.append((_owner(owner), slug))
        owner, schema = target, known.schema_for(target)
        index += 2 if isinstance(following[0], Via) else 1
        if index == len(steps):
            raise CompileError(f"after {written(steps)} an attribute of {target} must follow")
    if path:
        path.append((_owner(owner), slug))
    asked = _property(following, kind, slug, sortable=sortable) if following else None
    return Subject(slug, kind, attribute, asked, RULES.get(kind) if kind else None, tuple(path))


def _attribute(
    name: str, schema: SchemaInfo | None, *, at_start: bool
) -> tuple[str, str | None, AttributeSpec | None]:
    """Slug, type and description of the attribute of that name, as far as they are known."""
    if at_start and name == PARENT:
        return name, _REFERENCE, None
    if schema is None:
        return name, SYSTEM_ATTRIBUTES.get(name), None
    try:
        attribute = schema.find(name)
    except UnknownName:
        if name in SYSTEM_ATTRIBUTES:
            return name, SYSTEM_ATTRIBUTES[name], None
        raise
    return attribute.slug, attribute.type, attribute


def _next_object(
    following: Steps, slug: str, type: str | None, attribute: AttributeSpec | None, known: CompileContext
) -> str | None:
    """The object that the next step leads to; None when it is a property of the attribute."""
    step: Step = following[0]
    if isinstance(step, Via):
        if type not in (_REFERENCE, None) and type in RULES:
            raise CompileError(f".via follows a reference to records, and {slug} is of type {type}")
        target = known.object_name(step.object)
        if attribute is not None or slug == PARENT:
            _check_target(target, _targets(attribute, known), slug)
        return target
    if type != _REFERENCE or step in RULES[_REFERENCE].properties:
        return None
    targets = _targets(attribute, known)
    if len(targets) == 1:
        return targets[0]
    if targets:
        raise CompileError(
            f"{slug} may refer to {listing(targets)}", f"say which: .via({targets[0]!r}).{step}, for example"
        )
    what = "whose records the list holds" if slug == PARENT else f"{slug} refers to"
    raise CompileError(f"it is not known which object {what}", f"say it, as in .via('people').{step}")


def _targets(attribute: AttributeSpec | None, known: CompileContext) -> tuple[str, ...]:
    return known.parents() if attribute is None else known.targets(attribute)


def _check_target(target: str, targets: tuple[str, ...], slug: str) -> None:
    if outside(target, targets):
        raise CompileError(f"{slug} does not refer to {target!r}", f"it refers to {listing(targets)}")


def outside(target: str, targets: tuple[str, ...]) -> bool:
    """Whether the target is certainly none of these. An id and a slug may mean the same object."""
    return bool(targets) and target not in targets and not any(map(is_uuid, (target, *targets)))


def _owner(owner: str | None) -> str:
    if owner is None:
        raise CompileError(
            "a path over a reference begins with the object or list that is queried, and that is not known",
            "give its slug or id as `source`, or give its schema",
        )
    return owner


def _property(following: Steps, type: str | None, slug: str, *, sortable: bool) -> str:
    name = str(following[0])
    allowed = sort_fields(type) if sortable else operators_of(type)
    if allowed is not None and name not in allowed:
        raise _no_property(name, type, slug, allowed)
    if len(following) > 1:
        raise CompileError(f"{slug}.{name} is a property and has no parts")
    return name


def _no_property(name: str, type: str | None, slug: str, allowed: Iterable[str]) -> CompileError:
    if type is not None:
        possible = suggestion(name, {each: each for each in allowed})
        return CompileError(f"{name!r} is no property of {slug}, which is of type {type}", possible)
    near = difflib.get_close_matches(name, list(allowed))
    return CompileError(
        f"{name!r} is no property of any type of attribute{did_you_mean(near)}",
        f"if {slug} refers to records, say of which object: .via('people').{name}, for example",
    )


def refusal(where: str, error: CompileError | Misfit | UnknownName) -> FilterError:
    """The error for the condition or sort that is written so."""
    hint = f"; {error.hint}" if isinstance(error, Misfit) and error.hint else ""
    return FilterError(f"{where}: {error}{hint}")
