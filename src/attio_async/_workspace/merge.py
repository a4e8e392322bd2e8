"""Merges of two records: what one would do, sending it, and waiting until it is complete."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import attrs

from attio_async_api.api.records import merge_records
from attio_async_api.json_data import JsonData, JsonFields
from attio_async_api.models.merge_records import MergeRecords
from attio_async_api.models.merge_result import MergeResult

from .._records.models import Record
from .._schema import Attribute, ObjectSchema
from .._utils.public import public
from ..errors import ConfigurationError, MergeInProgress
from ..values import RecordRef
from .plan import Plan, first_lines
from .session import Session

T = TypeVar("T")

_MERGE_TIMEOUT_S = 60.0
"""A merge usually takes less than a second."""

_MIN_PAUSE_S = 0.25
_MAX_PAUSE_S = 5.0


@public
@attrs.frozen(kw_only=True)
class MergedAttribute(JsonData):
    """The values of one attribute in a merge, as native values.

    Attributes:
        slug: The attribute.
        title: Its title.
        stays: Values of the kept record, which the new one has.
        joined: Values of the dropped record that the new one has, too.
        goes: Values of the dropped record that the new one does not have.
    """

    slug: str
    title: str
    stays: tuple[Any, ...] = ()
    joined: tuple[Any, ...] = ()
    goes: tuple[Any, ...] = ()

    def __str__(self) -> str:
        parts = (("stays", self.stays), ("joined", self.joined), ("goes", self.goes))
        return f"{self.slug}: " + "; ".join(
            f"{', '.join(map(str, values))} {what}" for what, values in parts if values
        )


@public
@attrs.frozen(kw_only=True)
class MergePlan(Plan[Record]):
    """A merge before it is made, by Attio's rules. `str()` is a readable list.

    The new record also has the notes, tasks, files, comments and list entries of both, and every reference to either
    leads to it.

    Attributes:
        keep: The record whose value wins where only one value is allowed.
        drop: The other record.
        attributes: The writable attributes that either record has a value of.
    """

    keep: Record
    drop: Record
    attributes: tuple[MergedAttribute, ...]
    _merge: Callable[[], Awaitable[Record]] = attrs.field(alias="merge", repr=False, eq=False)

    def _json_fields(self) -> JsonFields:
        return [("keep", self.keep), ("drop", self.drop), ("attributes", self.attributes)]

    async def table(self, *, limit: int = 50) -> str:
        """Return the plan as text, a line for each attribute; after `limit` of them only their number."""
        return first_lines(list(map(str, self.attributes)), limit)

    async def apply(self) -> Record:
        """Merge the records into a new one, and return it, as `Records.merge` does. Changes since the plan count, too."""
        return await self._merge()

    @property
    def losses(self) -> tuple[MergedAttribute, ...]:
        """The attributes that lose values."""
        return tuple(each for each in self.attributes if each.goes)

    def __str__(self) -> str:
        return "\n".join(map(str, self.attributes))


def plan_merge(
    schema: ObjectSchema, keep: Record, drop: Record, merge: Callable[[], Awaitable[Record]]
) -> MergePlan:
    """Return what a merge does to each attribute; the plan calls `merge` when it is applied.

    Raises:
        ConfigurationError: Both are the same record.
    """
    _check_different(keep.id, drop.id)
    shown = [each for each in schema.attributes.values() if each.is_writable and not each.is_archived]
    merged = [_merged(attribute, keep, drop) for attribute in shown]
    return MergePlan(
        keep=keep,
        drop=drop,
        merge=merge,
        attributes=tuple(each for each in merged if each.stays or each.joined or each.goes),
    )


def _merged(attribute: Attribute, keep: Record, drop: Record) -> MergedAttribute:
    ours, theirs = (
        [value.native for value in record.values(attribute.slug) if not _refers_to(value.native, other)]
        for record, other in ((keep, drop), (drop, keep))
    )
    new = [value for value in theirs if value not in ours]
    joins = attribute.is_multiselect or not ours
    return MergedAttribute(
        slug=attribute.slug,
        title=attribute.title,
        stays=tuple(ours),
        joined=tuple(new) if joins else (),
        goes=() if joins else tuple(new),
    )


def _refers_to(value: object, record: Record) -> bool:
    return isinstance(value, RecordRef) and value.record_id == record.id


def _check_different(primary: str, secondary: str) -> None:
    if primary == secondary:
        raise ConfigurationError(f"record {primary} cannot be merged with itself; give two records")


async def merge(session: Session, object_name: str, primary: str, secondary: str) -> str:
    """Merge two records, and return the id of the new one, which may not be readable yet.

    Raises:
        ConfigurationError: Both are the same record. Nothing was sent.
        MergeInProgress: An earlier merge of either record is not complete. Nothing was written.
    """
    _check_different(primary, secondary)
    body = MergeRecords(primary_record_id=primary, secondary_record_id=secondary)
    result = await session.one(merge_records, MergeResult.from_dict, object_name, body=body)
    return result.new_record_id


async def wait_for_merge(session: Session, attempt: Callable[[], Awaitable[T]]) -> T:
    """Return what `attempt` returns, calling it with growing pauses while a merge is in progress.

    Raises:
        MergeInProgress: The merge took longer than a minute.
    """
    clock = session.pipeline.clock
    deadline = clock.monotonic() + _MERGE_TIMEOUT_S
    pause = _MIN_PAUSE_S
    while True:
        try:
            return await attempt()
        except MergeInProgress:
            if clock.monotonic() + pause > deadline:
                raise
        await clock.sleep(pause)
        pause = min(2 * pause, _MAX_PAUSE_S)
