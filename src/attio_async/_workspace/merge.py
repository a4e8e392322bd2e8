"""Merging two records into one, and waiting until that is done."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from attio_async_api.api.records import merge_records
from attio_async_api.models.merge_records import MergeRecords
from attio_async_api.models.merge_result import MergeResult
from attio_async_api.operations import MERGE_RECORDS

from .._records.models import record_id
from ..errors import ConfigurationError, MergeInProgress
from .session import Session

T = TypeVar("T")

_PATIENCE = 60.0
"""Seconds for which a merge is waited for; they usually take less than one."""

_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 5.0


async def merge(session: Session, object_name: str, keep: object, drop: object) -> str:
    """The id of the new record, which may not be readable yet."""
    primary, secondary = record_id(keep), record_id(drop)
    if primary == secondary:
        raise ConfigurationError(f"a record cannot be merged with itself: {primary}")
    body = MergeRecords(primary_record_id=primary, secondary_record_id=secondary)
    built = merge_records.build_request(object_name, body=body)
    result = await session.one(MERGE_RECORDS, built, MergeResult.from_dict)
    return result.new_record_id


async def wait_for_merge(session: Session, attempt: Callable[[], Awaitable[T]]) -> T:
    """What `attempt` gives once no merge is in its way; it is tried again for a minute, ever more slowly.

    Raises:
        MergeInProgress: The merge takes longer than that.
    """
    clock = session.pipeline.clock
    give_up = clock.monotonic() + _PATIENCE
    pause = _FIRST_PAUSE
    while True:
        try:
            return await attempt()
        except MergeInProgress:
            if clock.monotonic() + pause > give_up:
                raise
        await clock.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
