"""Mirrors: a workspace as tables in a database of the caller's own."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

import attrs

from attio_async_api.models.attribute_target import AttributeTarget

from .._limits.gate import priority
from .._resources.lists import AttioList, Lists
from .._resources.objects import AttioObject, Objects
from .._storage.executor import SerialExecutor
from .._utils.checks import check_at_least
from .._utils.clock import Clock
from .._utils.public import public
from .._utils.shield import run_blocking
from .._utils.text import show
from .._workspace.arguments import as_list
from .._workspace.entries import ENTRIES, ENTRY_HISTORY
from .._workspace.identity import identify
from .._workspace.merges import Merges
from .._workspace.records import RECORD_HISTORY, RECORDS
from .._workspace.rows import RowKind, Rows
from .._workspace.schema_cache import SchemaCache
from .._workspace.session import Session
from ..bulk._changes.feed import ENTRY_EVENTS, ITEM_EVENTS, RECORD_EVENTS, DeliveryFeed, FeedOptions
from ..errors import ConfigurationError, PermissionDenied, UnknownName
from ..webhooks import On, WebhookReceiver
from ._duckdb import DuckDBTarget
from ._parquet import ParquetTarget
from ._postgres import PostgresTarget
from ._report import LeftOut, MirrorStatus, RefreshReport, RowCounts, TableReport
from ._sources import (
    MirroredComments,
    MirroredHistory,
    MirroredResource,
    MirroredRows,
    MirrorSource,
    ReadPart,
    gather,
    history_table,
)
from ._tables import RESOURCES, resource_table, table_of
from ._target import Batch, MirroredTable, MirrorSweep, MirrorTarget, OtherShape, TableProgress
from ._watch import RESHAPING_EVENTS, Follow, Told, Watch

T = TypeVar("T")

_RESUME_WITHIN = timedelta(days=1)
"""The age up to which a sweep that was interrupted is resumed."""
_UNSEEN_AT_ONCE = 10_000
_MAX_QUERY_TIMEOUT_S, _MAX_QUERY_ROWS = 2_000_000, 2_000_000_000
"""What databases and threads can count to; more is the same as no bound."""
_BY_DEFAULT = ("members", "notes", "tasks", "meetings")

Everything = Literal["all"]


@public
class MirrorFile:
    """A mirror that is there already: read it, and forget people. Needs no client.

        async with MirrorFile("crm.duckdb") as mirror:
            rows = await mirror.sql("SELECT name FROM companies")

    Args:
        where: The path of the DuckDB file.

    Raises:
        ConfigurationError: It is not a path.
    """

    def __init__(self, where: str | os.PathLike[str]) -> None:
        self._target: MirrorTarget = target_of(where)
        self._executor = SerialExecutor()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._target.where}>"

    async def sql(
        self,
        query: str,
        *,
        timeout: float = 30.0,  # noqa: ASYNC109 - of the database, which is interrupted then
        max_rows: int = 100_000,
    ) -> list[dict[str, Any]]:
        """Run one SELECT on the last complete sweep, and return its rows. Nothing is sent.

        Tables are those of Attio's own SQL: ``companies`` is short for ``objects.companies``, and ``lists.sales`` has the
        entries of a list. ``mirror.notes`` and its like, ``_changes`` and ``_deleted`` are there besides.

        Args:
            query: The query, in the dialect of DuckDB.
            timeout: Seconds that it may take.
            max_rows: The most rows that it may find.

        Raises:
            ConfigurationError: The query is not one SELECT, is not valid, takes too long or finds too much, or the
                mirror was never refreshed.
        """
        if not isinstance(query, str):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not be typed
            raise ConfigurationError(f"the SQL query must be a text, not {show(query)}")
        try:
            query.encode()
        except UnicodeEncodeError:
            raise ConfigurationError(
                "the SQL query has half of a surrogate pair, which is not text"
            ) from None
        check_at_least(0.001, timeout=timeout)
        check_at_least(1, max_rows=max_rows)
        timeout, max_rows = min(timeout, _MAX_QUERY_TIMEOUT_S), min(max_rows, _MAX_QUERY_ROWS)
        return await run_blocking(partial(self._target.query, query, timeout=timeout, max_rows=max_rows))

    async def status(self) -> MirrorStatus:
        """Return what the mirror has, and as of when. Nothing is sent.

        Raises:
            ConfigurationError: It was never refreshed, is not a mirror, or has another format.
        """
        return await run_blocking(self._target.status)

    async def forget(self, *ids: str) -> int:
        """Remove what the mirror has about these records, for people who must be forgotten. Nothing is sent.

        Rows, entries, notes, comments and histories go, and so do their lines in the log of changes and those of records
        that are known to be merged into these. The file is written anew, so that nothing is left in it. References of
        other records to them stay, which are ids. What is still in Attio comes back with the next refresh: delete it
        there first.

        Args:
            ids: The ids of records, entries, members or notes.

        Returns:
            The number of rows and lines removed.

        Raises:
            ConfigurationError: No id was given, or another process is writing the mirror.
            StorageError: The disk is full, or cannot be written.
        """
        if not ids or not all(map(_is_text, ids)):
            raise ConfigurationError("give the ids of the records to forget, each as a text")
        return await self._executor.run(partial(_forget, self._target, ids))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the mirror, after the work in progress. A later use opens it again."""
        await self._executor.finish(self._target.close)


