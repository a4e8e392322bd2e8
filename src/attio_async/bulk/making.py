"""Jobs, made of what callers ask for."""

from collections.abc import Awaitable, Callable

from ..errors import CoercionError, ConfigurationError
from ..resources.encoding import attribute_slug
from ..resources.records import unique_attribute
from .deciding import Operation
from .job import BulkJob
from .loading import Rows
from .operations import Create, Delete, Update, Upsert
from .options import BulkOptions, Matching, Options
from .targets import EntriesTarget, Multiselect, RecordsTarget, Target

__all__ = ["create", "delete", "entry_upsert", "job", "record_upsert", "update"]


def job(make: Callable[[], Awaitable[Operation]], rows: Rows | None, options: BulkOptions) -> BulkJob:
    """A job; its options are checked now, the rest when it begins."""
    return BulkJob(make, rows, Options(**options))


async def record_upsert(target: RecordsTarget, match: str | Matching, *, compare: bool) -> Operation:
    """Upserting records.

    Raises:
        CoercionError: The attribute cannot be matched on.
    """
    schema = await target.schema()
    if isinstance(match, str):
        return Upsert(target, unique_attribute(schema, match).slug, compare=compare)
    slug = attribute_slug(schema, match.attribute)
    attribute = schema.attributes.get(slug)
    if attribute is None or not attribute.is_writable or attribute.is_archived:
        raise CoercionError.single(slug, None, None, "is no attribute of records that can be written")
    if attribute.is_unique:
        return Upsert(target, slug, compare=compare)
    return Upsert(target, slug, match.on_ambiguous, compare=True)


async def entry_upsert(target: EntriesTarget, *, compare: bool) -> Operation:
    """Upserting entries by their parents."""
    return Upsert(target, compare=compare)


async def create(target: Target) -> Operation:
    """Creating."""
    return Create(target)


async def update(target: Target, multiselect: Multiselect, *, compare: bool) -> Operation:
    """Changing what exists.

    Raises:
        ConfigurationError: There is no such way of writing several values.
    """
    if multiselect not in {"append", "overwrite"}:
        raise ConfigurationError(f"multiselect is 'append' or 'overwrite', not {multiselect!r}")
    return Update(target, multiselect, compare)


async def delete(target: Target) -> Operation:
    """Deleting."""
    return Delete(target)
