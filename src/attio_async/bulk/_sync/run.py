"""One run of a sync: read the source, find what left it, plan, and apply."""

from collections import Counter
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import attrs

from ..._limits.gate import priority
from ..._schema import owner_ids
from ..._utils.shield import finish
from ...errors import AttioError
from .._journal.protocol import JournalRow
from .._write.decisions import Found
from .._write.diff import Comparer
from .._write.duplicates import deduplicate
from .._write.engine import BulkEngine
from .._write.job import JobRun
from .._write.options import JobOptions
from .._write.plan import count_planned
from .._write.reader import InputRows, PreparedRow, prepare
from .._write.remote_state import RemoteState
from .._write.report import BulkReport
from .operation import Missing, SyncOperation, label_of
from .plan import PlanFacts, SyncPlan, SyncReport
from .state import KnownKey, PostgresSyncState, open_state

_ROWS_PER_COMMIT = 500


@attrs.frozen(kw_only=True)
class SyncSettings:
    """The choices of a sync beside its operation.

    Attributes:
        missing: What is done with records that left the source.
        state: The state file, or the state in PostgreSQL; None for a sync that keeps none.
        max_missing_ratio, max_deletes: The guards.
        job: The options that it shares with other jobs.
    """

    missing: Missing
    state: Path | PostgresSyncState | None
    max_missing_ratio: float
    max_deletes: int
    job: JobOptions


