"""The records of an object as they were last seen, and the changes that nobody has confirmed yet, in a SQLite file.

What a page of records brings goes into the file in one transaction: the records as they are now, the changes found,
and where the sweep stands. So the file is right whenever the process dies. Everything here blocks.
"""

import sqlite3
import zlib
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import attrs
import msgspec

from ..._storage.sqlite import open_private
from ...errors import ConfigurationError
from .diff import (
    NOTHING,
    Image,
    differing,
    digest,
    newest,
)

Phase = Literal["none", "scanning", "deleting"]

_MAGIC = 0x4174436E
_TABLES = """
CREATE TABLE sweep (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    subject TEXT NOT NULL,
    number INTEGER NOT NULL,
    phase TEXT NOT NULL,
    quiet INTEGER NOT NULL,
    token TEXT
);
CREATE TABLE seen (record_id TEXT PRIMARY KEY, sweep INTEGER NOT NULL, digest BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE images (record_id TEXT PRIMARY KEY, image BLOB NOT NULL);
CREATE TABLE changes (place INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL);
"""


class StoredChange(msgspec.Struct, omit_defaults=True):
    """One change as it is kept: of a record that appeared or vanished its image, else one attribute's values."""

    kind: Literal["created", "changed", "deleted"]
    record_id: str
    noticed_at: float
    image: Image | None = None
    attribute_id: str = ""
    before: msgspec.Raw = NOTHING
    after: msgspec.Raw = NOTHING


@attrs.frozen
class Sweep:
    """Where a sweep stands.

    Attributes:
        number: Which one it is, from 1.
        phase: What it does.
        quiet: Whether it notes no changes.
        token: Where its scan stands.
        watched: The ids of the attributes that it looks at.
    """

    number: int
    phase: Phase
    quiet: bool
    token: str | None
    watched: frozenset[str]


