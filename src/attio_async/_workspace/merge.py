"""Merges of two records, and waiting until one is complete."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from attio_async_api.api.records import merge_records
from attio_async_api.models.merge_records import MergeRecords
from attio_async_api.models.merge_result import MergeResult

from .._records.models import record_id
from ..errors import ConfigurationError, MergeInProgress
from .session import Session

T = TypeVar("T")

_MERGE_TIMEOUT_S = 60.0
"""A merge usually takes less than a second."""

_MIN_PAUSE_S = 0.25
_MAX_PAUSE_S = 5.0


async def merge(session: Session, object_name: str, keep: object, drop: object) -> str:
    """Merge two records, and return the id of the new one, which may not be readable yet.

    Raises:
        ConfigurationError: Both are the same record. Nothing was sent.
        MergeInProgress: An earlier merge of either record is not complete. Nothing was written.
    """
    primary, secondary = record_id(keep), record_id(drop)
    if primary == secondary:
        raise ConfigurationError(f"record {primary} cannot be merged with itself; give two records")
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
