"""What a job would do, before it does it."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from types import TracebackType
from typing import Literal, Self

import attrs
import msgspec

from ...errors import AttioError
from .._journal.protocol import JobState, Journal
from .diff import AttributeChange
from .lookup import Planned
from .report import BulkReport

_PAGE = 500


@attrs.frozen
class PlannedRow:
    """What would be done with one row.

    Attributes:
        index, label: Which row.
        action: What would be done.
        id: The record or entry it is about, where it exists.
        changes: What an update would change, attribute by attribute.
        reason: Why the row cannot be written.
    """

    index: int
    label: int | str
    action: Literal["create", "update", "delete", "invalid"]
    id: str | None = None
    changes: tuple[AttributeChange, ...] = ()
    reason: str | None = None

    def __str__(self) -> str:
        details = self.reason or "; ".join(map(str, self.changes))
        return f"row {self.label}: {self.action}{f' {details}' if details else ''}"


class Plan:
    """What a job would do with each row. Nothing was written.

    ::

        async with await attio.companies.upsert_many(rows, match="domains").plan() as plan:
            print(await plan.table())
            report = await plan.apply()

    Attributes:
        create, update, delete: How many rows would be written.
        unchanged: Rows that are as they should be.
        invalid: Rows that cannot be written: their values do not fit, or what is there contradicts them.
        duplicate: Rows that are not written by themselves, since another one with the same key is.
        stop_reason: Why planning ended early; None when it did not.
    """

    def __init__(
        self,
        journal: Journal,
        state: JobState,
        planned: Mapping[str, int],
        stop_reason: AttioError | str | None,
        apply: Callable[[], Awaitable[BulkReport]],
    ) -> None:
        self.create = planned.get("create", 0)
        self.update = planned.get("update", 0)
        self.delete = planned.get("delete", 0)
        self.unchanged = state.counts.get("unchanged", 0)
        self.invalid = state.counts.get("failed", 0)
        self.duplicate = state.counts.get("duplicate", 0)
        self.stop_reason = stop_reason
        self._title = state.info.title
        self._journal = journal
        self._apply = apply

    def __repr__(self) -> str:
        return f"<Plan {self}>"

    def __str__(self) -> str:
        counts = {
            "to create": self.create,
            "to update": self.update,
            "to delete": self.delete,
            "unchanged": self.unchanged,
            "invalid": self.invalid,
            "duplicate": self.duplicate,
        }
        told = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
        return f"{self._title}: {told or 'no rows'}"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def rows(self) -> AsyncGenerator[PlannedRow]:
        """The rows that would be written, in their order, then those that cannot be."""
        after = -1
        while page := await self._journal.plans(after, _PAGE):
            for claim, encoded in page:
                plan = msgspec.json.decode(encoded, type=Planned)
                changes = tuple(AttributeChange(*change) for change in plan.changes)
                yield PlannedRow(claim.index, claim.label, _action(plan.action), plan.id, changes)
            after = page[-1][0].index
        after = -1
        while letters := await self._journal.dead_letters(after, _PAGE):
            for letter in letters:
                yield PlannedRow(letter.index, letter.label, "invalid", reason=letter.failure.reason)
            after = letters[-1].index

    async def table(self, *, most: int = 50) -> str:
        """The plan as text, a line for each row that would change something; `most` rows, then how many more."""
        lines = [str(self)]
        count = 0
        async for row in self.rows():
            count += 1
            if count <= most:
                lines.append(f"  {row}")
        if count > most:
            lines.append(f"  and {count - most:,} more")
        return "\n".join(lines)

    async def apply(self) -> BulkReport:
        """What became of all rows, after those that change something were written.

        What is there is read again just before, so a change by others since the plan is not undone unseen: what is as it
        should be by now is left alone.
        """
        return await self._apply()

    async def aclose(self) -> None:
        """Forget the plan, unless a journal of its own keeps it."""
        await self._journal.aclose()


async def planned_counts(journal: Journal) -> dict[str, int]:
    """How many of the rows put aside would be created, updated and deleted."""
    counts: dict[str, int] = {}
    after = -1
    while page := await journal.plans(after, _PAGE):
        for _, encoded in page:
            action = msgspec.json.decode(encoded, type=Planned).action
            counts[action] = counts.get(action, 0) + 1
        after = page[-1][0].index
    return counts


def _action(text: str) -> Literal["create", "update", "delete"]:
    return "create" if text == "create" else "delete" if text == "delete" else "update"
