"""The journal of a job in PostgreSQL, which several workers on several machines can share."""

from datetime import timedelta

import attrs

from ..._storage.database import SQLConnection
from ..._storage.postgres import PostgresDatabase, PostgresFormat, load_postgres_statements
from ..._utils.checks import check_at_least, check_count
from ..._utils.clock import Clock, SystemClock
from ..._utils.public import public
from ..._utils.text import show
from ...errors import ConfigurationError
from .sql import EpochFence, SQLJournal

STATEMENTS = load_postgres_statements(__name__, "journal.sql", "postgres.sql")
"""The statements of a journal in PostgreSQL, by name."""
JOURNAL_FORMAT = PostgresFormat(purpose="job journal", tables=STATEMENTS["tables"])
"""The tables of journals in PostgreSQL."""
_MIN_UNUSED = timedelta(hours=2)


def check_names(**names: str) -> None:
    """Check that each name, given by the name of its argument, is a text that PostgreSQL can hold.

    Raises:
        ConfigurationError: One is not.
    """
    for argument, name in names.items():
        is_text = isinstance(name, str)  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not be typed
        if not is_text or any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in name):
            raise ConfigurationError(f"{argument} must be a text that PostgreSQL can hold, not {show(name)}")


@attrs.frozen
class SyncTarget:
    """The place of the state that a sync with a journal keeps."""

    conninfo: str = attrs.field(repr=False)
    name: str
    epoch: int


@public
class PostgresJournal(SQLJournal):
    """The journal of a job in a PostgreSQL database, for any number of workers that use the same `job`.

    No row is claimed by two of them. A worker that is gone loses its rows when their lease ends; the worker that takes
    them over finds out what became of the rows that were begun. Failures of the database are retried for half a minute.

    Each run of a job may have an epoch, a number that grows with each takeover. As soon as a worker opens the job with a
    higher one, workers with a lower one are superseded: their next step raises `JobSuperseded`, and they send nothing more.

    The tables hold the values of a row until the row is written, and those of failed rows until they are deleted. Needs the
    extra `postgres`. Used as a context manager, the journal is closed at the end.

    Args:
        conninfo: The connection string of libpq: a URL, or words such as "dbname=jobs". Never shown.
        job: The name of the job, where the tables keep several.
        lease: Seconds, at least 1, after which other workers may claim the rows of a worker that is not heard of. Longer
            than a request and its retries can take.
        epoch: The epoch of this run of the job, 0 or more. Workers that share a job have the same one.
        sync: The name of the state that a sync with this journal keeps, by default `job`. It stays the same over the runs of
            the sync, and the epoch grows from each to the next.
        clock: Waits between retries; for tests.

    Raises:
        ConfigurationError: The lease is too short, the epoch or a name is not valid, or psycopg is not installed.
    """

    def __init__(
        self,
        conninfo: str,
        *,
        job: str = "job",
        lease: float = 120.0,
        epoch: int = 0,
        sync: str | None = None,
        clock: Clock | None = None,
    ) -> None:
        check_at_least(1, lease=lease)
        check_count(0, epoch=epoch)
        check_names(job=job, sync=job if sync is None else sync)
        database = PostgresDatabase(conninfo, JOURNAL_FORMAT, clock=clock or SystemClock())
        super().__init__(database, STATEMENTS, EpochFence(STATEMENTS, job, epoch), lease=lease)
        self._sync_target = SyncTarget(conninfo, sync or job, epoch)
        self._shown = f"PostgresJournal(job={job!r}, lease={lease!r}, epoch={epoch!r})"

    def __repr__(self) -> str:
        return self._shown


def sync_target(journal: PostgresJournal) -> SyncTarget:
    """Return the place of the state that a sync with a journal keeps."""
    return journal._sync_target  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - callers have no use for it


@public
async def delete_journals(conninfo: str, *, unused_for: timedelta, prefix: str = "") -> None:
    """Delete the journals in a PostgreSQL database that no worker has used for some time, whatever is left in them.

    A run of a job that is continued later begins anew. The states of syncs are kept.

    Args:
        conninfo: The connection string of libpq.
        unused_for: The time since a worker used them last; a worker at work uses its journal at least once an hour.
        prefix: The first letters of the names of the jobs; all jobs by default.

    Raises:
        ConfigurationError: The time is less than two hours, or the database cannot be used.
    """
    check_names(prefix=prefix)
    given: object = unused_for
    if not isinstance(given, timedelta) or given < _MIN_UNUSED:  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not be typed
        raise ConfigurationError(f"unused_for must be at least {_MIN_UNUSED}, not {show(unused_for)}")
    database = PostgresDatabase(conninfo, JOURNAL_FORMAT, clock=SystemClock())
    words = {"prefix": prefix, "seconds": unused_for.total_seconds()}

    def delete(connection: SQLConnection) -> None:
        connection.execute(STATEMENTS["delete_unused_rows"], words)
        connection.execute(STATEMENTS["delete_unused"], words)

    try:
        await database.do(delete)
    finally:
        await database.aclose()