class SyncRun(JobRun):
    """One run of a sync, in one process.

    The whole source is read and planned before anything is written. So a source that raises, or that lacks too much,
    changes nothing.
    """

    def __init__(
        self,
        operation: SyncOperation,
        settings: SyncSettings,
        *,
        on_start: Callable[[BulkEngine], None],
        told_to_stop: Callable[[], str | None],
    ) -> None:
        self._state = open_state(settings.state)
        job = attrs.evolve(settings.job, journal=self._state.journal)
        super().__init__(operation, operation.schema, job, on_start=on_start)
        self._sync = operation
        self._told_to_stop = told_to_stop
        self._settings = settings
        self._remote = RemoteState(operation, create_references=False)
        self._source_rows = 0
        self._rows_without_key = 0
        self._left_earlier = 0
        self._stop_reason: AttioError | str | None = None
        self._withheld: str | None = None

    async def open(self) -> None:
        """Open the state, and account for a run that was killed.

        Raises:
            ConfigurationError: The state is that of another sync, or cannot be used.
        """
        ids = owner_ids(self._sync.schema.attributes.values())
        match = self._sync.match
        attribute = "parent record" if match is None else self._sync.schema.attributes[match].id or match
        await self._state.begin({**ids, "match": attribute})
        await super().open()

    async def aclose(self) -> None:
        """Close the state file."""
        self._sync.source.close()
        await finish(self._state.aclose)

    async def plan(self, rows: InputRows) -> SyncPlan:
        """Read the source, compare it with what exists, and return the plan."""
        with priority("bulk"):
            await self._load(rows)
        engine = await self.work(None, phase="plan")
        if engine.stop_reason is None and self._settings.missing != "ignore":
            if self._rows_without_key:
                count = self._rows_without_key
                rows = "1 row of the source has" if count == 1 else f"{count:,} rows of the source have"
                self._withheld = f"{rows} no valid key, and may be about any record"
            else:
                with priority("bulk"):
                    await self._add_missing()
                engine = await self.work(None, phase="plan")
        counts = await count_planned(self.journal)
        self._stop_reason = engine.stop_reason or await self._violation(counts)
        return SyncPlan(
            self.journal,
            await self.journal.state(),
            PlanFacts(
                counts=counts, stop_reason=self._stop_reason, withheld=self._withheld, notes=self.notes
            ),
            self._apply_plan,
            self.aclose,
        )

    # Reading the source

    async def _load(self, rows: InputRows) -> None:
        prepared = self._noting_keys(prepare(self._operation, rows, "clear"))
        unique = deduplicate(prepared, self._operation, self._options.duplicates, self._schema)
        batch: list[PreparedRow] = []
        async with aclosing(unique):
            async for row in unique:
                batch.append(row)
                if len(batch) == _ROWS_PER_COMMIT:
                    await self._add(batch)
                    batch = []
                    if self._told_to_stop() is not None:
                        return
        await self._add(batch)
        await self.journal.finish(self._source_rows)

    async def _add(self, batch: Sequence[PreparedRow]) -> None:
        await self.journal.add([row.journal_row for row in batch])
        self._source_rows += len(batch)
        for row in batch:
            if row.outcome is not None:
                self.deliver(row.outcome)
        await self.settle()

    async def _noting_keys(self, rows: AsyncGenerator[PreparedRow]) -> AsyncGenerator[PreparedRow]:
        """Yield the rows, and note the keys of all, also of those that will not be written."""
        target = self._sync.target
        comparer = Comparer(await target.schemas.for_reading(target.name, target=target.kind.target))
        noted: list[tuple[int, Sequence[str]]] = []
        async with aclosing(rows):
            async for row in rows:
                keys = await self._keys(row, comparer)
                if keys:
                    noted.append((row.index, keys))
                    self._sync.source.add(keys)
                if len(noted) == _ROWS_PER_COMMIT:
                    await self._state.add_source(noted)
                    noted = []
                yield row
        await self._state.add_source(noted)

    async def _keys(self, row: PreparedRow, comparer: Comparer) -> Sequence[str]:
        try:
            keys = await self._sync.source_keys(row.payload, comparer)
        except AttioError:
            keys = []
        if not keys:
            self._rows_without_key += 1
        return keys

    # What left the source

    async def _add_missing(self) -> None:
        """Add a row for each record that left the source and has to be written."""
        places: dict[str, int] = {}
        after = ""
        while known := await self._state.keys_not_in_source(after, self._sync.chunk_size):
            after = known[-1].text
            comparer = await self._remote.comparer()
            forms = [each.form for each in known]
            records = await self._remote.look_up(self._sync.key_slug, forms, self._sync.scope)
            await self._add_records(records, known, comparer, places)

    async def _add_records(
        self, records: Sequence[Found], known: Sequence[KnownKey], comparer: Comparer, places: dict[str, int]
    ) -> None:
        by_text = {each.text: each for each in known}
        own = await self._own(records)
        rows: list[JournalRow] = []
        noted: list[tuple[str, int | None, str | None]] = []
        for record in records:
            keys = [text for text in self._sync.keys_of(record, comparer) if text in by_text]
            payload = self._sync.plan_missing(record, keys, comparer, is_own=record.id in own)
            if keys and payload is not None and record.id not in places:
                place = places[record.id] = self._source_rows + len(places)
                label = label_of(keys[0])
                rows.append(JournalRow(index=place, label=label, digest=b"", payload=payload.encode()))
                self._left_earlier += not any(by_text[key].was_present for key in keys)
            noted += [(key, places.get(record.id), record.id) for key in keys]
        met = {key for key, _, _ in noted}
        if self._sync.scope is None:
            noted += [(text, None, None) for text in by_text if text not in met]
        await self.journal.add(rows)
        await self._state.add_missing(noted)

    async def _own(self, records: Sequence[Found]) -> Collection[str]:
        """Return the ids of the records to delete, rather than to clear or flag."""
        if self._settings.missing != "delete":
            return ()
        return await self._state.created_among([record.id for record in records])

    async def _violation(self, planned: Mapping[str, int]) -> str | None:
        """Return the guard that the plan exceeds."""
        if self._settings.missing == "ignore" or self._withheld is not None:
            return None
        present, missing = await self._state.counts()
        present, missing = present + self._left_earlier, missing + self._left_earlier
        ratio, deletes = self._settings.max_missing_ratio, planned.get("delete", 0)
        if missing > ratio * present:
            return f"{missing:,} of {present:,} rows left the source, and max_missing_ratio is {ratio}"
        if deletes > self._settings.max_deletes:
            return f"{deletes:,} records would be deleted, and max_deletes is {self._settings.max_deletes}"
        return None

    # Applying

    async def _apply_plan(self) -> SyncReport:
        if self._stop_reason is not None:
            return await self._sync_report(await self.report(self._stop_reason))
        await self._state.start_applying()
        report = await self.apply(None)
        await self._state.take_in(is_complete=report.stop_reason is None)
        return await self._sync_report(report)

    async def _sync_report(self, report: BulkReport) -> SyncReport:
        counts = Counter((await self.journal.state()).counts)
        facts: dict[str, Any] = attrs.asdict(report, recurse=False)
        return SyncReport(
            **facts,
            cleared=counts["cleared"],
            flagged=counts["flagged"],
            withheld=self._withheld,
            drift=list(self._sync.drift.values()),
        )
