"""Resolve the steps of a field to the attribute and property that they mean, within the state of a compilation.

Paths over references: https://docs.attio.com/rest-api/how-to/filtering-and-sorting
"""

import difflib
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import attrs

from ..errors import FilterError, UnknownName, did_you_mean
from ..values._encoders.references import may_refer_to
from ..values._spec import AttributeSpec, CoercionRules, EncodeError, listing, suggestion
from ._filters import Condition, Step, Steps, Via, written
from ._operators import PARENT, RULES, SYSTEM_ATTRIBUTES, AttributeRules, operators_of, sort_fields
from ._requirements import (
    Compilation,
    Members,
    NeedMembers,
    NeedOptions,
    NeedParents,
    NeedSchema,
    NeedSlugs,
    Requirement,
    SchemaInfo,
)

_DEFAULT_RULES = CoercionRules()


class Subject(NamedTuple):
    """The attribute and property that a condition or sort is about.

    Attributes:
        slug: The attribute's slug, or the given name without a schema.
        type: Its type; None if unknown.
        attribute: Its description in the schema; None without a schema.
        property_name: The property that was named; None if none was.
        rules: The operators of its type; None if the type is unknown, or newer than this package.
        path: From the queried object or list over references to the attribute, in Attio's own form; empty for an
            attribute of the queried object or list itself.
    """

    slug: str
    type: str | None
    attribute: AttributeSpec | None
    property_name: str | None
    rules: AttributeRules | None
    path: tuple[tuple[str, str], ...]

    @property
    def owner(self) -> str | None:
        """The object at the end of the path; None for the queried object or list itself."""
        return self.path[-1][0] if self.path else None

    @property
    def is_single(self) -> bool:
        """True if the attribute certainly holds at most one value."""
        if self.path:
            return False
        if self.attribute is not None:
            return not self.attribute.is_multiselect
        return self.type is not None

    @property
    def described(self) -> str:
        """The attribute for a message."""
        return f"{f'{self.owner}.' if self.owner else ''}{self.slug} ({self.type or 'type not known'})"


@attrs.define
class CompileContext:
    """The state of one compilation. Each requirement is yielded once.

    Attributes:
        source: The slug or id of the queried object or list, with which paths begin.
        schema: Its attributes; None if unknown, or not asked for yet.
        is_schema_known: True once its attributes were given or asked for.
        resolved: Each condition so far, and its subject.
        answers: Each requirement so far, and its answer.
        rules: How values are coerced.
    """

    source: str | None
    schema: SchemaInfo | None
    is_schema_known: bool
    resolved: list[tuple[Condition, Subject]]
    answers: dict[Requirement, Any]
    rules: CoercionRules = _DEFAULT_RULES

    @classmethod
    def begin(
        cls, schema: SchemaInfo | None, source: str | None, rules: CoercionRules = _DEFAULT_RULES
    ) -> "CompileContext":
        """Create the state of a compilation; the source is the schema's name by default."""
        if schema is None:
            return cls(source, None, False, [], {}, rules)
        return cls(source or schema.name, schema, True, [], {}, rules)

    def ask(self, requirement: Requirement) -> Compilation[Any]:
        """Return the answer to a requirement, which is yielded unless it was answered before."""
        if requirement not in self.answers:
            self.answers[requirement] = yield requirement
        return self.answers[requirement]

    def source_schema(self) -> Compilation[SchemaInfo | None]:
        """Return the attributes of the queried object or list."""
        if not self.is_schema_known:
            self.schema = yield NeedSchema()
            self.is_schema_known = True
        return self.schema

    def schema_of(self, object: str) -> Compilation[SchemaInfo | None]:
        """Return the attributes of an object that a path leads to."""
        schema: SchemaInfo | None = yield from self.ask(NeedSchema(object))
        return schema

    def slugs(self, objects: Sequence[str]) -> Compilation[tuple[str, ...]]:
        """Return the slugs of objects, as far as they are known."""
        if not objects:
            return ()
        return tuple((yield from self.ask(NeedSlugs(tuple(objects)))) or objects)

    def targets(self, slug: str, attribute: AttributeSpec | None) -> Compilation[tuple[str, ...]]:
        """Return the objects that a reference may lead to; none if they are unknown."""
        if attribute is not None:
            return (yield from self.slugs(attribute.target_objects or ()))
        return tuple((yield from self.ask(NeedParents())) or ()) if slug == PARENT else ()

    def option_titles(self, subject: Subject) -> Compilation[Sequence[str] | None]:
        """Return the titles of a subject's options or statuses."""
        titles = subject.attribute.option_titles if subject.attribute is not None else None
        if titles is None and subject.attribute is not None:
            titles = yield from self.ask(NeedOptions(subject.owner, subject.slug))
        return titles

    def members(self) -> Compilation[Members | None]:
        """Return the members of the workspace."""
        members: Members | None = yield from self.ask(NeedMembers())
        return members


_REFERENCE = "record-reference"
_TIMES_OF_CHANGE = frozenset(
    {"updated_at", "modified_at", "last_updated_at", "last_modified_at", "changed_at"}
)


class CompileError(Exception):
    """A condition or sort that cannot work. It leaves the package as a `FilterError` that shows the condition."""

    def __init__(self, reason: str, hint: str | None = None) -> None:
        super().__init__(f"{reason}; {hint}" if hint else reason)


