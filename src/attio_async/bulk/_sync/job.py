"""A sync: a job that makes the owned attributes of an object or list equal to a source."""

import os
from collections.abc import Awaitable, Callable, Generator, Iterable
from pathlib import Path
from typing import Literal, TypedDict, cast

import attrs

from ..._records.models import Entry, Record
from ..._schema import ObjectSchema
from ..._utils.checks import check_choice, is_number
from ..._utils.public import public
from ..._utils.text import show
from ..._workspace.arguments import as_list, check_several
from ..._workspace.encode import unique_attribute
from ..._workspace.filters import AnyFilter
from ..._workspace.rows import Nulls, Rows
from ...errors import ConfigurationError
from .._journal.postgres import PostgresJournal, sync_target
from .._write.job import BulkJob, watched
from .._write.options import Duplicates, Guards, JobOptions, ProgressChoice
from .._write.reader import InputRows
from .._write.report import Outcome
from .operation import Flag, Missing, SyncOperation
from .plan import SyncPlan, SyncReport
from .run import SyncRun, SyncSettings
from .state import PostgresSyncState


@public
class SyncOptions(TypedDict, total=False):
    """The further options of a sync.

    Attributes:
        nulls: What an empty value of an owned attribute does: "skip" (by default) leaves the attribute alone, "clear"
            clears it. An attribute that a row does not name is left alone in any case.
        max_missing_ratio: The part of the rows of the last applied run that may have left the source, from 0 to 1;
            0.1 by default. If it is more, nothing is written.
        max_deletes: The number of records that may be deleted, 100 by default. If there are more, nothing is written.
        max_failures: The number of rows that may fail; one more, and no further row is written.
        on_error: See `BulkOptions`, as for all that follow.
        on_outcome: Called with the `Outcome` of each row.
        progress: Called with the `Progress` after each row; True shows it.
        duplicates: The treatment of rows with the same key.
        create_references: Whether records that rows refer to are created.
        workers: The number of rows in flight.
        journal: In place of `state`: a `PostgresJournal`, whose database keeps the state of the sync, too.
    """

    nulls: Nulls
    max_missing_ratio: float
    max_deletes: int
    max_failures: int | None
    on_error: Literal["collect", "stop"]
    on_outcome: Callable[[Outcome], Awaitable[object] | None] | None
    progress: ProgressChoice
    duplicates: Duplicates
    create_references: bool
    workers: int | None
    journal: PostgresJournal | None


@attrs.frozen(kw_only=True)
class SyncSpec:
    """The description of a sync, as a caller gives it.

    Attributes:
        match: The unique attribute to match on; None for entries.
        owned: The attributes that the sync owns.
        missing: What is done with records that left the source.
        state: The state file, or the state in PostgreSQL.
        scope: The records that may be cleared, flagged or deleted.
    """

    match: str | None
    owned: Iterable[str]
    missing: Missing
    state: str | os.PathLike[str] | PostgresSyncState | None
    scope: AnyFilter | None


@public
class SyncJob(BulkJob):
    """A sync. Creating one sends nothing; ``await`` runs it, and ``await sync.plan()`` says what it would do."""

    def __init__(
        self,
        title: str,
        make: Callable[[], Awaitable[SyncOperation]],
        rows: InputRows,
        settings: SyncSettings,
    ) -> None:
        """Create the sync that `sync_to` returns.

        Args:
            title: A verb and the object or list, for people.
            make: Returns the operation, after checking that it can work.
            rows: The source.
            settings: The choices beside the operation.
        """
        super().__init__(title, make, rows, settings.job)
        self._make_sync = make
        self._source = rows
        self._settings = settings

    def __await__(self) -> Generator[object, None, SyncReport]:
        self._is_begun = True
        return watched(self, self._sync).__await__()

    async def plan(self) -> SyncPlan:
        """Return what the sync would do, row by row, after reading the whole source and what exists.

        Nothing is written. A source that raises makes this raise, so that nothing is done about any record. The plan
        keeps the state file open: use it as a context manager.

        Raises:
            CoercionError, ConfigurationError, FilterError, NotFound: The sync cannot work. Nothing was written.
        """
        self._is_begun = True
        run = SyncRun(
            await self._make_sync(),
            self._settings,
            on_start=self._on_start,
            told_to_stop=lambda: self._stop_reason,
        )
        try:
            await run.open()
            return await run.plan(self._source)
        except BaseException:
            await run.aclose()
            raise

    async def _sync(self) -> SyncReport:
        async with await self.plan() as plan:
            return await plan.apply()


