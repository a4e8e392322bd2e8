"""Working out, for a chunk of rows, what is to be done with each."""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import msgspec

from ..errors import AttioError
from .comparing import Comparer
from .current import Current
from .deciding import Decision, End, Found, Operation
from .journal import Claim
from .patience import pause_after
from .payload import Payload
from .report import Row

__all__ = ["Looked", "Planned", "look"]


class Planned(msgspec.Struct):
    """What is planned for a row, as a journal keeps it."""

    action: str
    id: str | None = None
    changes: list[tuple[str, list[Any], list[Any]]] = []


@attrs.define(eq=False)
class Looked:
    """A row, and what is to be done with it."""

    claim: Claim
    payload: Payload
    decision: Decision
    comparer: Comparer

    @property
    def plan(self) -> bytes:
        """What is to be written, as a journal keeps it."""
        write = self.decision
        if isinstance(write, End):
            return b""
        changes = [(change.attribute, change.old, change.new) for change in write.changes]
        return msgspec.json.encode(Planned(write.action, write.id, changes))


async def look(
    operation: Operation, current: Current, claims: Sequence[Claim], *, always: bool
) -> list[Looked]:
    """The rows, in their order, each with what is to be done.

    Args:
        operation: What the job does.
        current: Reads what is there.
        claims: The rows.
        always: Whether to read what is there even where the operation can do without.
    """
    decoded = {claim.index: await _decoded(operation, claim) for claim in claims}
    fit = [claim for claim in claims if isinstance(decoded[claim.index], Payload)]
    wanted = [claim for claim in fit if always or operation.reads or claim.begun_at is not None]
    comparer, decisions = Comparer(None), dict[int, Decision]()
    if wanted or current.creates_references:
        payloads = {claim.index: decoded[claim.index] for claim in fit}
        comparer, decisions = await _decided(operation, current, wanted, payloads, always=always)
    looked: list[Looked] = []
    for claim in claims:
        payload = decoded[claim.index]
        if isinstance(payload, AttioError):
            end = End("failed", error=payload)
            looked.append(Looked(claim, Payload.decode(claim.payload), end, comparer))
        else:
            decision = decisions.get(claim.index) or operation.blind(payload)
            looked.append(Looked(claim, payload, decision, comparer))
    return looked


async def _decided(
    operation: Operation,
    current: Current,
    wanted: Sequence[Claim],
    payloads: Mapping[int, Payload | AttioError],
    *,
    always: bool,
) -> tuple[Comparer, dict[int, Decision]]:
    fit = {index: payload for index, payload in payloads.items() if isinstance(payload, Payload)}
    try:
        comparer, there = await _patiently(
            current, list(fit.values()), [fit[claim.index] for claim in wanted]
        )
    except AttioError as error:
        failed: Decision = End("failed", error=error)
        must = [c for c in wanted if always or operation.must_read or c.begun_at is not None]
        # The others are written without having looked.
        return Comparer(None), {claim.index: failed for claim in must}
    decisions: dict[int, Decision] = {}
    for claim, found in zip(wanted, there, strict=True):
        decisions[claim.index] = operation.decide(fit[claim.index], found, comparer, claim.begun_at)
    return comparer, decisions


async def _patiently(
    current: Current, payloads: Sequence[Payload], wanted: Sequence[Payload]
) -> tuple[Comparer, list[list[Found]]]:
    """What is there, tried again for as long as it is no fault of the rows."""
    tried = 0
    while True:
        try:
            comparer = await current.comparer(payloads)
            return comparer, await current.found(wanted, comparer)
        except AttioError as error:
            pause = pause_after(error, tried)
            if pause is None:
                raise
        tried += 1
        await current.clock.sleep(pause)


async def _decoded(operation: Operation, claim: Claim) -> Payload | AttioError:
    payload = Payload.decode(claim.payload)
    if not payload.raw:
        return payload
    try:  # it did not fit when it was read, and what was wrong may be right by now
        return await operation.payload(Row(payload.values, id=payload.id))
    except AttioError as error:
        return error