class SweepState:
    """An open snapshot file; of one process at a time.

    Args:
        path: The file; made when it is not there.

    Raises:
        ConfigurationError: The file is something else, in use, or cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database = open_private(path, _TABLES, what="snapshot of records", magic=_MAGIC)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def begin(self, subject: str, watched: Iterable[str], *, quiet_first: bool) -> Sweep:
        """The sweep that was interrupted, or a new one.

        Args:
            subject: What tells these records from others.
            watched: The ids of the attributes to look at.
            quiet_first: Whether the very first sweep notes no changes.

        Raises:
            ConfigurationError: The file is about other records.
        """
        with self._transaction() as database:
            row = database.execute("SELECT subject, number, phase, quiet, token FROM sweep").fetchone()
            if row is not None and row[0] != subject:
                raise ConfigurationError(
                    f"{self._path} is about another workspace or object, or other attributes: give each its own file"
                )
            if row is not None and row[2] != "none":
                return Sweep(row[1], row[2], bool(row[3]), row[4], frozenset(watched))
            number, quiet = (row[1] + 1 if row else 1), quiet_first and row is None
            values = (subject, number, "scanning", quiet)
            database.execute("INSERT OR REPLACE INTO sweep VALUES (1, ?, ?, ?, ?, NULL)", values)
            return Sweep(number, "scanning", quiet, None, frozenset(watched))

    def take(self, sweep: Sweep, images: Iterable[Image], *, at: float, token: str | None = None) -> None:
        """Note how these records differ from what is kept, and keep them; `token` says where the scan stands now."""
        with self._transaction() as database:
            for image in images:
                self._take(database, sweep, image, at)
            if token is not None:
                database.execute("UPDATE sweep SET token = ?", (token,))

    def enter(self, phase: Phase) -> None:
        """Let the sweep go on to this."""
        with self._transaction() as database:
            database.execute("UPDATE sweep SET phase = ?, token = NULL", (phase,))

    def unseen(self, sweep: Sweep, after: str, limit: int) -> list[str]:
        """Ids beyond `after`, in their order, of records that are kept and did not come up in this sweep."""
        query = "SELECT record_id FROM seen WHERE record_id > ? AND sweep <> ? ORDER BY record_id LIMIT ?"
        return [identity for (identity,) in self._database.execute(query, (after, sweep.number, limit))]

    def drop(self, sweep: Sweep, record_ids: Sequence[str], *, at: float) -> None:
        """Note that these records are gone, and forget them."""
        with self._transaction() as database:
            for identity in record_ids:
                image = self._image(database, identity)
                if not sweep.quiet:
                    self._note(database, StoredChange("deleted", identity, at, image))
                database.execute("DELETE FROM seen WHERE record_id = ?", (identity,))
                database.execute("DELETE FROM images WHERE record_id = ?", (identity,))

    def waiting(self, after: int, limit: int) -> list[tuple[int, StoredChange]]:
        """Changes beyond a place that are not confirmed, with their places, the earliest first."""
        query = "SELECT place, body FROM changes WHERE place > ? ORDER BY place LIMIT ?"
        return [(place, _noted(body)) for place, body in self._database.execute(query, (after, limit))]

    def confirm(self, places: Iterable[int]) -> None:
        """Forget these changes."""
        with self._transaction() as database:
            database.executemany("DELETE FROM changes WHERE place = ?", [(place,) for place in places])

    def confirm_through(self, place: int) -> None:
        """Forget the changes up to this place."""
        with self._transaction() as database:
            database.execute("DELETE FROM changes WHERE place <= ?", (place,))

    def _take(self, database: sqlite3.Connection, sweep: Sweep, image: Image, at: float) -> None:
        identity, now = image.record_id, digest(image)
        query = "SELECT digest FROM seen WHERE record_id = ?"
        known = database.execute(query, (identity,)).fetchone()
        if known is None or known[0] != now:
            before = self._image(database, identity) if known else None
            if not sweep.quiet:
                for noted in _differences(before, image, sweep.watched, at):
                    self._note(database, noted)
            kept = image if before is None else _with_the_unwatched(image, before, sweep.watched)
            packed = zlib.compress(msgspec.json.encode(kept), 1)
            database.execute("INSERT OR REPLACE INTO images VALUES (?, ?)", (identity, packed))
        database.execute("INSERT OR REPLACE INTO seen VALUES (?, ?, ?)", (identity, sweep.number, now))

    def _image(self, database: sqlite3.Connection, identity: str) -> Image:
        query = "SELECT image FROM images WHERE record_id = ?"
        (packed,) = database.execute(query, (identity,)).fetchone()
        return msgspec.json.decode(zlib.decompress(packed), type=Image)

    def _note(self, database: sqlite3.Connection, noted: StoredChange) -> None:
        body = zlib.compress(msgspec.json.encode(noted), 1)
        database.execute("INSERT INTO changes (body) VALUES (?)", (body,))

    @contextmanager
    def _transaction(self) -> Generator[sqlite3.Connection]:
        with self._database as database:
            database.execute("BEGIN IMMEDIATE")
            yield database


def _noted(body: bytes) -> StoredChange:
    return msgspec.json.decode(zlib.decompress(body), type=StoredChange)


def _with_the_unwatched(image: Image, before: Image, watched: frozenset[str]) -> Image:
    """The image with what was kept of attributes that are archived now: they may come back."""
    unwatched = {name: raw for name, raw in before.values.items() if name not in watched}
    return msgspec.structs.replace(image, values=unwatched | image.values) if unwatched else image


def _differences(
    before: Image | None, after: Image, watched: frozenset[str], at: float
) -> list[StoredChange]:
    if before is None:
        return [StoredChange("created", after.record_id, at, after)]
    found = [
        StoredChange(
            "changed",
            after.record_id,
            at,
            attribute_id=name,
            before=before.held(name),
            after=after.held(name),
        )
        for name in differing(before, after, watched)
    ]
    return sorted(found, key=_moment)


def _moment(noted: StoredChange) -> str:
    """When it happened; what is not known to have happened at any time comes last."""
    latest = newest(noted.before, noted.after)
    return "~" if latest is None else str(latest.get("active_from"))
