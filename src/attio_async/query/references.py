"""Comparing references as wholes: with records, and with actors."""

from collections.abc import Iterable
from typing import Any, cast
from uuid import UUID

import attrs

from attio_async.values.fitting import listing, show, wrong_type
from attio_async.values.types import ActorRef, RecordRef, Ref, is_uuid

from .coercing import coerced, member_id
from .operators import PARENT
from .resolving import Place, Refused, outside, resolve
from .schemas import Known
from .steps import Via

__all__ = ["actor", "reference"]

_WEB_APP = "https://app.attio.com/"
_POSSIBLE = (
    "a record, RecordRef(object, record_id), Ref(object, domain='acme.com') or the record's web address"
)

# Places and what is asked of their properties; any of them may hold.
Asked = list[tuple[Place, dict[str, Any]]]


def reference(place: Place, operator: str, value: Any, known: Known) -> Asked:
    """What comparing a record reference with records asks.

    Raises:
        Refused: It cannot be compared so.
    """
    if operator not in {"$eq", "$in"}:
        raise Refused(
            f"{place.slug} refers to records, which are compared with ==, != and in_()",
            "compare an attribute of theirs: .via('people').name, for example",
        )
    targets = _targets(place, known)
    given = cast("Iterable[Any]", value if operator == "$in" else (value,))
    asked: Asked = []
    ids: dict[str, list[str]] = {}
    for each in given:
        ref = _record(each, targets)
        if outside(ref.object, targets):
            raise Refused(
                f"{place.slug} does not refer to {ref.object!r}", f"it refers to {listing(targets)}"
            )
        if isinstance(ref, Ref) and ref.record_id is None:
            asked.append(_by_attribute(place, ref, known))
        else:
            ids.setdefault(ref.object, []).append(_checked_id(cast("str", ref.record_id)))
    return [_by_id(place, target, found, known) for target, found in ids.items()] + asked


def _targets(place: Place, known: Known) -> tuple[str, ...]:
    if place.attribute is not None:
        return known.targets(place.attribute)
    return known.parents() if place.slug == PARENT else ()


def _record(value: Any, targets: tuple[str, ...]) -> RecordRef | Ref:
    if isinstance(value, RecordRef | Ref):
        return value
    if isinstance(value, str) and value.strip().startswith(_WEB_APP):
        try:
            return RecordRef.from_url(value)
        except ValueError:
            raise Refused(f"{show(value)} is not the web address of a record", f"give {_POSSIBLE}") from None
    if isinstance(value, UUID) or (isinstance(value, str) and is_uuid(value)):
        if len(targets) == 1:
            return RecordRef(targets[0], str(value))
        raise Refused(
            f"{show(value)} does not say which object it is of", f"give RecordRef(object, {str(value)!r})"
        )
    if isinstance(value, str):
        raise Refused(
            f"{show(value)} does not say which record it is",
            f"give {_POSSIBLE}, or compare an attribute of the record: .via('companies').domains == 'acme.com'",
        )
    raise wrong_type(value, _POSSIBLE)


def _checked_id(record_id: str) -> str:
    if not is_uuid(record_id):
        raise Refused(f"{show(record_id)} is not the id of a record, which is a UUID")
    return record_id


def _by_id(place: Place, target: str, ids: list[str], known: Known) -> tuple[Place, dict[str, Any]]:
    asked: Any = {"$in": ids} if len(ids) > 1 else ids[0]
    if place.slug != PARENT:
        return place, {"target_object": target, "target_record_id": asked}
    # A parent is reached by a path only, so it is asked for the id it has itself.
    inner = _behind(place, target, "record_id", known)
    return inner, {"value": asked if len(ids) > 1 else {"$eq": asked}}


def _by_attribute(place: Place, ref: Ref, known: Known) -> tuple[Place, dict[str, Any]]:
    inner = _behind(place, ref.object, cast("str", ref.attribute), known)
    name = (inner.rules.default if inner.rules is not None else None) or ""
    return inner, {name: {"$eq": coerced(ref.value, "$eq", name, inner, known)}}


def _behind(place: Place, target: str, name: str, known: Known) -> Place:
    """The attribute of the records that the reference leads to."""
    steps = (place.slug, Via(target), name)
    if not place.path:
        return resolve(steps, known)
    # From the reference on it is a path of its own, which continues the one that led there.
    owner = place.path[-1][0]
    inner = resolve(steps, attrs.evolve(known, source=owner, schema=known.schema_for(owner)))
    return inner._replace(path=(*place.path[:-1], *inner.path))


def actor(place: Place, operator: str, value: Any, known: Known) -> Asked:
    """What comparing an actor reference with actors asks.

    Raises:
        Refused, UnknownName: It cannot be compared so, or there is no such member.
    """
    if operator not in {"$eq", "$in"}:
        raise Refused(f"{place.slug} refers to actors, which are compared with ==, != and in_()")
    given = cast("Iterable[Any]", value if operator == "$in" else (value,))
    return [(place, _actor(each, known)) for each in given]


def _actor(value: Any, known: Known) -> dict[str, Any]:
    if not isinstance(value, ActorRef):
        return {
            "referenced_actor_type": "workspace-member",
            "referenced_actor_id": member_id(value, known.members),
        }
    if value.type is None:
        raise Refused("an actor without a type cannot be looked for", "give ActorRef('workspace-member', id)")
    if value.id is None:
        return {"referenced_actor_type": value.type}
    return {"referenced_actor_type": value.type, "referenced_actor_id": value.id}
