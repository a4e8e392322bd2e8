"""The records of an object as they were last seen, and the changes that nobody has confirmed yet, in a SQLite file.

What a page of records brings goes into the file in one transaction: the records as they are now, the changes found,
and where the sweep stands. So the file is right whenever the process dies. Everything here blocks.
"""

import sqlite3
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

import attrs
import msgspec

from ..._storage.sqlite import SQLiteDatabase, SQLiteFormat
from ...errors import ConfigurationError
from .diff import (
    NOTHING,
    Image,
    differing,
    digest,
    newest,
)

Phase = Literal["none", "scanning", "deleting"]

_FORMAT = SQLiteFormat(
    purpose="record snapshot",
    application_id=0x4174436E,
    tables="""
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
""",
)


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
    """A snapshot file, which belongs to one process at a time.

    Args:
        path: The file, created when it is first used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database = SQLiteDatabase(path, _FORMAT)

    async def open(self) -> None:
        """Open the file.

        Raises:
            ConfigurationError: The file holds something else, belongs to another process, or cannot be created.
        """
        try:
            await self._database.fetch("SELECT number FROM sweep")
        except BaseException:
            await self.aclose()
            raise

    async def aclose(self) -> None:
        """Close the file."""
        await self._database.aclose()

    async def begin(self, subject: str, watched: Iterable[str], *, quiet_first: bool) -> Sweep:
        """Resume the sweep that was interrupted, or begin a new one.

        Args:
            subject: Identifies the records that the file is about.
            watched: The ids of the attributes to compare.
            quiet_first: Whether the very first sweep notes no changes.

        Raises:
            ConfigurationError: The file is about other records.
        """
        number, quiet = 1, quiet_first
        for kept, last, phase, was_quiet, token in await self._database.fetch(
            "SELECT subject, number, phase, quiet, token FROM sweep"
        ):
            if kept != subject:
                raise ConfigurationError(
                    f"{self._path} is about another workspace or object, or other attributes; give each its own file"
                )
            if phase != "none":
                return Sweep(last, phase, bool(was_quiet), token, frozenset(watched))
            number, quiet = last + 1, False
        statement = "INSERT OR REPLACE INTO sweep VALUES (1, ?, ?, 'scanning', ?, NULL)"
        await self._database.run(statement, [(subject, number, quiet)])
        return Sweep(number, "scanning", quiet, None, frozenset(watched))

    async def take(
        self, sweep: Sweep, images: Iterable[Image], *, at: float, token: str | None = None
    ) -> None:
        """Note how these records differ from the snapshot, and keep them; `token` is the position of the scan."""

        def take(database: sqlite3.Connection) -> None:
            for image in images:
                self._take(database, sweep, image, at)
            if token is not None:
                database.execute("UPDATE sweep SET token = ?", (token,))

        await self._database.do(take)

    async def enter(self, phase: Phase) -> None:
        """Begin the next phase of the sweep."""
        await self._database.run("UPDATE sweep SET phase = ?, token = NULL", [(phase,)])

    async def unseen(self, sweep: Sweep, after: str, limit: int) -> list[str]:
        """Return at most `limit` ids beyond `after`, in their order, of records that this sweep has not met."""
        query = "SELECT record_id FROM seen WHERE record_id > ? AND sweep <> ? ORDER BY record_id LIMIT ?"
        rows = await self._database.fetch(query, (after, sweep.number, limit))
        return [record_id for (record_id,) in rows]

    async def drop(self, sweep: Sweep, record_ids: Sequence[str], *, at: float) -> None:
        """Note that these records are deleted, and forget them."""

        def drop(database: sqlite3.Connection) -> None:
            for record_id in record_ids:
                image = self._image(database, record_id)
                if not sweep.quiet:
                    self._note(database, StoredChange("deleted", record_id, at, image))
                database.execute("DELETE FROM seen WHERE record_id = ?", (record_id,))
                database.execute("DELETE FROM images WHERE record_id = ?", (record_id,))

        await self._database.do(drop)

    async def waiting(self, after: int, limit: int) -> list[tuple[int, StoredChange]]:
        """Return at most `limit` unconfirmed changes beyond the place `after`, with their places, in their order."""
        query = "SELECT place, body FROM changes WHERE place > ? ORDER BY place LIMIT ?"
        return await self._database.do(
            lambda database: [
                (place, _noted(body)) for place, body in database.execute(query, (after, limit))
            ]
        )

    async def confirm(self, places: Iterable[int]) -> None:
        """Forget these changes."""
        await self._database.run("DELETE FROM changes WHERE place = ?", [(place,) for place in places])

    async def confirm_through(self, place: int) -> None:
        """Forget the changes up to this place."""
        await self._database.run("DELETE FROM changes WHERE place <= ?", [(place,)])

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
