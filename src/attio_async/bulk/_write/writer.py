"""Decide what the rows of a chunk need, write each, and resolve an ambiguous outcome by reading it back."""

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Literal

import attrs
import msgspec

from ...errors import AttioError, OutcomeUnknown
from .._journal.protocol import Claim, RowStatus
from .decisions import Action, Decision, End, Found, Write, is_ambiguous, pause_after
from .diff import Comparer, Reference
from .operations import RowOperation
from .payload import Payload
from .remote_state import RemoteState
from .report import Row

ENDS: Mapping[Action, RowStatus] = {"clear": "cleared", "flag": "flagged", "delete": "deleted"}
"""The end of a row whose write did what its action says."""


class StoredPlan(msgspec.Struct):
    """The plan of a row as a journal keeps it. An "invalid" one is tried nevertheless when the plan is applied."""

    action: Action | Literal["unchanged", "invalid"]
    id: str | None = None
    changes: list[tuple[str, list[Any], list[Any]]] = []
    reason: str | None = None


@attrs.define(eq=False)
class DecidedRow:
    """A claimed row, and what to do with it."""

    claim: Claim
    payload: Payload
    decision: Decision
    comparer: Comparer

    def plan(self, lacking: Sequence[Reference]) -> bytes:
        """Return the write as a journal keeps it.

        Args:
            lacking: Records that the row refers to, and whose absence makes it fail.
        """
        write = self.decision
        if isinstance(write, End):
            return msgspec.json.encode(StoredPlan("unchanged", write.record.id if write.record else None))
        changes = [(change.attribute, change.old, change.new) for change in write.changes]
        if lacking:
            missing = ", ".join(f"{each.object} with {each.value!r} as {each.attribute}" for each in lacking)
            return msgspec.json.encode(
                StoredPlan("invalid", write.id, changes, f"refers to what does not exist: {missing}")
            )
        return msgspec.json.encode(StoredPlan(write.action, write.id, changes))


async def decide_rows(
    operation: RowOperation, remote: RemoteState, claims: Sequence[Claim], *, always_read: bool
) -> list[DecidedRow]:
    """Return the rows in their order, each with what to do.

    Args:
        operation: The operation of the job.
        remote: Reads what exists.
        claims: The rows.
        always_read: Whether to read also where the operation does not need it.
    """
    decoded = {claim.index: await _decode(operation, claim) for claim in claims}
    valid = {index: each for index, each in decoded.items() if isinstance(each, Payload)}
    wanted = [
        claim
        for claim in claims
        if claim.index in valid and (always_read or operation.reads or claim.begun_at is not None)
    ]
    comparer, decisions = Comparer(None), dict[int, Decision]()
    if wanted or remote.creates_references:
        comparer, decisions = await _decide(operation, remote, wanted, valid, always_read=always_read)
    decided: list[DecidedRow] = []
    for claim in claims:
        payload = decoded[claim.index]
        if isinstance(payload, AttioError):
            failed = End("failed", error=payload)
            decided.append(DecidedRow(claim, Payload.decode(claim.payload), failed, comparer))
        else:
            decision = decisions.get(claim.index) or operation.decide_unread(payload)
            decided.append(DecidedRow(claim, payload, decision, comparer))
    return decided


async def _decide(
    operation: RowOperation,
    remote: RemoteState,
    wanted: Sequence[Claim],
    payloads: Mapping[int, Payload],
    *,
    always_read: bool,
) -> tuple[Comparer, dict[int, Decision]]:
    try:
        comparer, existing = await _read(
            remote, list(payloads.values()), [payloads[claim.index] for claim in wanted]
        )
    except AttioError as error:
        failed: Decision = End("failed", error=error)
        must_read = [c for c in wanted if always_read or operation.must_read or c.begun_at is not None]
        # The others are written without having been read.
        return Comparer(None), {claim.index: failed for claim in must_read}
    decisions: dict[int, Decision] = {}
    for claim, found in zip(wanted, existing, strict=True):
        decisions[claim.index] = operation.decide(payloads[claim.index], found, comparer, claim.begun_at)
    return comparer, decisions


async def _read(
    remote: RemoteState, payloads: Sequence[Payload], wanted: Sequence[Payload]
) -> tuple[Comparer, list[list[Found]]]:
    """Return what exists for the rows; retried while the failure is not the rows' fault."""
    tried = 0
    while True:
        try:
            comparer = await remote.comparer(payloads)
            return comparer, await remote.find(wanted, comparer)
        except AttioError as error:
            pause = pause_after(error, tried)
            if pause is None:
                raise
        tried += 1
        await remote.clock.sleep(pause)


async def _decode(operation: RowOperation, claim: Claim) -> Payload | AttioError:
    payload = Payload.decode(claim.payload)
    if not payload.raw:
        return payload
    try:  # the values were invalid when they were read, and may be valid by now
        return await operation.payload(Row(payload.values, id=payload.id))
    except AttioError as error:
        return error


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

    async def write(
        self, row: DecidedRow, begun_at: float, may_retry: Callable[[], Awaitable[bool]]
    ) -> End | None:
        """Write the row and return how it ended; None if it belongs to another worker by now.

        Args:
            row: The row, and what to do.
            begun_at: The server's time before anything was sent for it.
            may_retry: Called before each retry; returns False if the row belongs to another worker.
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
            if not await may_retry():
                return None

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

    def _end(self, write: Write, record: Found | End | None) -> End:
        if isinstance(record, End):
            return record
        if write.action in ENDS:
            return End(ENDS[write.action], record)
        if record is None or record.id == write.id:
            return End("updated", record)
        if self._operation.verb == "create":
            return End("created", record)
        created = record.created_at
        is_new = created is not None and created.timestamp() >= self._started_at
        return End("created" if is_new else "updated", record)