_MISREAD_BY_DUCKDB = frozenset("?\\")
"""Options of a connection begin with the one, and folders end with the other."""


def target_of(where: str | os.PathLike[str]) -> MirrorTarget:
    """Return the target of an address or a path. One that ends with a slash, or leads to a folder, is of Parquet files.

    Raises:
        ConfigurationError: It is neither, or a path that DuckDB cannot open.
    """
    if not isinstance(where, str | os.PathLike):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not be typed
        raise ConfigurationError("a mirror is kept at a path, such as 'crm.duckdb'")
    if isinstance(where, str) and where.startswith(("postgresql://", "postgres://")):
        return PostgresTarget(where)
    path = Path(where)
    if os.name == "posix" and not _MISREAD_BY_DUCKDB.isdisjoint(str(path.absolute())):
        raise ConfigurationError(
            f"DuckDB opens no file with a question mark or a backslash in its path, as in {path}; give another path"
        )
    if os.fspath(where).endswith(("/", os.sep)) or path.is_dir():
        return ParquetTarget(path)
    return DuckDBTarget(path)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _forget(target: MirrorTarget, ids: Sequence[str]) -> int:
    try:
        target.open()
        count = target.forget(ids)
        target.publish()
    finally:
        target.close()
    return count


@attrs.frozen
class Coverage:
    """The parts of a workspace that a mirror covers, as the caller gave them."""

    objects: Sequence[str] | Everything
    lists: Sequence[str] | Everything
    also: Sequence[str]
    history: Sequence[str]


