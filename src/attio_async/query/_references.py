"""Compile comparisons of record and actor references as a whole.

Record references: https://docs.attio.com/docs/attribute-types/attribute-types-record-reference
Actor references: https://docs.attio.com/docs/attribute-types/attribute-types-actor-reference
"""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from .._utils.text import show
from ..values._encoders.references import A_RECORD, MEMBER, checked_id, record_at
from ..values._spec import wrong_type
from ..values._types import ActorRef, RecordRef, Ref, is_uuid
from ._coerce import coercion, directory, member_id
from ._operators import PARENT
from ._requirements import Compilation, Members, in_turn
from ._resolve import CompileContext, CompileError, Subject, check_target, resolve_behind

_QUESTION = {
    "companies": ".domains == 'example.com'",
    "people": ".email_addresses == 'ada@example.com'",
}
_VALUE_FIELDS = ("value", "domain", "email_address", "original_phone_number")

Alternatives = list[tuple[Subject, dict[str, Any]]]
"""Subjects, and the constraints of their properties; any of them may hold."""


def compare_records(
    subject: Subject, values: Sequence[Any], context: CompileContext
) -> Compilation[Alternatives]:
    """Compile the comparison of a record reference with any of several records.

    Raises:
        CompileError, EncodeError: A value does not say which record it is, or the reference cannot lead to it.
    """
    targets = yield from context.targets(subject.slug, subject.attribute)
    by_attribute: Alternatives = []
    ids: dict[str, list[str]] = {}
    for value in values:
        ref = _record(value, targets)
        target = ref.object
        is_by_value = isinstance(ref, Ref) and ref.record_id is None
        if target not in targets and (targets or is_by_value):  # it may be a title
            (target,) = yield from context.slugs((target,))
        check_target(target, targets, subject.slug)
        if isinstance(ref, Ref) and is_by_value:
            by_attribute.append((yield from _by_attribute(subject, ref, target, context)))
        else:
            ids.setdefault(target, []).append(checked_id(ref.record_id))
    by_id = yield from in_turn(_by_id(subject, target, found, context) for target, found in ids.items())
    return by_id + by_attribute


def _record(value: Any, targets: Sequence[str]) -> RecordRef | Ref:
    if isinstance(value, RecordRef | Ref):
        return value
    ref = record_at(value) if isinstance(value, str) else None
    if ref is not None:
        return ref
    if isinstance(value, UUID) or (isinstance(value, str) and is_uuid(value)):
        if len(targets) == 1:
            return RecordRef(targets[0], str(value))
        raise CompileError(
            f"{show(value)} does not say which object it belongs to",
            f"give RecordRef(object, {str(value)!r})",
        )
    if isinstance(value, str):
        target = targets[0] if targets else "companies"
        raise CompileError(
            f"{show(value)} does not say which record it is",
            f"give {A_RECORD}, or compare an attribute of the record: .via({target!r}){_QUESTION.get(target, '.name')}",
        )
    raise wrong_type(value, A_RECORD)


def _by_id(
    subject: Subject, target: str, ids: list[str], context: CompileContext
) -> Compilation[tuple[Subject, dict[str, Any]]]:
    operand: Any = {"$in": ids} if len(ids) > 1 else ids[0]
    if subject.slug != PARENT:
        return subject, {"target_object": target, "target_record_id": operand}
    # A parent is reached by a path only, so it is compared by its own id.
    behind = yield from resolve_behind(subject, target, "record_id", context)
    return behind, {"value": operand if len(ids) > 1 else {"$eq": operand}}


def _by_attribute(
    subject: Subject, ref: Ref, target: str, context: CompileContext
) -> Compilation[tuple[Subject, dict[str, Any]]]:
    behind = yield from resolve_behind(subject, target, cast("str", ref.attribute), context)
    name = (behind.rules.default if behind.rules is not None else None) or ""
    value = _unwrapped(ref.value)
    coerce = yield from coercion("$eq", name, behind, (value,), context)
    return behind, {name: {"$eq": coerce(value)}}


def _unwrapped(value: object) -> object:
    """Return the value of a unique attribute that is written as the API does: a list of one object."""
    if isinstance(value, list):
        items = cast("list[object]", value)
        value = items[0] if len(items) == 1 else items
    if isinstance(value, dict):
        fields = cast("dict[str, object]", value)
        return next((fields[name] for name in _VALUE_FIELDS if name in fields), fields)
    return value


def compare_actors(
    subject: Subject, values: Sequence[Any], context: CompileContext
) -> Compilation[Alternatives]:
    """Compile the comparison of an actor reference with any of several actors.

    Raises:
        CompileError: A value does not say which actor it is.
        UnknownName: A member is unknown.
    """
    members = yield from directory(values, context)
    return [(subject, _actor(value, members)) for value in values]


def _actor(value: Any, members: Members | None) -> dict[str, Any]:
    if not isinstance(value, ActorRef):
        return {"referenced_actor_type": MEMBER, "referenced_actor_id": member_id(value, members)}
    if value.type is None:
        raise CompileError(
            "an actor without a type cannot be looked for", "give ActorRef('workspace-member', id)"
        )
    if value.id is None:
        return {"referenced_actor_type": value.type}
    return {"referenced_actor_type": value.type, "referenced_actor_id": value.id}
