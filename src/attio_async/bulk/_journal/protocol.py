"""The durable journal of a bulk job: the state needed to resume after a crash.

A job is a sequence of rows. Each row is added with what is to be written, then claimed, begun and closed, in this order,
and each step is durable before the next one is taken. Whatever ends a process, a row that was begun and not closed may
have been written, and every other one was not.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from typing import Literal, Protocol, TypeVar

import attrs
import msgspec

from attio_async_api.json_data import JsonData, JsonFields

from ..._utils.public import public
from ...errors import InputChanged

RowStatus = Literal["created", "updated", "unchanged", "cleared", "flagged", "deleted", "duplicate", "failed"]
"""The end of a row. "failed" rows are kept as dead letters; only a sync clears and flags."""


@public
@attrs.frozen(kw_only=True)
class JobInfo(JsonData):
    """The definition of a job; a job is only resumed with the same one.

    Attributes:
        title: The job in words, such as "upsert companies".
        parameters: All that decides what is written, by name.
        schema: The attributes that can be written, by slug, each described in one word.
        started_at: The server's Unix time in seconds when the job began.
    """

    title: str
    parameters: Mapping[str, str]
    schema: Mapping[str, str]
    started_at: float


@public
@attrs.frozen(kw_only=True)
class JobState(JsonData):
    """The progress of a job.

    Attributes:
        info: The job as it was begun.
        rows: The number of rows added.
        total: The number of rows in the input; None until the input was read to its end.
        counts: The number of rows that ended, by status.
        open: The number of rows that are pending, claimed or begun.
        held: The number of rows that wait for an approval.
    """

    info: JobInfo
    rows: int = 0
    total: int | None = None
    counts: Mapping[RowStatus, int] = attrs.field(factory=dict[RowStatus, int])
    open: int = 0
    held: int = 0

    @property
    def is_finished(self) -> bool:
        """True when the input was read to its end and no row is left to be written."""
        return self.total is not None and not self.open


@public
@attrs.frozen(kw_only=True)
class Failure(JsonData):
    """The reason why a row failed.

    Attributes:
        kind: The name of the error, such as "CoercionError".
        reason: The message of the error.
        attribute: The slug of the attribute that caused it, where there is one.
    """

    kind: str
    reason: str
    attribute: str | None = None


@public
@attrs.frozen(kw_only=True)
class JournalRow:
    """A row to add.

    Attributes:
        index: Its place in the input, from 0; rows are added in this order.
        label: Its name in reports.
        digest: The digest of this row and all before it.
        payload: What is to be written, as JSON.
        closing: The end of a row that is not to be written at all.
    """

    index: int
    label: int | str
    digest: bytes
    payload: bytes = attrs.field(repr=False)
    closing: "Closing | None" = None


@public
@attrs.frozen(kw_only=True)
class Claim:
    """A row that belongs to this worker now.

    Attributes:
        index, label, payload: As they were added.
        begun_at: The server's Unix time when an earlier worker began to write the row and did not close it: it may have
            been written. None when certainly nothing was sent.
    """

    index: int
    label: int | str
    payload: bytes = attrs.field(repr=False)
    begun_at: float | None = None


@public
@attrs.frozen(kw_only=True)
class HeldRow:
    """A row that waits for an approval.

    Attributes:
        index, label: As they were added.
        plan: JSON that the journal only keeps.
    """

    index: int
    label: int | str
    plan: bytes = attrs.field(repr=False)


@public
@attrs.frozen(kw_only=True)
class Closing:
    """The end of a row.

    Attributes:
        index: The row.
        status: What became of it.
        id: The record or entry, where one was written or found.
        failure: The reason; always, and only, with the status "failed".
    """

    index: int
    status: RowStatus
    id: str | None = None
    failure: Failure | None = None


@public
@attrs.frozen(kw_only=True)
class DeadLetter(JsonData):
    """A row that failed, with all that is needed to retry it.

    Attributes:
        index, label, payload: As they were added.
        failure: Why it failed.
    """

    index: int
    label: int | str
    payload: bytes = attrs.field(repr=False)
    failure: Failure

    def _json_fields(self) -> JsonFields:
        payload = msgspec.json.decode(self.payload)
        return [(name, payload if name == "payload" else value) for name, value in super()._json_fields()]


@public
class Journal(Protocol):
    """Keeps the state of one job. A change is durable when its method returns.

    Where `lease` is a number, several workers, also on several machines, may share the job. Each has a journal of its
    own, and no row is claimed by two of them. Only the worker that reads the input calls `add` and `finish`. Where a worker
    with a higher epoch took over the job, every change of the others raises `JobSuperseded`, and so ends their runs.

    Many tasks of a worker call the journal at the same time; an implementation may commit their changes together.
    """

    @property
    def lease(self) -> float | None:
        """Seconds after which other workers may claim the rows of a worker that does not call `renew`.

        None where the job belongs to one process: then `open` makes pending what an earlier process had claimed.
        """
        ...

    async def open(self, info: JobInfo) -> JobState:
        """Begin or resume the job. `info` is kept for a new job; the state has the one that was kept.

        Raises:
            ConfigurationError: The journal cannot be used, such as a file that belongs to another process.
        """
        ...

    async def state(self) -> JobState:
        """Return the progress of the job."""
        ...

    async def digests(self, start: int, limit: int) -> Sequence[bytes]:
        """Return the digests of at most `limit` rows, from the index `start` on."""
        ...

    async def add(self, rows: Sequence[JournalRow]) -> None:
        """Add rows: pending, or closed where they have a closing. Rows that were added before are left alone."""
        ...

    async def finish(self, total: int) -> None:
        """Note that the input has `total` rows."""
        ...

    async def claim(self, limit: int) -> Sequence[Claim]:
        """Claim at most `limit` rows that are pending, or whose lease has ended, in their order.

        Return an empty sequence when none is available now; more may be added or released later.
        """
        ...

    async def begin(self, index: int, at: float) -> bool:
        """Note that the row's write is sent next; `at` is the server's Unix time in seconds. Called again before each retry.

        Returns:
            True if the row still belongs to this worker. Otherwise nothing may be sent.
        """
        ...

    async def close(self, closings: Sequence[Closing]) -> Sequence[int]:
        """Note how rows of this worker ended, and forget the payloads of rows that did not fail.

        Returns:
            The indices of the rows that were closed; rows that belong to another worker by now, or ended before, are not.
        """
        ...

    async def hold(self, rows: Sequence[HeldRow]) -> None:
        """Set claimed rows of this worker aside until `approve`, with their plans."""
        ...

    async def release(self, claims: Sequence[Claim]) -> None:
        """Make claimed rows of this worker pending again.

        Nothing was sent for them, or it certainly changed nothing. They keep the `begun_at` of their claim.
        """
        ...

    async def renew(self) -> None:
        """Renew the lease of all rows of this worker."""
        ...

    async def held(self, after: int, limit: int) -> Sequence[HeldRow]:
        """Return at most `limit` held rows beyond the index `after`, in their order."""
        ...

    async def approve(self) -> int:
        """Make every held row pending and return their number."""
        ...

    async def dead_letters(self, after: int = -1, limit: int = 100) -> Sequence[DeadLetter]:
        """Return at most `limit` failed rows beyond the index `after`, in their order."""
        ...

    async def revive(self) -> int:
        """Make failed rows pending, as if they had never been sent, and return their number.

        Rows that failed with `DuplicateKey` stay failed: written as they are, they would undo the row with the same key.
        """
        ...

    async def aclose(self) -> None:
        """Release the rows of this worker, and close files and connections. The next use opens them again."""
        ...


T = TypeVar("T", HeldRow, DeadLetter)

_PAGE_SIZE = 500


async def read_pages(
    read: Callable[[int, int], Awaitable[Sequence[T]]],
) -> AsyncGenerator[Sequence[T]]:
    """Yield all rows that `Journal.held` or `Journal.dead_letters` returns, some hundreds at a time."""
    after = -1
    while page := await read(after, _PAGE_SIZE):
        yield page
        after = page[-1].index


def check_same_job(kept: JobInfo, given: JobInfo) -> None:
    """Check that the job of a journal is the job to resume. Attributes that are new since then make no difference.

    Raises:
        InputChanged: The parameters or the schema differ; the message says how.
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
        raise InputChanged(
            f"the journal belongs to another job ({kept.title}): {'; '.join(differing[:5])}. "
            "Finish that job as it was begun, or give this job a journal of its own",
            verb=kept.title.partition(" ")[0],
        )
