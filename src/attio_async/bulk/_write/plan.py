"""Plans: the writes of a job, before it sends them."""

from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Literal

import attrs
import msgspec

from attio_async_api.json_data import JsonData, JsonFields

from ..._storage.stored import reading_stored
from ..._utils.public import public
from ..._workspace.plan import Plan
from ...errors import AttioError, ConfigurationError
from .._journal.protocol import HeldRow, JobState, Journal, read_pages
from .diff import AttributeChange
from .report import BulkReport
from .writer import StoredPlan


@public
@attrs.frozen
class PlannedRow(JsonData):
    """The plan of one row.

    Attributes:
        index, label: The row.
        action: What would be done.
        id: The record or entry, where it exists.
        changes: What an update would change, attribute by attribute.
        reason: Why an invalid row cannot be written.
    """

    index: int
    label: int | str
    action: Literal["create", "update", "clear", "flag", "delete", "invalid"]
    id: str | None = None
    changes: tuple[AttributeChange, ...] = ()
    reason: str | None = None

    def __str__(self) -> str:
        details = self.reason or "; ".join(map(str, self.changes))
        return f"row {self.label}: {self.action}{f' {details}' if details else ''}"


@public
@attrs.frozen
class MissingReference(JsonData):
    """A record that rows refer to by a unique value, and that does not exist.

    Attributes:
        object: The object of the record.
        attribute: Its unique attribute.
        value: The value that no record has.
        rows: The number of rows that refer to it.
        may_be_created: True if the job, or one before it, may create the record before these rows are written.
    """

    object: str
    attribute: str
    value: Any
    rows: int
    may_be_created: bool = False

    def __str__(self) -> str:
        return f"{self.object} with {self.value!r} as {self.attribute}"


class Once:
    """The use of a plan, which may be applied once, and not after it is closed."""

    __slots__ = ("_end",)

    def __init__(self) -> None:
        self._end: str | None = None

    def use(self) -> None:
        """Note that the plan is applied.

        Raises:
            ConfigurationError: It was applied already, or is closed.
        """
        if self._end is not None:
            raise ConfigurationError(f"the plan {self._end}; make a new one with plan()")
        self._end = "was applied already"

    def close(self) -> None:
        """Note that the plan is closed."""
        self._end = self._end or "is closed"


@public
class JobPlan(Plan[BulkReport]):
    """The writes that a job would send for each row. Nothing was written.

    ::

        async with await attio.companies.upsert_many(rows, match="domains").plan() as plan:
            print(await plan.table())
            report = await plan.apply()

    Attributes:
        create, update, delete: The number of rows that would be written.
        unchanged: The number of rows that would change nothing.
        invalid: The number of rows that cannot be written: their values are invalid, contradict what exists, or refer to
            records that do not exist.
        duplicate: The number of rows that would not be written themselves, because another one with the same key is.
        stop_reason: Why planning ended early; None when it did not.
        notes: What was guessed or left out of values, such as the parts of a name, and in how many rows.
        missing_references: Records that rows refer to and that do not exist; the first 10,000. Rows that refer to one
            are invalid, unless it may be created before them.
    """

    __slots__ = (
        "_apply",
        "_journal",
        "_once",
        "_title",
        "create",
        "delete",
        "duplicate",
        "invalid",
        "missing_references",
        "notes",
        "stop_reason",
        "unchanged",
        "update",
    )

    def __init__(
        self,
        journal: Journal,
        state: JobState,
        planned: Mapping[str, int],
        stop_reason: AttioError | str | None,
        apply: Callable[[], Awaitable[BulkReport]],
        *,
        notes: Mapping[str, int] | None = None,
        missing: Sequence[MissingReference] = (),
    ) -> None:
        self.create: int = planned.get("create", 0)
        self.update: int = planned.get("update", 0)
        self.delete: int = planned.get("delete", 0)
        self.unchanged: int = state.counts.get("unchanged", 0) + planned.get("unchanged", 0)
        self.invalid: int = state.counts.get("failed", 0) + planned.get("invalid", 0)
        self.duplicate: int = state.counts.get("duplicate", 0)
        self.stop_reason: AttioError | str | None = stop_reason
        self.notes: dict[str, int] = dict(notes or {})
        self.missing_references: tuple[MissingReference, ...] = tuple(missing)
        self._title = state.info.title
        self._journal = journal
        self._apply = apply
        self._once = Once()

    def _json_fields(self) -> JsonFields:
        names = ("create", "update", "delete", "unchanged", "invalid", "duplicate", "stop_reason")
        return [("title", self._title), *((name, getattr(self, name)) for name in names)]

    def __repr__(self) -> str:
        return f"<JobPlan {self}>"

    def __str__(self) -> str:
        counts = {
            "to create": self.create,
            "to update": self.update,
            "to delete": self.delete,
            "unchanged": self.unchanged,
            "invalid": self.invalid,
            "duplicate": self.duplicate,
        }
        listed = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
        return f"{self._title}: {listed or 'no rows'}"

    async def rows(self) -> AsyncGenerator[PlannedRow]:
        """Yield the rows that would be written, in their order, then those that cannot be."""
        async with aclosing(read_pages(self._journal.held)) as held:
            async for page in held:
                for row in filter(None, map(_planned, page)):
                    yield row
        async with aclosing(read_pages(self._journal.dead_letters)) as letters:
            async for letter_page in letters:
                for letter in letter_page:
                    yield PlannedRow(letter.index, letter.label, "invalid", reason=letter.failure.reason)

    async def table(self, *, limit: int = 50) -> str:
        """Return the plan as text, a line for each row that would be written; after `limit` rows only their number."""
        lines = [str(self), *(f"  {what} in {count:,} rows" for what, count in self.notes.items())]
        if self.missing_references:
            count, first = len(self.missing_references), self.missing_references[0]
            lines.append(f"  {count:,} records that rows refer to do not exist, such as {first}")
        count = 0
        async for row in self.rows():
            count += 1
            if count <= limit:
                lines.append(f"  {row}")
        if count > limit:
            lines.append(f"  and {count - limit:,} more")
        return "\n".join(lines)

    async def apply(self) -> BulkReport:
        """Write the rows that change something and return the report of the job.

        What exists is read again just before, so that changes by others since the plan are respected: rows that would
        change nothing by now are not written.

        Raises:
            ConfigurationError: The plan was applied already, or is closed. Nothing was sent.
        """
        self._once.use()
        return await self._apply()

    async def aclose(self) -> None:
        """Discard the plan, unless a journal of the caller's keeps it."""
        self._once.close()
        await self._journal.aclose()


def _planned(row: HeldRow) -> PlannedRow | None:
    """Return the plan of a row; None where nothing would be written."""
    plan = _stored(row)
    if plan.action == "unchanged":
        return None
    changes = tuple(AttributeChange(*change) for change in plan.changes)
    return PlannedRow(row.index, row.label, plan.action, plan.id, changes, plan.reason)


async def count_planned(journal: Journal) -> Counter[str]:
    """Return how many of the held rows would be created, updated, deleted and left as they are, and how many are invalid."""
    counts: Counter[str] = Counter()
    async with aclosing(read_pages(journal.held)) as pages:
        async for page in pages:
            counts.update(_stored(row).action for row in page)
    return counts


def _stored(row: HeldRow) -> StoredPlan:
    with reading_stored("a row of the journal"):
        return msgspec.json.decode(row.plan, type=StoredPlan)