@public
class Mirror(MirrorFile):
    """A workspace as tables in a DuckDB file, which `refresh` brings up to date.

    Made by `Attio.mirror`. Any number of readers may have the file open while it is refreshed: they see the last
    complete sweep.
    """

    def __init__(
        self,
        session: Session,
        schemas: SchemaCache,
        merges: Merges,
        where: str | os.PathLike[str],
        *,
        objects: Iterable[str] | Everything = "all",
        lists: Iterable[str] | Everything = "all",
        also: Iterable[str] | Everything = _BY_DEFAULT,
        history: Iterable[str] = (),
        retention: timedelta | None = None,
    ) -> None:
        super().__init__(where)
        self._session = session
        self._schemas = schemas
        self._merges = merges
        self._coverage = Coverage(
            objects="all" if objects == "all" else as_list(objects, "objects"),
            lists="all" if lists == "all" else as_list(lists, "lists"),
            also=tuple(RESOURCES) if also == "all" else as_list(also, "also"),
            history=as_list(history, "history"),
        )
        unknown = [each for each in self._coverage.also if each not in RESOURCES]
        if unknown:
            raise UnknownName("part of a workspace", unknown[0], available=tuple(RESOURCES))
        if retention is not None and not retention > timedelta(0):
            raise ConfigurationError("retention must be more than nothing, such as timedelta(days=365)")
        self._retention = retention
        self._watches: list[Watch] = []
        self._workspace_id = ""
        self._complete: Mapping[str, MirrorSource] = {}

    async def refresh(self) -> RefreshReport:
        """Read what the mirror covers, and bring its tables up to date in one transaction.

        The API cannot be asked for changes, so everything is read; only what differs is written. A refresh that is
        interrupted changes nothing; the next one goes on where it stopped. What the token may not read is in the
        report, and its table stays as it is.

        Raises:
            ConfigurationError: The file holds something else or another workspace, another process is refreshing it,
                or an object, list or attribute is unknown.
            StorageError: The disk is full, or cannot be written.
            AttioError: Reading failed. The tables are as the last refresh left them.
        """
        return await self._refresh(None)

    def watch(self, *, every: float, receiver: WebhookReceiver | None = None) -> AsyncIterator[RefreshReport]:
        """Refresh again and again: an async iterator over the reports.

        With a receiver, what its webhooks tell of is in the tables about a second after the delivery: these records,
        entries, notes, tasks and comments are read again, and written in a sweep of their own, whose report is
        `is_partial`. Deliveries of half a second become one sweep. Each is kept until it is committed; those that never
        came, and what webhooks do not tell, are found by the next complete refresh. An event about lists or attributes,
        and deliveries about more than a fifth of all rows, lead to one at once. Running the receiver is up to you.

        Iterating further after an error refreshes again. Closing the mirror ends it.

        Args:
            every: Seconds from the end of a complete refresh to the next one.
            receiver: A receiver whose webhooks have the `subscriptions` of the mirror.

        Raises:
            ConfigurationError: `every` is negative. While iterating: another watch follows deliveries for this mirror.
            AttioError: As of `refresh`.
        """
        check_at_least(0, every=every)
        clock = self._session.pipeline.clock
        if receiver is None:
            return _Refreshes(self.refresh, clock, every)
        make_feed = partial(self._feed, receiver)
        name = f"mirror {self._target.where}"
        watch = Watch(self._refresh, self._read_again, make_feed, receiver, clock, every=every, name=name)
        self._watches.append(watch)
        return watch

    @property
    def subscriptions(self) -> tuple[On, ...]:
        """The subscriptions of a webhook for `watch`: ``await attio.webhooks.create(url, mirror.subscriptions)``."""
        wanted = self._coverage
        objects: Sequence[str | None] = (None,) if wanted.objects == "all" else wanted.objects
        lists: Sequence[str | None] = (None,) if wanted.lists == "all" else wanted.lists
        also = [event for name, events in ITEM_EVENTS.items() if name in wanted.also for event in events]
        return (
            *(On(event, object=name) for name in objects for event in RECORD_EVENTS),
            *(On(event, list=name) for name in lists for event in ENTRY_EVENTS),
            *(On(event) for event in (*also, *RESHAPING_EVENTS)),
        )

    async def aclose(self) -> None:
        """Close the mirror, after the work in progress. A later use opens it again."""
        try:
            while self._watches:
                await self._watches.pop().aclose()
        finally:
            await super().aclose()

    async def _refresh(self, follow: Follow | None) -> RefreshReport:
        """Refresh, and call a function with what is read before it is."""
        try:
            with priority("bulk"):
                return await self._read_all(follow)
        finally:
            await self._executor.finish(self._target.close)

    async def _read_all(self, follow: Follow | None) -> RefreshReport:
        start = self._session.pipeline.clock.monotonic()
        began_at = self._now()
        left_out: list[LeftOut] = []
        # Opening takes no longer than the first requests.
        opened = partial(self._executor.run, self._target.open)
        reads = (opened, partial(identify, self._session), self._objects, partial(self._lists, left_out))
        _, identity, objects, lists = await gather(reads, lambda read: read())
        sources = await self._sources(objects, lists, left_out)
        if follow is not None:
            await follow(sources)
        sweep = MirrorSweep(
            workspace_id=identity.workspace_id or "",
            tables=tuple(table for source in sources for table in _tables(source)),
            began_at=began_at,
            resumable_from=began_at - _RESUME_WITHIN,
        )
        report, read = await self._sweep(sweep, sources, self._read, left_out, start)
        self._workspace_id = sweep.workspace_id
        self._complete = {source.table.id: source for source in read}
        return report

    async def _read_again(self, told: Told) -> RefreshReport | None:
        """Read again what a feed told of, of those tables that the last refresh read."""
        start = self._session.pipeline.clock.monotonic()
        sources = [_by_id(source) for id_, source in self._complete.items() if id_ in told.ids]
        if not sources:
            return None
        for old, new in told.into.items():
            await self._merges.add(new, old)

        async def read(source: MirrorSource, known: TableProgress) -> int:
            return await self._read_some(source, known, told.ids[source.table.id])

        began_at = self._now()
        sweep = MirrorSweep(
            workspace_id=self._workspace_id,
            tables=tuple(table for source in sources for table in _tables(source)),
            began_at=began_at,
            resumable_from=began_at,
            is_partial=True,
        )
        try:
            await self._executor.run(self._target.open)
            report, _ = await self._sweep(sweep, sources, read, [], start)
        finally:
            await self._executor.finish(self._target.close)
        return report

    async def _sweep(
        self,
        sweep: MirrorSweep,
        sources: Sequence[MirrorSource],
        read: Callable[[MirrorSource, TableProgress], Awaitable[int]],
        left_out: list[LeftOut],
        start: float,
    ) -> tuple[RefreshReport, Sequence[MirrorSource]]:
        """Read sources and commit what was found, and return the report and the sources that were read to their end."""
        run = self._executor.run
        progress = await run(partial(self._target.begin, sweep))
        counts: dict[str, int] = {}
        complete: list[MirrorSource] = []
        for source in sources:
            known = progress.get(source.table.id, TableProgress())
            try:
                counts[source.table.id] = await read(source, known)
            except PermissionDenied as error:
                left_out.append(_left_out(source.table.name, error))
            else:
                complete.append(source)
        tables = [table for source in complete for table in _tables(source)]
        committed = await run(partial(self._target.commit, tables, at=self._now(), retention=self._retention))
        is_published = await run(self._target.publish)
        report = RefreshReport(
            sweep=committed.sweep,
            began_at=sweep.began_at,
            seconds=self._session.pipeline.clock.monotonic() - start,
            is_resumed=bool(progress),
            tables=tuple(
                TableReport(
                    table=table.name,
                    read=counts.get(table.history_of or table.id, 0),
                    rows=committed.counts.get(table.id, RowCounts()),
                )
                for table in tables
            ),
            schema_changes=committed.schema_changes,
            left_out=tuple(left_out),
            is_published=is_published,
            is_partial=sweep.is_partial,
        )
        return report, complete

    async def _read(self, source: MirrorSource, known: TableProgress) -> int:
        """Read a table to its end, and return how many rows it has."""
        if known.is_read:
            return known.read
        run, take = self._executor.run, _Take(self._executor.run, self._target, source, known)
        await source.read(known.token, take)
        while unseen := await run(partial(self._target.unseen, source.table, _UNSEEN_AT_ONCE)):
            gone = await source.find(unseen, take)
            await run(partial(self._target.drop, source.table, gone))
        await self._end(source)
        return take.count

    async def _read_some(self, source: MirrorSource, known: TableProgress, ids: Mapping[str, bool]) -> int:
        """Read some rows of a table by their ids, and return how many there are; the values are True for those told gone."""
        take = _Take(self._executor.run, self._target, source, known)
        found = await source.read_again(list(ids), take)
        # One that is gone and was not told to be is left to its own event, or to the next refresh.
        gone = {id_: into for id_, into in found.items() if ids[id_]}
        await self._executor.run(partial(self._target.drop, source.table, gone))
        await self._check_shape(source)
        await self._end(source)
        return take.count

    async def _check_shape(self, source: MirrorSource) -> None:
        """Reject a table whose object or list has other attributes by now, as far as the rows that were read show it.

        Raises:
            OtherShape: It has.
        """
        if isinstance(source, MirroredRows):
            table = source.table.table
            schema = await source.rows.schema()
            if table_of(schema, source.rows.kind.target, table.name, table.objects).columns != table.columns:
                raise OtherShape

    async def _end(self, source: MirrorSource) -> None:
        for table in _tables(source):
            await self._executor.run(partial(self._target.complete, table))

    def _feed(
        self, receiver: WebhookReceiver, sources: Sequence[MirrorSource], on_hint: Callable[[], None]
    ) -> DeliveryFeed:
        """Return a feed of what a refresh reads. The mirror itself is what is seen, so the feed keeps no copy of it."""
        followed = [source.table for source in sources]
        options = FeedOptions(
            objects={each.id: None for each in followed if each.table.schema == "objects"},
            lists={each.id: None for each in followed if each.table.schema == "lists"},
            also=[each.id for each in followed if each.id in ITEM_EVENTS],
            receiver=receiver,
            is_swept=False,
            on_hint=on_hint,
            name=f"of {self._target.where}",
        )
        return DeliveryFeed(self._session, self._schemas, self._merges, self._target.feed_path, options)

    # What is read

    async def _objects(self) -> Sequence[AttioObject]:
        return await Objects(self._session).list()

    async def _lists(self, left_out: list[LeftOut]) -> Sequence[AttioList]:
        """Return the lists, and add them to a list if the token may not read them."""
        if not self._coverage.lists:
            return ()
        try:
            return await Lists(self._session).list()
        except PermissionDenied as error:
            left_out.append(_left_out("lists", error))
            return ()

    async def _sources(
        self, objects: Sequence[AttioObject], lists: Sequence[AttioList], left_out: list[LeftOut]
    ) -> list[MirrorSource]:
        """Return what is read, and add what the token may not read to a list."""
        ids = {each.api_slug: str(each.id) for each in objects}
        wanted = self._coverage
        named = [(each.api_slug, str(each.id), each.plural_noun) for each in objects]
        chosen = _chosen("objects", wanted.objects, named)
        if not any(each.name == "lists" for each in left_out):
            named = [(each.api_slug, str(each.id), each.name or "") for each in lists]
            chosen += _chosen("lists", wanted.lists, named)

        async def read(place: tuple[AttributeTarget, str, str]) -> MirroredRows | LeftOut:
            target, slug, id_ = place
            try:
                return await self._rows(slug, id_, target, ids)
            except PermissionDenied as error:
                return _left_out(f"{target}.{slug}", error)

        read_ones = await gather(chosen, read)
        left_out += [each for each in read_ones if isinstance(each, LeftOut)]
        rows = [each for each in read_ones if isinstance(each, MirroredRows)]
        histories = self._histories(rows)
        rows = [attrs.evolve(source, histories=histories.get(source.table.id, ())) for source in rows]
        tables = [MirroredTable(name, resource_table(name, ids)) for name in wanted.also]
        return [*rows, *(self._resource(table, rows) for table in tables)]

    def _resource(self, table: MirroredTable, rows: Sequence[MirroredRows]) -> MirrorSource:
        if table.id != "comments":
            return MirroredResource(table, self._session)
        return MirroredComments(table, self._session, [source.rows for source in rows])

    async def _rows(
        self, slug: str, id_: str, target: AttributeTarget, objects: Mapping[str, str]
    ) -> MirroredRows:
        """Return the records of an object, or the entries of a list, with the table that they have now."""
        self._schemas.forget(slug, target=target)
        schema = await self._schemas.get(slug, target=target)
        kind: RowKind[Any] = RECORDS if target == "objects" else ENTRIES
        table = MirroredTable(id_, table_of(schema, target, slug, objects))
        return MirroredRows(table, Rows(self._session, self._schemas, slug, kind), self._merges)

    def _histories(self, rows: Sequence[MirroredRows]) -> Mapping[str, Sequence[MirroredHistory]]:
        """Return the histories to read, by the ids of the tables that they are of."""
        found: dict[str, list[MirroredHistory]] = {}
        taken = set[str]()
        for name in self._coverage.history:
            owner, _, attribute = name.rpartition(".")
            source = next((one for one in rows if owner in {one.table.table.name, one.table.name}), None)
            if source is None:
                raise UnknownName(
                    "object or list", owner, available=tuple(one.table.table.name for one in rows)
                )
            field = next((one for one in source.table.table.fields if one.name == attribute), None)
            if field is None:
                known = tuple(one.name for one in source.table.table.fields)
                raise UnknownName(f"attribute of {owner}", attribute, available=known)
            history = RECORD_HISTORY if source.table.table.schema == "objects" else ENTRY_HISTORY
            table = history_table(source.table, field, taken)
            taken.add(table.table.name.lower())
            one = MirroredHistory(table, source.rows, history, self._stale)
            found.setdefault(source.table.id, []).append(one)
        return found

    async def _stale(self, table: MirroredTable, digests: Mapping[str, int]) -> Collection[str]:
        return await self._executor.run(partial(self._target.stale, table, digests))

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._session.pipeline.clock.time(), UTC)


