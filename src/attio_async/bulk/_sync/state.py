"""The state of a sync: the keys present at applied runs, and the journal of the current run.

Both are in one database, so that a run that was killed is accounted for before the next one: what it certainly created
counts as created by the sync, and the keys that it wrote, or may have written, count as present.
"""

import json
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar

import attrs
import msgspec

from ..._storage.database import SQLConnection, SQLDatabase, load_statements, run_many
from ..._storage.postgres import PostgresDatabase, PostgresFormat, load_postgres_statements
from ..._storage.sqlite import SQLiteDatabase, SQLiteFormat
from ..._storage.stored import differing_parts, reading_stored
from ..._utils.checks import check_count
from ..._utils.clock import Clock, SystemClock
from ..._utils.public import public
from ...errors import AttioError, ConfigurationError, JobSuperseded
from .._journal import postgres, sqlite
from .._journal.sql import EpochFence, SQLJournal

T = TypeVar("T")

_SQLITE = load_statements(__name__, "state.sql", "sqlite.sql")
_POSTGRES = load_postgres_statements(__name__, "state.sql", "postgres.sql")
_SQLITE_FORMAT = SQLiteFormat(
    purpose="sync state",
    application_id=0x4174537A,
    tables=f"{sqlite.STATEMENTS['tables']}\n{_SQLITE['tables']}",
    version=1,
)
_POSTGRES_FORMAT = PostgresFormat(purpose="sync state", tables=_POSTGRES["tables"])

_FOLD = ("fold_known", "fold_created", "fold_deleted_keys", "fold_deleted_ids")
"""Take what a run did into the state."""
_COMPLETE = ("forget_gone", "note_present")
"""Take in besides which keys left the source, and forget those that no record has any more."""
_FORGET_RUN = ("forget_source", "forget_missing")
_LOCK_TRIES, _LOCK_PAUSE_S = 20, 0.1
_FORGET_ALL = (*_FORGET_RUN, "forget_known", "forget_created", "forget_sync", "forget_rows", "forget_job")


@attrs.frozen
class KnownKey:
    """A key that was present at an applied run and is not in the source now.

    Attributes:
        text: The key as the state keeps it.
        was_present: Whether it was in the source at the last applied run.
    """

    text: str
    was_present: bool

    @property
    def form(self) -> Hashable:
        """The form of the value that is the key."""
        return form_of(self.text)


def key_text(form: Hashable) -> str:
    """Return a key as the state keeps it."""
    return msgspec.json.encode(form, order="deterministic").decode()


def form_of(key: str) -> Hashable:
    """Return the form of the value that is a key."""
    form: Hashable = json.loads(key)
    return form