def sync(
    title: str,
    locate: Callable[[], Awaitable[Rows[Record] | Rows[Entry]]],
    rows: InputRows,
    spec: SyncSpec,
    options: SyncOptions,
) -> SyncJob:
    """Return a sync. Its options are checked now, and the rest when it begins.

    Raises:
        ConfigurationError: An option is not valid. Nothing was sent.
    """
    check_several(rows, "rows")
    settings = _settings(spec, options)
    nulls, owned = options.get("nulls", "skip"), as_list(spec.owned, "owned")

    async def make() -> SyncOperation:
        located = cast("Rows[Record | Entry]", await locate())
        schema = await located.schema()
        scope = None if spec.scope is None else (await located.conditions(spec.scope)).get("filter")
        match = None if spec.match is None else unique_attribute(schema, spec.match).slug
        slugs = tuple(dict.fromkeys(_owned(schema, name) for name in owned))
        clearable = tuple(s for s in slugs if s != match and not schema.attributes[s].is_required)
        if spec.missing == "clear" and not clearable:
            raise ConfigurationError(
                "none of the owned attributes can be cleared, since they are required or matched on; "
                'own another one, or give missing=flag("...")'
            )
        return SyncOperation(
            target=located,
            schema=schema,
            match=match,
            owned=slugs,
            clearable=clearable,
            nulls=nulls,
            flag=_flag(schema, spec.missing, slugs),
            scope=scope,
        )

    return SyncJob(title, make, rows, settings)


def _settings(spec: SyncSpec, options: SyncOptions) -> SyncSettings:
    """Return the choices of a sync, checked."""
    options = SyncOptions(**options)
    journal = options.pop("journal", None)
    if journal is not None:
        if spec.state is not None:
            raise ConfigurationError("give either state or journal")
        if not isinstance(journal, PostgresJournal):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not be typed
            raise ConfigurationError(
                f"journal must be a PostgresJournal, not {show(journal)}; give state= for a sync that keeps a file"
            )
        target = sync_target(journal)
        state = PostgresSyncState(target.conninfo, name=target.name, epoch=target.epoch)
        spec = attrs.evolve(spec, state=state)
    is_path = spec.state is None or isinstance(spec.state, str | os.PathLike)
    if not is_path and not isinstance(spec.state, PostgresSyncState):
        raise ConfigurationError(f"state must be a path or a PostgresSyncState, not {show(spec.state)}")
    missing = spec.missing
    if not isinstance(missing, Flag):
        check_choice("missing", missing, ("ignore", "clear", "delete"))
    if missing != "ignore" and spec.state is None:
        shown = "a flag" if isinstance(missing, Flag) else f"missing={show(missing)}"
        raise ConfigurationError(
            f"{shown} needs a state file, which knows what was in the source; give state="
        )
    if unknown := sorted({*options} - {*SyncOptions.__annotations__}):
        raise ConfigurationError(f"unknown option {unknown[0]!r} of a sync; see SyncOptions for those it has")
    check_choice("nulls", options.get("nulls", "skip"), ("skip", "clear"))
    ratio, deletes = options.get("max_missing_ratio", 0.1), options.get("max_deletes", 100)
    if not is_number(ratio) or not 0 <= ratio <= 1:
        raise ConfigurationError(f"max_missing_ratio must be from 0 to 1, not {show(ratio)}")
    Guards(max_deletes=deletes)  # which checks it
    return SyncSettings(
        missing=missing,
        state=Path(spec.state) if isinstance(spec.state, str | os.PathLike) else spec.state,
        max_missing_ratio=ratio,
        max_deletes=deletes,
        job=JobOptions(
            guards=Guards(max_failures=options.get("max_failures")),
            on_error=options.get("on_error", "collect"),
            on_outcome=options.get("on_outcome"),
            progress=options.get("progress", False),
            duplicates=options.get("duplicates", "refuse"),
            create_references=options.get("create_references", False),
            workers=options.get("workers"),
        ),
    )


def _owned(schema: ObjectSchema, name: str) -> str:
    attribute = schema.find(name)
    if not attribute.is_writable or attribute.is_archived:
        raise ConfigurationError(f"{attribute.slug} cannot be written, so a sync cannot own it; leave it out")
    return attribute.slug


def _flag(schema: ObjectSchema, missing: Missing, owned: Iterable[str]) -> str | None:
    if not isinstance(missing, Flag):
        return None
    attribute = schema.find(missing.attribute)
    if attribute.type != "checkbox" or attribute.slug in owned:
        reason = "is owned" if attribute.type == "checkbox" else "is not a checkbox"
        raise ConfigurationError(
            f"{attribute.slug} {reason}, so it cannot flag records that left the source; give a checkbox of its own"
        )
    return attribute.slug
