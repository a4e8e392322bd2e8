"""A journal of a caller's own, made of public names alone; the tests of journals run it."""

from collections.abc import Iterator, Sequence

import attrs

from attio_async.bulk import (
    Claim,
    Closing,
    DeadLetter,
    HeldRow,
    JobInfo,
    JobState,
    Journal,
    JournalRow,
    RowStatus,
)


@attrs.define
class Entry:
    """A row and how far it is: pending, claimed, begun, held or ended."""

    row: JournalRow
    state: str = "pending"
    begun_at: float | None = None
    plan: bytes = b""
    closing: Closing | None = None


class MemoryJournal:
    """Keeps a job as long as the process lives."""

    lease: float | None = None

    def __init__(self) -> None:
        self._info: JobInfo | None = None
        self._total: int | None = None
        self._entries: dict[int, Entry] = {}

    async def open(self, info: JobInfo) -> JobState:
        self._info = self._info or info
        for entry in self._in("claimed", "begun"):
            entry.state = "pending"
        return await self.state()

    async def state(self) -> JobState:
        assert self._info is not None
        counts: dict[RowStatus, int] = {}
        for entry in self._in("ended"):
            if entry.closing is not None:
                counts[entry.closing.status] = counts.get(entry.closing.status, 0) + 1
        return JobState(
            info=self._info,
            rows=len(self._entries),
            total=self._total,
            counts=counts,
            open=len(list(self._in("pending", "claimed", "begun"))),
            held=len(list(self._in("held"))),
        )

    async def digests(self, start: int, limit: int) -> Sequence[bytes]:
        return [entry.row.digest for index, entry in self._entries.items() if index >= start][:limit]

    async def add(self, rows: Sequence[JournalRow]) -> None:
        for row in rows:
            state = "pending" if row.closing is None else "ended"
            self._entries.setdefault(row.index, Entry(row, state, closing=row.closing))

    async def finish(self, total: int) -> None:
        self._total = total

    async def claim(self, limit: int) -> Sequence[Claim]:
        entries = list(self._in("pending"))[:limit]
        for entry in entries:
            entry.state = "claimed"
        return [
            Claim(index=e.row.index, label=e.row.label, payload=e.row.payload, begun_at=e.begun_at)
            for e in entries
        ]

    async def begin(self, index: int, at: float) -> bool:
        entry = self._entries[index]
        if entry.state not in {"claimed", "begun"}:
            return False
        entry.state, entry.begun_at = "begun", at if entry.begun_at is None else entry.begun_at
        return True

    async def close(self, closings: Sequence[Closing]) -> Sequence[int]:
        closed: list[int] = []
        for closing in closings:
            entry = self._entries[closing.index]
            if entry.state in {"claimed", "begun"}:
                entry.state, entry.closing, entry.begun_at = "ended", closing, None
                closed.append(closing.index)
        return closed

    async def hold(self, rows: Sequence[HeldRow]) -> None:
        for row in rows:
            entry = self._entries[row.index]
            if entry.state == "claimed":
                entry.state, entry.plan = "held", row.plan

    async def release(self, claims: Sequence[Claim]) -> None:
        for claim in claims:
            entry = self._entries[claim.index]
            if entry.state in {"claimed", "begun"}:
                entry.state, entry.begun_at = "pending", claim.begun_at

    async def renew(self) -> None:
        """Nothing is leased."""

    async def held(self, after: int, limit: int) -> Sequence[HeldRow]:
        found = (entry for entry in self._in("held") if entry.row.index > after)
        return [HeldRow(index=e.row.index, label=e.row.label, plan=e.plan) for e in found][:limit]

    async def approve(self) -> int:
        entries = list(self._in("held"))
        for entry in entries:
            entry.state = "pending"
        return len(entries)

    async def dead_letters(self, after: int = -1, limit: int = 100) -> Sequence[DeadLetter]:
        return [
            DeadLetter(index=index, label=e.row.label, payload=e.row.payload, failure=e.closing.failure)
            for index, e in self._entries.items()
            if index > after and e.closing is not None and e.closing.failure is not None
        ][:limit]

    async def revive(self) -> int:
        revived = 0
        for entry in self._in("ended"):
            failure = None if entry.closing is None else entry.closing.failure
            if failure is not None and failure.kind != "DuplicateKey":
                entry.state, entry.closing = "pending", None
                revived += 1
        return revived

    async def aclose(self) -> None:
        """Nothing is open."""

    def _in(self, *states: str) -> Iterator[Entry]:
        return (entry for entry in list(self._entries.values()) if entry.state in states)


journal: Journal = MemoryJournal()
