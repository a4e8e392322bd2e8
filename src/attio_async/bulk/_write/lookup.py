"""Classify each row of a chunk as create, update, delete, unchanged or failed."""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import msgspec

from ...errors import AttioError
from .._journal.protocol import Claim
from .decisions import Action, Decision, End, Found
from .diff import Comparer
from .operations import RowOperation
from .payload import Payload
from .remote_state import RemoteState
from .report import Row
from .retry import pause_after


class StoredPlan(msgspec.Struct):
    """The plan of a row as a journal keeps it."""

    action: Action
    id: str | None = None
    changes: list[tuple[str, list[Any], list[Any]]] = []


@attrs.define(eq=False)
class DecidedRow:
    """A claimed row, and what to do with it."""

    claim: Claim
    payload: Payload
    decision: Decision
    comparer: Comparer

    @property
    def plan(self) -> bytes:
        """The write as a journal keeps it."""
        write = self.decision
        if isinstance(write, End):
            return b""
        changes = [(change.attribute, change.old, change.new) for change in write.changes]
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