def filter_error(where: str, error: CompileError | EncodeError | UnknownName) -> FilterError:
    """Return the error for the condition or sort whose code is `where`."""
    hint = f"; {error.hint}" if isinstance(error, EncodeError) and error.hint else ""
    return FilterError(f"{where}: {error}{hint}")


def resolve(steps: Steps, context: CompileContext, *, sortable: bool = False) -> Compilation[Subject]:
    """Return the attribute that the steps lead to, and its property.

    Args:
        steps: From the queried object or list to the attribute and its property.
        context: The state of the compilation.
        sortable: Accept properties that can only be sorted by, too.

    Raises:
        CompileError: They lead nowhere, or it is unknown where.
        UnknownName: An attribute is not in the schema.
    """
    owner, schema = context.source, context.schema
    if not context.is_schema_known:
        schema = yield from context.source_schema()
    path: list[tuple[str, str]] = []
    index = 0
    while True:
        name, following = steps[index], steps[index + 1 :]
        if isinstance(name, Via):
            raise CompileError(f"after {written(steps[:index])} an attribute of {name.object} must follow")
        slug, type, attribute = _attribute(name, schema, at_start=index == 0)
        target = (yield from _target(following[0], slug, type, attribute, context)) if following else None
        if target is None:
            break
        path.append((_known(owner), slug))
        index += 2 if isinstance(following[0], Via) else 1
        if index == len(steps):
            raise CompileError(f"after {written(steps)} an attribute of {target} must follow")
        owner, schema = target, (yield from context.schema_of(target))
    if path:
        path.append((_known(owner), slug))
    property_name = _property(following, type, slug, sortable=sortable) if following else None
    return Subject(slug, type, attribute, property_name, RULES.get(type) if type else None, tuple(path))


def resolve_behind(subject: Subject, target: str, name: str, context: CompileContext) -> Compilation[Subject]:
    """Return an attribute of the records of `target` that a reference leads to."""
    schema = None if name in SYSTEM_ATTRIBUTES else (yield from context.schema_of(target))
    slug, type, attribute = _attribute(name, schema, at_start=False)
    path = (*(subject.path or ((_known(context.source), subject.slug),)), (target, slug))
    return Subject(slug, type, attribute, None, RULES.get(type) if type else None, path)


def _attribute(
    name: str, schema: SchemaInfo | None, *, at_start: bool
) -> tuple[str, str | None, AttributeSpec | None]:
    """Return slug, type and description of an attribute, as far as they are known."""
    if at_start and name == PARENT:
        return name, _REFERENCE, None
    if schema is None:
        return name, SYSTEM_ATTRIBUTES.get(name), None
    try:
        attribute = schema.find(name)
    except UnknownName:
        if name in SYSTEM_ATTRIBUTES:
            return name, SYSTEM_ATTRIBUTES[name], None
        if name.lower() in _TIMES_OF_CHANGE:
            raise CompileError(
                f"there is no {name!r}, since Attio does not tell when a record last changed",
                "follow changes with attio.feed()",
            ) from None
        raise
    return attribute.slug, attribute.type, attribute


def _target(
    step: Step, slug: str, type: str | None, attribute: AttributeSpec | None, context: CompileContext
) -> Compilation[str | None]:
    """Return the object that a step leads to; None if it is a property of the attribute."""
    if isinstance(step, Via):
        if type not in (_REFERENCE, None) and type in RULES:
            raise CompileError(f".via follows a reference to records, and {slug} is of type {type}")
        (target,) = yield from context.slugs((step.object,))
        check_target(target, (yield from context.targets(slug, attribute)), slug)
        return target
    if type != _REFERENCE or step in RULES[_REFERENCE].properties:
        return None
    targets = yield from context.targets(slug, attribute)
    if len(targets) == 1:
        return targets[0]
    if targets:
        raise CompileError(
            f"{slug} may refer to {listing(targets)}",
            f"name the object: .via({targets[0]!r}).{step}, for example",
        )
    what = "whose records the list holds" if slug == PARENT else f"{slug} refers to"
    raise CompileError(f"it is not known which object {what}", f"name it, as in .via('people').{step}")


def check_target(target: str, targets: tuple[str, ...], slug: str) -> None:
    """Check that a reference may lead to an object.

    Raises:
        CompileError: It certainly leads to other objects only.
    """
    if not may_refer_to(target, targets):
        raise CompileError(f"{slug} does not refer to {target!r}", f"it refers to {listing(targets)}")


def _known(owner: str | None) -> str:
    if owner is None:
        raise CompileError(
            "a path over a reference begins with the queried object or list, which is not known",
            "give its slug or id as `source`, or give its schema",
        )
    return owner


def _property(following: Steps, type: str | None, slug: str, *, sortable: bool) -> str:
    name = str(following[0])
    allowed = sort_fields(type) if sortable else operators_of(type)
    if allowed is not None and name not in allowed:
        raise _unknown_property(name, type, slug, allowed)
    if len(following) > 1:
        raise CompileError(f"{slug}.{name} is a property and has no parts")
    return name


def _unknown_property(name: str, type: str | None, slug: str, allowed: Iterable[str]) -> CompileError:
    if type is not None:
        hint = suggestion(name, {each: each for each in allowed})
        return CompileError(f"{name!r} is not a property of {slug}, which is of type {type}", hint)
    near = difflib.get_close_matches(name, list(allowed))
    return CompileError(
        f"{name!r} is not a property of any attribute type{did_you_mean(near)}",
        f"if {slug} refers to records, name their object: .via('people').{name}, for example",
    )