class _Take:
    """Stages the parts of a table that are read, and counts its rows."""

    def __init__(
        self,
        run: Callable[[Callable[[], Any]], Awaitable[Any]],
        target: MirrorTarget,
        source: MirrorSource,
        known: TableProgress,
    ) -> None:
        self._run = run
        self._target = target
        self._table = source.table
        self._token = known.token
        self.count = known.read

    async def __call__(self, table: MirroredTable, part: ReadPart) -> None:
        is_own = table is self._table
        if is_own and part.token is not None:
            self._token = part.token
        await self._run(partial(self._stage, table, part, self._token if is_own else None))
        if is_own:
            self.count += len(part.digests)

    def _stage(self, table: MirroredTable, part: ReadPart, token: str | None) -> None:
        """Stage a part. One call in the thread does it all, since each has to wait for the thread and for the loop."""
        stale = self._target.stale(table, part.digests)
        rows = part.rows(stale) if stale else ()
        self._target.take(table, Batch(part.digests, stale, rows, token))


class _Refreshes:
    """The reports of refreshes, with pauses between them."""

    def __init__(self, refresh: Callable[[], Awaitable[RefreshReport]], clock: Clock, pause: float) -> None:
        self._refresh = refresh
        self._clock = clock
        self._pause = pause
        self._is_begun = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> RefreshReport:
        if self._is_begun:
            await self._clock.sleep(self._pause)
        self._is_begun = True
        return await self._refresh()


