"""The state of a sync in a SQLite file: the keys present at applied runs, and the journal of the current run.

Both are in one file, so that a run that was killed is accounted for before the next one: what it certainly created counts
as created by the sync, and the keys that it wrote, or may have written, count as present.
"""

import json
import sqlite3
from collections.abc import Collection, Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import msgspec

from ..._storage.sqlite import SQLiteDatabase, SQLiteFormat
from ..._storage.stored import differing_parts, reading_stored
from ...errors import ConfigurationError
from .._journal.sql import SQLJournal
from .._journal.sqlite import STATEMENTS

_FORMAT = SQLiteFormat(
    purpose="sync state",
    application_id=0x4174537A,
    tables=f"""
{STATEMENTS["tables"]}
CREATE TABLE sync (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    subject TEXT NOT NULL,
    phase TEXT NOT NULL
);
CREATE TABLE known (key TEXT PRIMARY KEY, owner TEXT NOT NULL, is_present INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE created (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE source (key TEXT NOT NULL, place INTEGER NOT NULL, owner TEXT NOT NULL, PRIMARY KEY (key, place)) WITHOUT ROWID;
CREATE TABLE missing (key TEXT PRIMARY KEY, place INTEGER, id TEXT) WITHOUT ROWID
""",
)

_FOLD = """
INSERT INTO known (key, owner, is_present)
    SELECT s.key, s.owner, 1 FROM source s JOIN attio_rows r ON r.job = 'sync' AND r.place = s.place
    WHERE r.status IN ('created', 'updated', 'unchanged', 'duplicate')
        OR (r.begun_at IS NOT NULL AND r.state IN ('pending', 'claimed', 'begun'))
        OR (r.state = 'dead' AND r.kind IN ('OutcomeUnknown', 'DecodeError', 'ServerError', 'ConnectionFailed',
                                            'RequestTimeout', 'RateLimited', 'TransportError'))
    ON CONFLICT (key) DO UPDATE SET owner = excluded.owner, is_present = 1;
INSERT OR IGNORE INTO created SELECT id FROM attio_rows
    WHERE job = 'sync' AND status = 'created' AND id IS NOT NULL;
DELETE FROM known WHERE key IN (
    SELECT m.key FROM missing m JOIN attio_rows r ON r.job = 'sync' AND r.place = m.place WHERE r.status = 'deleted'
);
DELETE FROM created WHERE id IN (
    SELECT m.id FROM missing m JOIN attio_rows r ON r.job = 'sync' AND r.place = m.place WHERE r.status = 'deleted'
)
"""
"""Take what a run did into the state.

The key of a row whose outcome is unknown counts as present. The record that it may have created does not count as created
by the sync, since nothing tells it from one that others created.
"""

_COMPLETE = """
DELETE FROM known WHERE key IN (SELECT key FROM missing WHERE id IS NULL);
UPDATE known SET is_present = EXISTS (SELECT 1 FROM source s WHERE s.key = known.key)
"""
"""Take in besides which keys left the source, and forget those that no record has any more."""

_COUNTS = """
SELECT count(*), coalesce(sum(NOT is_found), 0) FROM (
    SELECT max(EXISTS (SELECT 1 FROM source s WHERE s.key = k.key)) AS is_found
    FROM known k GROUP BY k.owner HAVING max(k.is_present)
)
"""


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
        path: The file, created when it is first used; None keeps the run in a temporary file.

    Attributes:
        journal: The journal of the current run.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._database = SQLiteDatabase(path, _FORMAT)
        self.journal = SQLJournal(self._database, STATEMENTS, job="sync", lease=None)

    async def begin(self, subject: Mapping[str, Any]) -> None:
        """Take in what an earlier run did, and begin a new one.

        Args:
            subject: The ids of the workspace, the object and the attribute to match on, by what they are.

        Raises:
            ConfigurationError: The file is the state of another sync, or cannot be used.
        """

        def begin(database: sqlite3.Connection) -> None:
            found = database.execute("SELECT subject, phase FROM sync").fetchone()
            if found is not None:
                self._check(found[0], subject)
                if found[1] == "applying":
                    _execute(database, _FOLD)
            for table in ("source", "missing", "attio_rows", "attio_jobs"):
                database.execute(f"DELETE FROM {table}")  # noqa: S608 - names of ours
            statement = "INSERT OR REPLACE INTO sync VALUES (1, ?, 'planning')"
            database.execute(statement, (json.dumps(subject),))

        await self._database.do(begin)

    def _check(self, kept: str, subject: Mapping[str, Any]) -> None:
        with reading_stored(self._path):
            differing = differing_parts(json.loads(kept), subject) if json.loads(kept) != subject else ""
        if differing:
            raise ConfigurationError(
                f"{self._path} is the state of another sync: the {differing}; give each sync a file of its own"
            )

    async def add_source(self, keys: Sequence[tuple[int, Sequence[str]]]) -> None:
        """Add the keys of rows of the source, by the places of the rows."""
        rows = [(key, place, texts[0]) for place, texts in keys for key in texts]
        await self._database.run("INSERT OR IGNORE INTO source VALUES (?, ?, ?)", rows)

    async def counts(self) -> tuple[int, int]:
        """Return how many rows were present at the last applied run, and how many of them left the source since."""
        ((present, missing),) = await self._database.fetch(_COUNTS)
        return present, missing

    async def keys_not_in_source(self, after: str, limit: int) -> Sequence[KnownKey]:
        """Return at most `limit` keys beyond the key `after` that were present at an applied run and are not now."""
        query = (
            "SELECT key, is_present FROM known k WHERE key > ?"
            " AND NOT EXISTS (SELECT 1 FROM source s WHERE s.key = k.key) ORDER BY key LIMIT ?"
        )
        rows = await self._database.fetch(query, (after, limit))
        return [KnownKey(key, bool(is_present)) for key, is_present in rows]

    async def created_among(self, ids: Sequence[str]) -> Collection[str]:
        """Return those of the records that this sync created."""
        query = "SELECT id FROM created WHERE id IN (SELECT value FROM json_each(?))"
        return {id_ for (id_,) in await self._database.fetch(query, (json.dumps(ids),))}

    async def add_missing(self, rows: Sequence[tuple[str, int | None, str | None]]) -> None:
        """Add keys that left the source, each with the place of its row and the id of its record, if it has one."""
        await self._database.run("INSERT OR REPLACE INTO missing VALUES (?, ?, ?)", rows)

    async def start_applying(self) -> None:
        """Note that writes are sent from now on."""
        await self._database.run("UPDATE sync SET phase = 'applying'", [()])

    async def take_in(self, *, is_complete: bool) -> None:
        """Take what the current run did into the state."""

        def take_in(database: sqlite3.Connection) -> None:
            _execute(database, _FOLD)
            if is_complete:
                _execute(database, _COMPLETE)
            database.execute("UPDATE sync SET phase = 'applied'")

        await self._database.do(take_in)

    async def aclose(self) -> None:
        """Close the file."""
        await self._database.aclose()


def _execute(database: sqlite3.Connection, statements: str) -> None:
    for statement in statements.split(";"):
        database.execute(statement)
