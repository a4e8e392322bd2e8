"""Writing one row, until it is certain what became of it."""

import math
from contextlib import suppress

from ...errors import AttioError, OutcomeUnknown
from .decisions import (
    Decision,
    End,
    Found,
    RowOperation,
    Write,
)
from .lookup import Current, Looked
from .retry import is_ambiguous, pause_after


class RowWriter:
    """Writes rows, and reads back what became of those whose answer was lost.

    Args:
        operation: What to do with them.
        current: Reads what is there.
        started_at: The server's time when the job began: what is older was there before.
    """

    def __init__(self, operation: RowOperation, current: Current, *, started_at: float) -> None:
        self._operation = operation
        self._current = current
        self._pipeline = operation.target.session.pipeline
        self._started_at = math.floor(started_at * 1000) / 1000  # created_at has milliseconds

    def server_time(self) -> float:
        """The server's Unix time in seconds, as well as it is known."""
        clock = self._pipeline.clock
        return self._pipeline.limiter.server_clock.now(clock.monotonic(), clock.time())

    async def written(self, row: Looked, begun: float) -> End:
        """How the row ended.

        Args:
            row: The row, and what is to be done.
            begun: The server's time before anything was sent for it.
        """
        decision, tried = row.decision, 0
        since = row.claim.begun_at  # from here on it may have been written
        while True:
            try:
                if tried and since is not None:
                    decision = await self._look_again(row, since)
                if isinstance(decision, End):
                    return decision
                await self._ensure_references(row)
                return self._ended(decision, await self._operation.write(row.payload, decision))
            except AttioError as error:
                if is_ambiguous(error):
                    since = begun if since is None else since
                pause = pause_after(error, tried)
                if pause is None or (since is not None and not await self._can_settle(row)):
                    return End("failed", error=await self._final(error, row))
            tried += 1
            await self._pipeline.clock.sleep(pause)

    async def _look_again(self, row: Looked, since: float) -> Decision:
        """What is left to do for a row that may have been written."""
        (found,) = await self._current.found([row.payload], row.comparer)
        return self._operation.decide(row.payload, found, row.comparer, since)

    async def _ensure_references(self, row: Looked) -> None:
        if self._current.creates_references:
            await self._current.ensure(row.payload, row.comparer)

    async def _can_settle(self, row: Looked) -> bool:
        """Whether something finds what was written."""
        if row.comparer.schema is None:  # it was written without having looked
            with suppress(AttioError):
                row.comparer = await self._current.comparer([row.payload])
        return bool(self._operation.keys(row.payload, row.comparer))

    async def _final(self, error: AttioError, row: Looked) -> AttioError:
        """The error to report: where a row may have been written, and nothing finds it, it is that."""
        if not is_ambiguous(error) or isinstance(error, OutcomeUnknown) or await self._can_settle(row):
            return error
        return OutcomeUnknown(self._operation.verb, error)

    def _ended(self, write: Write, record: Found | None) -> End:
        if write.action == "delete":
            return End("deleted")
        if write.action == "update" or record is None:
            return End("updated", record)
        if self._operation.verb == "create":
            return End("created", record)
        created = record.created_at
        is_new = created is not None and created.timestamp() >= self._started_at
        return End("created" if is_new else "updated", record)
