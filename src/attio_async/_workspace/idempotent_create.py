"""Creates that happen once although the response may be lost: a unique value shows afterwards what happened."""

from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from http import HTTPStatus
from typing import Any, TypeVar, cast

import attrs

from .._pipeline.pipeline import Pipeline
from .._records.models import AttributeMapping
from .._schema import ObjectSchema
from ..errors import AttioError, DecodeError, OutcomeUnknown, UniquenessConflict
from ..query import F, Filter

V = TypeVar("V", bound=AttributeMapping)

_LOST_RESPONSE = (OutcomeUnknown, DecodeError)


@attrs.frozen
class UniqueKey:
    """A value that at most one record or entry can have."""

    slug: str
    value: str | int | float | Decimal

    @property
    def filter(self) -> Filter:
        """The filter that finds the record or entry with this value."""
        return F[self.slug] == self.value


def find_unique_key(schema: ObjectSchema | None, values: Mapping[str, Any]) -> UniqueKey | None:
    """Return the first of the encoded values that must be unique, or None."""
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
    """Return what `create` returns. If its response is lost, look `key` up, and call `create` again if nothing has it.

    The second call is safe: if the first one was only slow, the API rejects a second record with a unique value.
    https://docs.attio.com/rest-api/endpoint-reference/records/create-a-record

    Raises:
        OutcomeUnknown: The response was lost and no value is unique, the lookup failed, or it was lost twice.
        DecodeError: The same, where the response arrived and cannot be read.
        UniquenessConflict: An older record or entry has the key. Nothing was written.
    """
    if key is None:
        return await create()
    sent = pipeline.clock.monotonic()
    try:
        return await create()
    except _LOST_RESPONSE as lost:
        found = await _look_up(key, find, lost)
        if found is not None:
            return _accept_if_new(pipeline, key, found, sent, lost)
    try:
        return await create()
    except (
        *_LOST_RESPONSE,
        UniquenessConflict,
    ) as error:  # a conflict: the first create may have been only slow
        found = await _look_up(key, find, error)
        if found is None:
            raise
        return _accept_if_new(pipeline, key, found, sent, error)


async def _look_up(
    key: UniqueKey, find: Callable[[Filter], Awaitable[V | None]], lost: AttioError
) -> V | None:
    try:
        return await find(key.filter)
    except AttioError:
        raise lost from lost.__cause__  # the caller asked for the create, not for the lookup


def _accept_if_new(pipeline: Pipeline, key: UniqueKey, found: V, sent: float, error: AttioError) -> V:
    """Return what was found if it was created after the request was sent; otherwise raise what happened."""
    server_clock, created = pipeline.limits.server_clock, found.created_at
    if created is None or not server_clock.known:
        raise error
    if server_clock.local(created.timestamp()) >= sent:
        return found
    if isinstance(error, UniquenessConflict):
        raise error
    cause = error.cause if isinstance(error, OutcomeUnknown) else error
    raise UniquenessConflict(
        f"the response was lost, and {found!r}, which is older, has {key.value!r} as its {key.slug!r}",
        attribute=key.slug,
        conflicting_record_id=found.id,
        status=HTTPStatus.CONFLICT,
        method=getattr(cause, "method", ""),
        path=getattr(cause, "path", ""),
        attempts=getattr(error, "attempts", 1),
    ) from error
