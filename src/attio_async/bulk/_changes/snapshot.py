"""A snapshot of the records of an object, and the changes that are not confirmed yet, in a SQLite file.

A page of records goes into the file in one transaction: the records as they are now, the changes found, and the position
of the sweep. So the file is consistent whenever the process dies.
"""

import json
import sqlite3
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import attrs
import msgspec

from ..._storage.sqlite import SQLiteDatabase, SQLiteFormat
from ..._storage.stored import differing_parts, reading_stored
from ...errors import ConfigurationError
from .diff import NO_VALUES, Image, changed_attributes, digest, newest

Phase = Literal["none", "scanning", "deleting"]
S = TypeVar("S", bound=msgspec.Struct)

_FORMAT = SQLiteFormat(
    purpose="record snapshot",
    application_id=0x4174436E,
    tables="""
CREATE TABLE sweep (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    subject TEXT NOT NULL,
    number INTEGER NOT NULL,
    phase TEXT NOT NULL,
    is_baseline INTEGER NOT NULL,
    token TEXT
);
CREATE TABLE seen (record_id TEXT PRIMARY KEY, sweep INTEGER NOT NULL, digest BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE images (record_id TEXT PRIMARY KEY, image BLOB NOT NULL);
CREATE TABLE changes (place INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL);
""",
)


class StoredChange(msgspec.Struct, omit_defaults=True):
    """A change as it is kept: the image of a created or deleted record, or the values of one changed attribute."""

    kind: Literal["created", "changed", "deleted"]
    record_id: str
    noticed_at: float
    image: Image | None = None
    attribute_id: str = ""
    before: msgspec.Raw = NO_VALUES
    after: msgspec.Raw = NO_VALUES


@attrs.frozen
class Sweep:
    """The position of a sweep.

    Attributes:
        number: The number of the sweep, from 1.
        phase: What it does next.
        is_baseline: Whether it only takes the snapshot, and notes no changes.
        token: The position of its scan.
        watched: The ids of the attributes that it compares.
    """

    number: int
    phase: Phase
    is_baseline: bool
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

    async def begin(self, subject: Mapping[str, Any], watched: Iterable[str], *, baseline: bool) -> Sweep:
        """Resume the sweep that was interrupted, or begin a new one.

        Args:
            subject: The ids of what the file is about, by what they are.
            watched: The ids of the attributes to compare.
            baseline: Whether the very first sweep notes no changes.

        Raises:
            ConfigurationError: The file is about other records.
        """
        number = 1
        for kept, last, phase, is_baseline, token in await self._database.fetch(
            "SELECT subject, number, phase, is_baseline, token FROM sweep"
        ):
            with reading_stored(self._path):
                differing = differing_parts(json.loads(kept), subject) if json.loads(kept) != subject else ""
            if differing:
                raise ConfigurationError(
                    f"{self._path} is about other records: the {differing}; give each its own file"
                )
            if phase != "none":
                return Sweep(last, phase, bool(is_baseline), token, frozenset(watched))
            number, baseline = last + 1, False
        statement = "INSERT OR REPLACE INTO sweep VALUES (1, ?, ?, 'scanning', ?, NULL)"
        await self._database.run(statement, [(json.dumps(subject), number, baseline)])
        return Sweep(number, "scanning", baseline, None, frozenset(watched))

    async def take(
        self, sweep: Sweep, images: Sequence[Image], *, at: float, token: str | None = None
    ) -> None:
        """Note how these records differ from the snapshot, and keep them; `token` is the position of the scan."""

        def take(database: sqlite3.Connection) -> None:
            with reading_stored(self._path):
                for image in images:
                    _take(database, sweep, image, at)
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
            with reading_stored(self._path):
                for record_id in record_ids:
                    _drop(database, sweep, record_id, at)

        await self._database.do(drop)

    async def unconfirmed(self, after: int, limit: int) -> list[tuple[int, StoredChange]]:
        """Return at most `limit` unconfirmed changes beyond the place `after`, with their places, in their order."""
        query = "SELECT place, body FROM changes WHERE place > ? ORDER BY place LIMIT ?"
        rows = await self._database.fetch(query, (after, limit))
        with reading_stored(self._path):
            return [(place, _unpack(body, StoredChange)) for place, body in rows]

    async def confirm(self, places: Iterable[int]) -> None:
        """Forget these changes."""
        await self._database.run("DELETE FROM changes WHERE place = ?", [(place,) for place in places])

    async def confirm_through(self, place: int) -> None:
        """Forget the changes up to this place."""
        await self._database.run("DELETE FROM changes WHERE place <= ?", [(place,)])


def _take(database: sqlite3.Connection, sweep: Sweep, image: Image, at: float) -> None:
    record_id, now = image.record_id, digest(image)
    query = "SELECT digest FROM seen WHERE record_id = ?"
    known = database.execute(query, (record_id,)).fetchone()
    if known is None or known[0] != now:
        before = _image(database, record_id) if known else None
        if not sweep.is_baseline:
            for change in _differences(before, image, sweep.watched, at):
                _note(database, change)
        kept = image if before is None else _keep_unwatched(image, before, sweep.watched)
        database.execute("INSERT OR REPLACE INTO images VALUES (?, ?)", (record_id, _pack(kept)))
    database.execute("INSERT OR REPLACE INTO seen VALUES (?, ?, ?)", (record_id, sweep.number, now))


def _drop(database: sqlite3.Connection, sweep: Sweep, record_id: str, at: float) -> None:
    if not sweep.is_baseline:
        _note(database, StoredChange("deleted", record_id, at, _image(database, record_id)))
    for table in ("seen", "images"):
        database.execute(f"DELETE FROM {table} WHERE record_id = ?", (record_id,))  # noqa: S608 - names of ours


def _image(database: sqlite3.Connection, record_id: str) -> Image:
    query = "SELECT image FROM images WHERE record_id = ?"
    (packed,) = database.execute(query, (record_id,)).fetchone()
    return _unpack(packed, Image)


def _note(database: sqlite3.Connection, change: StoredChange) -> None:
    database.execute("INSERT INTO changes (body) VALUES (?)", (_pack(change),))


def _pack(content: msgspec.Struct) -> bytes:
    return zlib.compress(msgspec.json.encode(content), 1)


def _unpack(packed: bytes, kind: type[S]) -> S:
    return msgspec.json.decode(zlib.decompress(packed), type=kind)


def _keep_unwatched(image: Image, before: Image, watched: frozenset[str]) -> Image:
    """Return the image with the earlier values of attributes that are archived now: they may be restored."""
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
            before=before.values_of(name),
            after=after.values_of(name),
        )
        for name in changed_attributes(before, after, watched)
    ]
    return sorted(found, key=_time)


def _time(change: StoredChange) -> str:
    """Return when a change happened; those whose time is unknown are sorted last."""
    latest = newest(change.before, change.after)
    return "~" if latest is None else str(latest.get("active_from"))