class SyncState:
    """The state of one sync, which belongs to one process at a time.

    Args:
        database: The database.
        statements: Its statements by name.
        journal_statements: The statements of its journal by name.
        fence: The job of the journal, and the epoch of the current run.
        sync: The name of the sync in the database.
        shown: The state in words, for messages.

    Attributes:
        journal: The journal of the current run.
    """

    def __init__(
        self,
        database: SQLDatabase[Any],
        statements: Mapping[str, str],
        journal_statements: Mapping[str, str],
        fence: EpochFence,
        *,
        sync: str,
        shown: str,
    ) -> None:
        self.journal = SQLJournal(database, journal_statements, fence, lease=None)
        self._fence = fence
        self._database = database
        self._sql = statements
        self._words: dict[str, Any] = {"sync": sync, "job": fence.job}
        self._shown = shown
        self._is_over = False

    async def begin(self, subject: Mapping[str, Any]) -> None:
        """Take in what an earlier run did, and begin a new one.

        Args:
            subject: The ids of the workspace, the object and the attribute to match on, by what they are.

        Raises:
            ConfigurationError: The state is that of another sync, belongs to another process, or cannot be used.
            JobSuperseded: Another process began a run with a higher epoch.
        """
        self._is_over = False
        await self._do(lambda database: self._begin(database, subject))

    def _begin(self, database: SQLConnection, subject: Mapping[str, Any]) -> None:
        for kept, phase in self._execute(database, "sync").fetchall():
            self._check(kept, subject)
            if phase == "applying":
                self._execute(database, *_FOLD)
        self._forget_run(database)
        self._execute(database, "begin", subject=json.dumps(subject))

    def _forget_run(self, database: SQLConnection) -> None:
        self._execute(database, *_FORGET_RUN)
        self._fence.discard(database)

    def _check(self, kept: str, subject: Mapping[str, Any]) -> None:
        with reading_stored(self._shown):
            differing = differing_parts(json.loads(kept), subject) if json.loads(kept) != subject else ""
        if differing:
            raise ConfigurationError(
                f"{self._shown} is the state of another sync: the {differing}; give each sync a state of its own"
            )

    async def add_source(self, keys: Sequence[tuple[int, Sequence[str]]]) -> None:
        """Add the keys of rows of the source, by the places of the rows."""
        rows = [{"key": key, "place": place, "owner": texts[0]} for place, texts in keys for key in texts]
        await self._run_many("add_source", rows)

    async def counts(self) -> tuple[int, int]:
        """Return how many rows were present at the last applied run, and how many of them left the source since."""
        ((present, missing),) = await self._fetch("key_counts")
        return present, missing

    async def keys_not_in_source(self, after: str, limit: int) -> Sequence[KnownKey]:
        """Return at most `limit` keys beyond the key `after` that were present at an applied run and are not now."""
        rows = await self._fetch("keys_not_in_source", after=after, limit=limit)
        return [KnownKey(key, bool(is_present)) for key, is_present in rows]

    async def created_among(self, ids: Sequence[str]) -> Collection[str]:
        """Return those of the records that this sync created."""
        return {id_ for (id_,) in await self._fetch("created_among", ids=json.dumps(ids))}

    async def add_missing(self, rows: Sequence[tuple[str, int | None, str | None]]) -> None:
        """Add keys that left the source, each with the place of its row and the id of its record, if it has one."""
        await self._run_many("add_missing", [{"key": key, "place": at, "id": id_} for key, at, id_ in rows])

    async def start_applying(self) -> None:
        """Note that writes are sent from now on."""
        await self._do(lambda database: self._execute(database, "set_phase", phase="applying"))

    async def take_in(self, *, is_complete: bool) -> None:
        """Take what the current run did into the state."""

        def take_in(database: SQLConnection) -> None:
            self._execute(database, *_FOLD, *(_COMPLETE if is_complete else ()))
            self._execute(database, "set_phase", phase="applied")

        await self._do(take_in)
        self._is_over = True

    async def aclose(self) -> None:
        """Forget the rows of a run that is over, with their values, and close the database."""
        try:
            if self._is_over:
                with suppress(AttioError):  # the next run does it otherwise
                    await self._do(self._forget_run)
        finally:
            self._is_over = False
            await self._database.aclose()

    async def _run_many(self, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        given = [{**self._words, **row} for row in rows]
        await self._do(lambda database: run_many(database, self._sql[name], given))

    async def _fetch(self, name: str, **words: Any) -> list[Any]:
        return await self._do(lambda database: self._execute(database, name, **words).fetchall())

    async def _do(self, action: Callable[[SQLConnection], T]) -> T:
        def fenced(database: SQLConnection) -> T:
            self._fence.check(database)
            return action(database)

        return await self._database.do(fenced)

    def _execute(self, database: SQLConnection, *names: str, **words: Any) -> Any:
        result: Any = None
        for name in names:
            result = database.execute(self._sql[name], {**self._words, **words})
        return result


class _SQLiteSyncState(SyncState):
    """The state of a sync in a file, or in a temporary database."""

    def __init__(self, path: Path | None) -> None:
        database = SQLiteDatabase(path, _SQLITE_FORMAT)
        fence = EpochFence(sqlite.STATEMENTS, "sync")
        super().__init__(database, _SQLITE, sqlite.STATEMENTS, fence, sync="sync", shown=str(path))


class _PostgresSyncState(SyncState):
    """The state of a sync in PostgreSQL. The epoch of its journal tells the runs apart."""

    def __init__(self, conninfo: str, *, sync: str, epoch: int | None, clock: Clock) -> None:
        database = PostgresDatabase(conninfo, postgres.JOURNAL_FORMAT, _POSTGRES_FORMAT, clock=clock)
        fence = EpochFence(postgres.STATEMENTS, f"sync {sync}", epoch or 0)
        shown = f"the sync state {sync!r}"
        super().__init__(database, _POSTGRES, postgres.STATEMENTS, fence, sync=sync, shown=shown)
        self._epoch = epoch
        self._clock = clock

    async def begin(self, subject: Mapping[str, Any]) -> None:
        if self._epoch is None:
            await self._take_next_epoch()
        else:
            epoch = self._epoch
            while seconds := await self._database.do(lambda database: self._supersede(database, epoch)):
                await self._clock.sleep(seconds)
        await super().begin(subject)

    async def _take_next_epoch(self) -> None:
        """Become the one process that uses the state, until the connection is closed."""
        key = int.from_bytes(blake2b(self._fence.job.encode(), digest_size=8).digest(), "big", signed=True)

        def take(database: SQLConnection) -> bool:
            ((is_ours,),) = self._execute(database, "try_lock", lock_key=key).fetchall()
            if is_ours:
                self._set_epoch(database, self._lock_epoch(database) + 1)
            return bool(is_ours)

        for _ in range(_LOCK_TRIES):  # the server needs a moment to notice that a process was killed
            if await self._database.do(take):
                return
            await self._clock.sleep(_LOCK_PAUSE_S)
        raise ConfigurationError(
            f"{self._shown} is in use by another process; wait for it, or give each sync a state of its own"
        )

    def _supersede(self, database: SQLConnection, epoch: int) -> float:
        """Supersede runs with a lower epoch, and return for how many seconds more their requests may be in flight."""
        current = self._lock_epoch(database)
        if current > epoch:
            raise JobSuperseded(self._fence.job, epoch=epoch, current=current)
        self._set_epoch(database, epoch)
        ((seconds,),) = self._execute(database, "seconds_in_flight").fetchall()
        return max(0.0, seconds or 0.0)

    def _lock_epoch(self, database: SQLConnection) -> int:
        self._execute(database, "start_sync", nothing=b"")
        ((epoch,),) = self._execute(database, "lock_epoch").fetchall()
        return int(epoch)

    def _set_epoch(self, database: SQLConnection, epoch: int) -> None:
        self._execute(database, "set_epoch", epoch=epoch)
        self._fence.epoch = epoch

    async def delete(self) -> None:
        """Delete everything about the sync."""
        await self._database.do(lambda database: self._execute(database, *_FORGET_ALL))


@public
@attrs.frozen(repr=False)
class PostgresSyncState:
    """The state of a sync in a PostgreSQL database, so that the sync can run on any machine.

    Pass it as `state` of `sync_to`. Needs the extra `postgres`. One process at a time runs the sync; without an epoch, another
    one is refused meanwhile. With one, a run with a higher epoch supersedes the others: their next step raises
    `JobSuperseded`, and it begins when nothing of theirs can be in flight. The tables hold the values of rows until the run
    is over.

    Attributes:
        conninfo: The connection string of libpq: a URL, or words such as "dbname=jobs". Never shown.
        name: The name of the sync, where the tables keep several.
        epoch: The epoch of this run; None takes the next one.

    Raises:
        ConfigurationError: The name or the epoch is not valid.
    """

    conninfo: str
    name: str = attrs.field(kw_only=True)
    epoch: int | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        postgres.check_names(name=self.name)
        if self.epoch is not None:
            check_count(0, epoch=self.epoch)

    def __repr__(self) -> str:
        return f"PostgresSyncState(name={self.name!r}, epoch={self.epoch!r})"

    async def delete(self) -> None:
        """Delete the state, when the sync is not to run any more.

        Raises:
            ConfigurationError: The database cannot be used.
        """
        state = _PostgresSyncState(self.conninfo, sync=self.name, epoch=None, clock=SystemClock())
        try:
            await state.delete()
        finally:
            await state.aclose()


def open_state(target: Path | PostgresSyncState | None) -> SyncState:
    """Return the state of a sync. Nothing is opened before it is used.

    Args:
        target: A file, created when it is first used; or a state in PostgreSQL. None keeps the run in a temporary file.

    Raises:
        ConfigurationError: psycopg is not installed.
    """
    if isinstance(target, PostgresSyncState):
        return _PostgresSyncState(target.conninfo, sync=target.name, epoch=target.epoch, clock=SystemClock())
    return _SQLiteSyncState(target)
