"""Creating when the answer may be lost: what has to be unique tells afterwards whether it happened."""

from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from http import HTTPStatus
from typing import Any, TypeVar, cast

import attrs

from .._pipeline.pipeline import Pipeline
from .._records.models import Valued
from .._schema import ObjectSchema
from ..errors import (
    AttioError,
    DecodeError,
    OutcomeUnknown,
    UniquenessConflict,
)
from ..query import F, Filter

V = TypeVar("V", bound=Valued)

_LOST = (OutcomeUnknown, DecodeError)


@attrs.frozen
class UniqueKey:
    """A value that at most one record or entry can have."""

    slug: str
    value: str | int | float | Decimal

    @property
    def filter(self) -> Filter:
        """Finds what has the value."""
        return F[self.slug] == self.value


def find_unique_key(schema: ObjectSchema | None, values: Mapping[str, Any]) -> UniqueKey | None:
    """The first value, of those in Attio's shape, that has to be unique; None when there is none."""
    for slug, given in values.items():
        attribute = schema.attributes.get(slug) if schema is not None else None
        if attribute is None or not attribute.is_unique:
            continue
        for value in cast("list[object]", given) if isinstance(given, list) else [given]:
            if isinstance(value, str | int | float | Decimal) and not isinstance(value, bool):
                return UniqueKey(slug, value)
    return None


async def create_once(
    pipeline: Pipeline,
    key: UniqueKey | None,
    create: Callable[[], Awaitable[V]],
    find: Callable[[Filter], Awaitable[V | None]],
) -> V:
    """What `create` gives; should its answer be lost or garbled, what was created, or what doing it again gives.

    That the key is unique makes a second creation harmless: if the first one happened after all, it is refused.

    Raises:
        OutcomeUnknown: Without a key, or when what has it cannot be read, or answers were lost twice.
        DecodeError: Likewise, where the answer came and cannot be read.
        UniquenessConflict: Something older has the key. Nothing was written.
    """
    if key is None:
        return await create()
    sent = pipeline.clock.monotonic()
    try:
        return await create()
    except _LOST as lost:
        found = await _found(key, find, lost)
        if found is not None:
            return _if_new(pipeline, key, found, sent, lost)
    try:
        return await create()
    except (*_LOST, UniquenessConflict) as error:  # so the first one may have been slow, not lost
        found = await _found(key, find, error)
        if found is None:
            raise
        return _if_new(pipeline, key, found, sent, error)


async def _found(key: UniqueKey, find: Callable[[Filter], Awaitable[V | None]], lost: AttioError) -> V | None:
    try:
        return await find(key.filter)
    except AttioError:
        raise lost from lost.__cause__  # what went wrong with the question is not what the caller asked for


def _if_new(pipeline: Pipeline, key: UniqueKey, found: V, sent: float, error: AttioError) -> V:
    """What was found, unless it was there before we sent."""
    server_clock, created = pipeline.limiter.server_clock, found.created_at
    if created is None or not server_clock.known:
        raise error
    if server_clock.local(created.timestamp()) >= sent:
        return found
    if isinstance(error, UniquenessConflict):
        raise error
    cause = error.cause if isinstance(error, OutcomeUnknown) else error
    raise UniquenessConflict(
        f"the answer was lost, but {found!r} is older and has {key.value!r} as {key.slug!r} already",
        attribute=key.slug,
        conflicting_record_id=found.id,
        status=HTTPStatus.CONFLICT,
        method=getattr(cause, "method", ""),
        path=getattr(cause, "path", ""),
        attempts=getattr(error, "attempts", 1),
    ) from error
