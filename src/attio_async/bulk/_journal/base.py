"""What a job has to remember, so that whoever goes on with it knows what was done.

A job is a sequence of rows. Each is put down with what is to be written, then claimed, begun and closed, in this
order and each step durable before the next one is taken. Whatever ends a process, a row that was begun and not
closed may have been written, and every other one was not.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, Protocol

import attrs
import msgspec

from ...errors import ConfigurationError

DUPLICATE = "DuplicateKey"


"""The kind of failure of a row whose key an earlier row has."""


State = Literal["held", "pending", "claimed", "begun", "done", "dead"]


"""Where a row stands.

held: planned, and not to be written before it is approved. pending: to be written. claimed: a worker has it, and has
sent nothing. begun: it may have been written. done: it is as it should be. dead: it failed.
"""


Status = Literal["created", "updated", "unchanged", "deleted", "duplicate", "failed"]


"""What became of a row; "failed" where it is dead."""


@attrs.frozen(kw_only=True)
class JobInfo:
    """What a job does; it goes on only where all of it is as it was when it began.

    Attributes:
        title: In words, such as "upsert companies by domains".
        parameters: All that decides what is written, by name.
        schema: The attributes that may be written, by slug, each described in one word.
        started_at: The server's Unix time in seconds when it began.
    """

    title: str
    parameters: Mapping[str, str]
    schema: Mapping[str, str]
    started_at: float


@attrs.frozen(kw_only=True)
class JobState:
    """How far a job is.

    Attributes:
        info: The job as it was begun.
        rows: How many rows are put down.
        total: How many rows the input has; None as long as it was not read to its end.
        counts: How many rows ended so, by status.
        open: How many rows are pending, claimed or begun.
        held: How many rows wait for an approval.
    """

    info: JobInfo
    rows: int = 0
    total: int | None = None
    counts: Mapping[Status, int] = attrs.field(factory=dict[Status, int])
    open: int = 0
    held: int = 0

    @property
    def is_finished(self) -> bool:
        """Whether the input was read to its end and no row is left to be written."""
        return self.total is not None and not self.open


@attrs.frozen(kw_only=True)
class Failure:
    """Why a row failed.

    Attributes:
        kind: The name of the error, such as "CoercionError".
        reason: What it says.
        attribute: The slug of the attribute it is about, where it is about one.
    """

    kind: str
    reason: str
    attribute: str | None = None


@attrs.frozen(kw_only=True)
class JournalRow:
    """One row to put down.

    Attributes:
        index: Its place in the input, from 0; rows are put down in this order.
        label: What it is called in reports.
        digest: Of this row and all before it.
        payload: What is to be written, as JSON.
        closing: How it ended already, where it is not to be written at all.
    """

    index: int
    label: int | str
    digest: bytes
    payload: bytes = attrs.field(repr=False)
    closing: "Closing | None" = None


@attrs.frozen(kw_only=True)
class Claim:
    """A row that this worker has for itself now.

    Attributes:
        index, label, payload: As they were put down.
        begun_at: The server's Unix time when a worker before began to write it and never closed it: it may have been
            written. None when certainly nothing was sent.
    """

    index: int
    label: int | str
    payload: bytes = attrs.field(repr=False)
    begun_at: float | None = None


@attrs.frozen(kw_only=True)
class Held:
    """What is planned for a row: `plan` is JSON that the journal only keeps."""

    index: int
    plan: bytes = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Closing:
    """How a row ended.

    Attributes:
        index: Which row.
        status: What became of it.
        id: The record or entry, where one was written or found.
        failure: Why it failed; only, and always, with the status "failed".
    """

    index: int
    status: Status
    id: str | None = None
    failure: Failure | None = None


@attrs.frozen(kw_only=True)
class DeadLetter:
    """A row that failed, with all that is needed to repeat it.

    Attributes:
        index, label, payload: As they were put down.
        failure: Why it failed.
    """

    index: int
    label: int | str
    payload: bytes = attrs.field(repr=False)
    failure: Failure


class Journal(Protocol):
    """Keeps one job. What a method returned for is kept, whatever happens then.

    Several workers, also on several machines, may share a job where `lease` is a number: each names itself when it
    makes its journal, and no row is claimed by two of them. `add` and `finish` are called by one of them, whoever reads
    the input; the others work off what it puts down.

    Many tasks of one worker call it at once; an implementation may do what they ask together.
    """

    @property
    def lease(self) -> float | None:
        """Seconds after which the rows of a worker that does not call `renew` may be claimed by others.

        None where one process has the job for itself: then what an earlier process claimed is free at once.
        """
        ...

    async def open(self, info: JobInfo) -> JobState:
        """Begin the job, or go on with it; `info` is kept when it is new, and otherwise what was kept is returned.

        Raises:
            ConfigurationError: The journal cannot be used, such as a file that another process has.
        """
        ...

    async def state(self) -> JobState:
        """How far the job is now."""
        ...

    async def digests(self, start: int, limit: int) -> Sequence[bytes]:
        """The digests of the rows from this index on that are put down, `limit` at most."""
        ...

    async def add(self, tasks: Sequence[JournalRow]) -> None:
        """Put rows down: pending, or closed where they bring their end. Those that are there already are left alone."""
        ...

    async def finish(self, total: int) -> None:
        """Note that the input ends after so many rows."""
        ...

    async def claim(self, limit: int) -> Sequence[Claim]:
        """Take up to so many rows that are pending, or whose worker is gone, the first ones first.

        Empty when there is none now, which is not to say that there will be none.
        """
        ...

    async def begin(self, index: int, at: float) -> bool:
        """Note that the next thing to happen is the row's write; `at` is the server's Unix time in seconds.

        Returns:
            Whether the row is still this worker's; where it is not, nothing may be sent.
        """
        ...

    async def close(self, closings: Sequence[Closing]) -> Sequence[int]:
        """Note how rows of this worker ended. What is no longer needed of their payload is forgotten.

        Returns:
            The indices of those that were noted; rows that are another worker's by now, or closed, are not.
        """
        ...

    async def hold(self, held: Sequence[Held]) -> None:
        """Put rows of this worker aside until `approve`, with what is planned for them."""
        ...

    async def release(self, claims: Sequence[Claim]) -> None:
        """Give rows of this worker back, pending as they were when they were claimed.

        Nothing was sent for them, or what was sent certainly changed nothing; only the doubt that they came with stays.
        """
        ...

    async def renew(self) -> None:
        """Begin the lease of all rows of this worker anew."""
        ...

    async def plans(self, after: int, limit: int) -> Sequence[tuple[Claim, bytes]]:
        """The rows put aside whose index is greater, in their order, with what is planned for them."""
        ...

    async def approve(self) -> int:
        """Make every row put aside pending; how many there were."""
        ...

    async def dead_letters(self, after: int = -1, limit: int = 100) -> Sequence[DeadLetter]:
        """Rows that failed whose index is greater, in their order, `limit` at most."""
        ...

    async def revive(self) -> int:
        """Make every row that failed pending again, as if it was never sent; how many there were.

        Not those that failed since an earlier row has their key: written as they are, they would undo each other.
        """
        ...

    async def aclose(self) -> None:
        """Let go of files and connections, and of the rows of this worker. Using the journal opens them again."""
        ...


def check_same_job(kept: JobInfo, given: JobInfo) -> None:
    """Check that a job may go on as it is asked for now.

    An attribute that is new since then changes nothing.

    Raises:
        ConfigurationError: It is another job, or the schema is another by now; it says what differs.
    """
    names = sorted({*kept.parameters, *given.parameters})
    differing = [
        f"{name} was {kept.parameters.get(name)!r} and is {given.parameters.get(name)!r}"
        for name in names
        if kept.parameters.get(name) != given.parameters.get(name)
    ]
    differing += [
        f"attribute {slug} was {was} and is {given.schema.get(slug, 'gone')}"
        for slug, was in kept.schema.items()
        if given.schema.get(slug) != was
    ]
    if differing:
        raise ConfigurationError(
            f"the journal is of another job ({kept.title}): {'; '.join(differing[:5])}; "
            "finish that job as it was begun, or give this one a journal of its own"
        )


_OPEN = ("pending", "claimed", "begun")


class RowEnd(NamedTuple):
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
    end: RowEnd


def encoded_info(info: JobInfo) -> bytes:
    """What a job does, for its column."""
    return msgspec.json.encode(info)


def end_of(closing: Closing) -> RowEnd:
    """How a row ended. The payload is only kept with the state "dead"."""
    if closing.failure is None:
        return RowEnd("done", closing.status, closing.id)
    return RowEnd("dead", closing.status, closing.id, msgspec.json.encode(closing.failure))


def new_row(task: JournalRow) -> NewRow:
    """A row, pending or ended."""
    end = RowEnd() if task.closing is None else end_of(task.closing)
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
