"""The plan of a sync, and its report."""

import os
from collections.abc import Awaitable, Callable, Mapping

import attrs

from attio_async_api.json_data import JsonFields

from ..._utils.public import public
from ...errors import AttioError
from .._journal.protocol import JobState, Journal
from .._write.dead_letters import export_dead_letters
from .._write.plan import JobPlan
from .._write.report import BulkReport
from .operation import Drift


@public
@attrs.define(kw_only=True)
class SyncReport(BulkReport):
    """The outcomes of a sync.

    Attributes:
        cleared, flagged: The number of records that left the source and were cleared or flagged; `deleted` counts those
            that were deleted.
        withheld: Why nothing was done about records that left the source; None unless something keeps it back.
        drift: The records that left the source and that others changed between the plan and its application.
    """

    cleared: int = 0
    flagged: int = 0
    withheld: str | None = None
    drift: list[Drift] = attrs.field(factory=list[Drift])

    @property
    def done(self) -> int:
        """Rows that ended."""
        return super().done + self.cleared + self.flagged


@attrs.frozen(kw_only=True)
class PlanFacts:
    """The facts of a plan beside its rows.

    Attributes:
        counts: The number of rows that would be written, by action.
        stop_reason, withheld, notes: See `SyncPlan`.
    """

    counts: Mapping[str, int]
    stop_reason: AttioError | str | None
    withheld: str | None
    notes: Mapping[str, int]


@public
class SyncPlan(JobPlan):
    """The writes that a sync would send. Nothing was written.

    Attributes:
        create, update, unchanged, invalid, duplicate: The number of rows of the source, as in a `JobPlan`.
        clear, flag, delete: The number of records that left the source, by what would be done with them.
        withheld: Why nothing would be done about records that left the source; None unless something keeps it back.
        stop_reason: Why `apply` writes nothing, such as a guard that is exceeded; None if it writes.
    """

    __slots__ = ("_apply_sync", "_close", "clear", "flag", "withheld")

    def __init__(
        self,
        journal: Journal,
        state: JobState,
        facts: PlanFacts,
        apply: Callable[[], Awaitable[SyncReport]],
        close: Callable[[], Awaitable[None]],
    ) -> None:
        super().__init__(journal, state, facts.counts, facts.stop_reason, apply, notes=facts.notes)
        self.clear: int = facts.counts.get("clear", 0)
        self.flag: int = facts.counts.get("flag", 0)
        self.withheld: str | None = facts.withheld
        self._apply_sync = apply
        self._close = close

    def _json_fields(self) -> JsonFields:
        return [
            *super()._json_fields(),
            *((name, getattr(self, name)) for name in ("clear", "flag", "withheld")),
        ]

    def __repr__(self) -> str:
        return f"<SyncPlan {self}>"

    def __str__(self) -> str:
        counts = {
            "create": self.create,
            "update": self.update,
            "clear": self.clear,
            "flag": self.flag,
            "delete": self.delete,
            "equal": self.unchanged,
            "invalid": self.invalid,
            "duplicate": self.duplicate,
        }
        listed = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
        return f"{self._title}: {listed or 'no rows'}"

    async def table(self, *, limit: int = 50) -> str:
        """Return the plan as text, a line for each row that would be written; after `limit` rows only their number."""
        lines = [await super().table(limit=limit)]
        if self.stop_reason is not None:
            lines.append(f"apply writes nothing: {self.stop_reason}")
        if self.withheld is not None:
            lines.append(f"nothing is done about what left the source: {self.withheld}")
        return "\n".join(lines)

    async def apply(self) -> SyncReport:
        """Write what differs, and return the report. Writes nothing if a guard is exceeded.

        What exists is read again just before. `report.drift` has what others changed since the plan on records that
        left the source; those that have a key of the source by now, or left the scope, are left as they are.

        Raises:
            ConfigurationError: The plan was applied already, or is closed. Nothing was sent.
        """
        self._once.use()
        return await self._apply_sync()

    async def export_dead_letters(self, path: str | os.PathLike[str]) -> int:
        """Write the rows that failed to a file, and return their number. The function of that name says how.

        Raises:
            ConfigurationError: The file cannot be created there.
        """
        return await export_dead_letters(self._journal, path)

    async def aclose(self) -> None:
        """Close the state file. A plan that was not applied is discarded."""
        self._once.close()
        await self._close()