def _tables(source: MirrorSource) -> list[MirroredTable]:
    return [source.table, *(history.table for history in source.histories)]


def _by_id(source: MirrorSource) -> MirrorSource:
    """Return a source that names its object or list by its id, as the feed does: one schema is cached for both."""
    if not isinstance(source, MirroredRows):
        return source
    rows = attrs.evolve(source.rows, name=source.table.id)
    histories = [attrs.evolve(history, rows=rows) for history in source.histories]
    return attrs.evolve(source, rows=rows, histories=histories)


def _left_out(name: str, error: PermissionDenied) -> LeftOut:
    return LeftOut(name=name, reason=error.message, missing_scopes=error.missing_scopes)


def _chosen(
    target: AttributeTarget, wanted: Sequence[str] | Everything, known: Sequence[tuple[str, str, str]]
) -> list[tuple[AttributeTarget, str, str]]:
    """Return the slugs and ids of those that are wanted, by slug or id, and else by title.

    Raises:
        UnknownName: One is unknown.
    """
    chosen: dict[str, tuple[AttributeTarget, str, str]] = {}
    by_name: dict[str, tuple[AttributeTarget, str, str]] = {}
    for place in (2, 1, 0):  # a slug is its own object's, whatever others are titled
        by_name |= {each[place]: (target, each[0], each[1]) for each in reversed(known)}
    for name in [id_ for _, id_, _ in known] if wanted == "all" else wanted:
        found = by_name.get(name)
        if found is None:
            raise UnknownName(target.removesuffix("s"), name, available=tuple(slug for slug, _, _ in known))
        chosen[found[2]] = found
    return list(chosen.values())
