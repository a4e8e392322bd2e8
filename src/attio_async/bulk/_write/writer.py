"""Write one row and resolve an ambiguous outcome by reading it back."""

import math
from contextlib import suppress

from ...errors import AttioError, OutcomeUnknown
from .decisions import Decision, End, Found, Write
from .lookup import DecidedRow
from .operations import RowOperation
from .remote_state import RemoteState
from .retry import is_ambiguous, pause_after


class RowWriter:
    """Writes rows, and reads back those whose response was lost.

    Args:
        operation: The operation of the job.
        remote: Reads what exists.
        started_at: The server's time when the job began: what is older existed before.
    """

    def __init__(self, operation: RowOperation, remote: RemoteState, *, started_at: float) -> None:
        self._operation = operation
        self._remote = remote
        self._pipeline = operation.target.session.pipeline
        self._started_at = math.floor(started_at * 1000) / 1000  # created_at has milliseconds

    async def write(self, row: DecidedRow, begun_at: float) -> End:
        """Write the row and return how it ended.

        Args:
            row: The row, and what to do.
            begun_at: The server's time before anything was sent for it.
        """
        decision, tried = row.decision, 0
        since = row.claim.begun_at  # from here on it may have been written
        while True:
            try:
                if tried and since is not None:
                    decision = await self._decide_again(row, since)
                if isinstance(decision, End):
                    return decision
                if self._remote.creates_references:
                    await self._remote.create_references(row.payload, row.comparer)
                return self._end(decision, await self._operation.write(row.payload, decision))
            except AttioError as error:
                if is_ambiguous(error):
                    since = begun_at if since is None else since
                pause = pause_after(error, tried)
                if pause is None or (since is not None and not await self._can_read_back(row)):
                    return End("failed", error=await self._final_error(error, row))
            tried += 1
            await self._pipeline.clock.sleep(pause)

    async def _decide_again(self, row: DecidedRow, since: float) -> Decision:
        """Return what is left to do for a row that may have been written."""
        (found,) = await self._remote.find([row.payload], row.comparer)
        return self._operation.decide(row.payload, found, row.comparer, since)

    async def _can_read_back(self, row: DecidedRow) -> bool:
        """Return True if the row has a key that finds what was written."""
        if row.comparer.schema is None:  # it was written without having been read
            with suppress(AttioError):
                row.comparer = await self._remote.comparer([row.payload])
        return bool(self._operation.keys(row.payload, row.comparer))

    async def _final_error(self, error: AttioError, row: DecidedRow) -> AttioError:
        """Return the error to report: `OutcomeUnknown` where a row may have been written and cannot be read back."""
        if not is_ambiguous(error) or isinstance(error, OutcomeUnknown) or await self._can_read_back(row):
            return error
        return OutcomeUnknown(self._operation.verb, error)

    def _end(self, write: Write, record: Found | None) -> End:
        if write.action == "delete":
            return End("deleted")
        if write.action == "update" or record is None:
            return End("updated", record)
        if self._operation.verb == "create":
            return End("created", record)
        created = record.created_at
        is_new = created is not None and created.timestamp() >= self._started_at
        return End("created" if is_new else "updated", record)
