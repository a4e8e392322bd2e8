"""Resolve the steps of a field to the attribute and property that they mean.

Paths over references: https://docs.attio.com/rest-api/how-to/filtering-and-sorting
"""

import difflib
from collections.abc import Iterable

from ..errors import FilterError, UnknownName, did_you_mean
from ..values._encoders.references import may_refer_to
from ..values._spec import AttributeSpec, EncodeError, listing, suggestion
from ._context import CompileContext, Subject
from ._operators import PARENT, RULES, SYSTEM_ATTRIBUTES, operators_of, sort_fields
from ._paths import Step, Steps, Via, written
from ._requirements import Compilation, SchemaInfo

_REFERENCE = "record-reference"


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
