"""How a job is put into the columns of a database, whichever it is, and read from them again."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from .journal import Claim, Closing, DeadLetter, Failure, JobInfo, JobState, Status, Task

__all__ = ["End", "NewRow", "claim_of", "dead_letter_of", "encoded_info", "end_of", "new_row", "state_of"]

_OPEN = ("pending", "claimed", "begun")


class End(NamedTuple):
    """The columns that say how a row ended, or that it did not."""

    state: str = "pending"
    status: Status | None = None
    id: str | None = None
    failure: bytes | None = None


class NewRow(NamedTuple):
    """The columns of a row that is put down."""

    place: int
    label: bytes
    digest: bytes
    payload: bytes | None
    end: End


def encoded_info(info: JobInfo) -> bytes:
    """What a job does, for its column."""
    return msgspec.json.encode(info)


def end_of(closing: Closing) -> End:
    """How a row ended. The payload is only kept with the state "dead"."""
    if closing.failure is None:
        return End("done", closing.status, closing.id)
    return End("dead", closing.status, closing.id, msgspec.json.encode(closing.failure))


def new_row(task: Task) -> NewRow:
    """A row, pending or ended."""
    end = End() if task.closing is None else end_of(task.closing)
    payload = None if end.state == "done" else task.payload
    return NewRow(task.index, msgspec.json.encode(task.label), task.digest, payload, end)


def claim_of(row: tuple[Any, ...]) -> Claim:
    """From place, label, payload and begun_at."""
    place, label, payload, begun_at = row
    return Claim(index=place, label=msgspec.json.decode(label), payload=payload, begun_at=begun_at)


def dead_letter_of(row: tuple[Any, ...]) -> DeadLetter:
    """From place, label, payload and failure."""
    place, label, payload, failure = row
    return DeadLetter(
        index=place,
        label=msgspec.json.decode(label),
        payload=payload,
        failure=msgspec.json.decode(failure, type=Failure),
    )


def state_of(info: bytes, total: int | None, counted: Iterable[tuple[Any, ...]]) -> JobState:
    """How far a job is, from its columns and how many rows there are of each state and status."""
    by_state: dict[str, int] = {}
    counts: dict[Status, int] = {}
    for state, status, count in counted:
        by_state[state] = by_state.get(state, 0) + count
        if status is not None:
            counts[status] = counts.get(status, 0) + count
    return JobState(
        info=msgspec.json.decode(info, type=JobInfo),
        rows=sum(by_state.values()),
        total=total,
        counts=counts,
        open=sum(by_state.get(state, 0) for state in _OPEN),
        held=by_state.get("held", 0),
    )
