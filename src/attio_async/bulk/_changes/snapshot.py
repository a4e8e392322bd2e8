"""The state of a feed in a SQLite file: a snapshot of all it follows, hints of webhooks, and changes not yet confirmed.

What was read goes into the file in one transaction: the things as they are now, the changes found, and the position of
the sweep or the hints that led there. So the file is consistent whenever the process dies.
"""

import json
import sqlite3
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import attrs
import msgspec

from ..._storage.sqlite import SQLiteDatabase, SQLiteFormat
from ..._storage.stored import differing_parts, reading_stored
from ...errors import ConfigurationError
from .diff import (
    NO_VALUES,
    Image,
    Sighting,
    Step,
    carried_keys,
    changed_attributes,
    digest,
    is_older,
    moment_of,
    newest,
)

Phase = Literal["none", "scanning", "deleting"]
Kind = Literal["created", "changed", "deleted", "merged"]
StoredActor = tuple[str | None, str | None]
S = TypeVar("S", bound=msgspec.Struct)

_FORMAT = SQLiteFormat(
    purpose="change feed",
    application_id=0x41744664,
    version=1,
    tables="""
CREATE TABLE sources (
    source INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    subject TEXT NOT NULL,
    number INTEGER NOT NULL,
    phase TEXT NOT NULL,
    is_baseline INTEGER NOT NULL,
    token TEXT,
    horizon TEXT NOT NULL,
    reached TEXT NOT NULL,
    newest TEXT NOT NULL
);
CREATE TABLE seen (
    source INTEGER NOT NULL,
    id TEXT NOT NULL,
    sweep INTEGER NOT NULL,
    digest BLOB,
    PRIMARY KEY (source, id)
) WITHOUT ROWID;
CREATE TABLE images (source INTEGER NOT NULL, id TEXT NOT NULL, image BLOB NOT NULL, PRIMARY KEY (source, id));
CREATE TABLE carried (
    source INTEGER NOT NULL,
    key BLOB NOT NULL,
    id TEXT NOT NULL,
    sweep INTEGER NOT NULL,
    PRIMARY KEY (source, key)
) WITHOUT ROWID;
CREATE TABLE hints (place INTEGER PRIMARY KEY AUTOINCREMENT, owner TEXT NOT NULL, body BLOB NOT NULL);
CREATE TABLE changes (place INTEGER PRIMARY KEY AUTOINCREMENT, source INTEGER NOT NULL, body BLOB NOT NULL);
""",
)
_TABLES_OF_SEEN = ("seen", "images")


class StoredChange(msgspec.Struct, omit_defaults=True):
    """A change as it is kept: the image of what was created or deleted, or the values of one changed attribute."""

    kind: Kind
    own_id: str
    noticed_at: float
    image: Image | None = None
    attribute_id: str = ""
    before: msgspec.Raw = NO_VALUES
    after: msgspec.Raw = NO_VALUES
    at: str = ""
    actor: StoredActor | None = None
    into: str = ""


class Hint(msgspec.Struct, omit_defaults=True):
    """Word of a webhook that something happened to a record or another thing.

    Attributes:
        own_id: The id of the thing.
        is_end: True if it is said to be deleted or merged.
        into: The id of the record that it was merged into.
        actor: The type and id of the actor who deleted or merged it.
    """

    own_id: str
    is_end: bool = False
    into: str = ""
    actor: StoredActor | None = None


@attrs.frozen
class Sweep:
    """The position of a sweep over one source.

    Attributes:
        source: The number of the source in the file.
        number: The number of the sweep, from 1; 0 before the first.
        phase: The next phase.
        is_baseline: True if it only takes the snapshot, and notes no changes.
        token: The position of its scan.
        horizon: The time of creation up to which all that existed was seen by an earlier sweep.
    """

    source: int
    number: int
    phase: Phase
    is_baseline: bool
    token: str | None
    horizon: str

    @property
    def is_first(self) -> bool:
        """True until the first sweep is complete."""
        return self.number == 0 or (self.number == 1 and self.phase != "none")


class FeedState:
    """A state file, which belongs to one process at a time.

    Args:
        path: The file, created when it is first used. None is a temporary database.
        keeps_images: False if somebody else keeps what was read: then the file has ids and digests alone, what exists is
            noted as created whenever it differs, and what is gone as deleted even if it was never met.
    """

    def __init__(self, path: Path | None, *, keeps_images: bool = True) -> None:
        self._path = path
        self._keeps_images = keeps_images
        self._database = SQLiteDatabase(path, _FORMAT)
        self._is_closed = False

    async def open(self) -> None:
        """Open the file.

        Raises:
            ConfigurationError: The file holds something else, belongs to another process, or cannot be created.
        """
        try:
            await self._database.fetch("SELECT source FROM sources LIMIT 1")
        except BaseException:
            await self.aclose()
            raise

    async def aclose(self) -> None:
        """Close the file."""
        self._is_closed = True
        await self._database.aclose()

    # Sources and sweeps

    async def follow(self, key: str, subject: Mapping[str, Any], *, baseline: bool) -> Sweep:
        """Return the position of a source, which is added if the file does not have it.

        Args:
            key: The key of the source, the same for ever.
            subject: The ids of what it is about, by what they are.
            baseline: Whether the very first sweep notes no changes.

        Raises:
            ConfigurationError: The file is about another workspace, or other attributes.
        """

        def follow(database: sqlite3.Connection) -> Sweep:
            with reading_stored(self._path):
                self._check_subject(database, key, subject)
            database.execute(
                "INSERT OR IGNORE INTO sources (key, subject, number, phase, is_baseline, horizon, reached, newest) "
                "VALUES (?, ?, 0, 'none', ?, '', '', '')",
                (key, json.dumps(subject), baseline),
            )
            return _sweep(database, key)

        return await self._database.do(follow)

    def _check_subject(self, database: sqlite3.Connection, key: str, subject: Mapping[str, Any]) -> None:
        for other, kept in database.execute("SELECT key, subject FROM sources"):
            found = json.loads(kept)
            compared = found if other == key else {"workspace": found["workspace"]}
            given = subject if other == key else {"workspace": subject["workspace"]}
            if compared != given:
                differing = differing_parts(compared, given)
                raise ConfigurationError(
                    f"{self._path} is about other records: the {differing}; give each its own file"
                )

    async def begin(self, sweep: Sweep) -> Sweep:
        """Begin the next sweep of a source; one that was interrupted is resumed."""
        if sweep.phase != "none":
            return sweep

        def begin(database: sqlite3.Connection) -> Sweep:
            database.execute(
                "UPDATE sources SET number = number + 1, phase = 'scanning', token = NULL, reached = '' "
                "WHERE source = ?",
                (sweep.source,),
            )
            database.execute("DELETE FROM seen WHERE source = ? AND digest IS NULL", (sweep.source,))
            database.execute(
                "DELETE FROM carried WHERE source = ? AND sweep < ?", (sweep.source, sweep.number)
            )
            return _sweep(database, sweep.source)

        return await self._database.do(begin)

    async def enter(self, sweep: Sweep, phase: Phase) -> Sweep:
        """Begin the next phase of a sweep. A complete one has seen all that was created before its latest find."""

        def enter(database: sqlite3.Connection) -> Sweep:
            database.execute(
                "UPDATE sources SET phase = ?, token = NULL WHERE source = ?", (phase, sweep.source)
            )
            if phase == "none":
                database.execute(
                    "UPDATE sources SET horizon = max(horizon, reached), is_baseline = 0 WHERE source = ?",
                    (sweep.source,),
                )
            return _sweep(database, sweep.source)

        return await self._database.do(enter)

    async def unseen(self, sweep: Sweep, after: str, limit: int) -> list[str]:
        """Return at most `limit` ids beyond `after`, in their order, of what this sweep has not met."""
        query = (
            "SELECT id FROM seen WHERE source = ? AND id > ? AND sweep <> ? AND digest IS NOT NULL "
            "ORDER BY id LIMIT ?"
        )
        return [
            id_ for (id_,) in await self._database.fetch(query, (sweep.source, after, sweep.number, limit))
        ]

    async def ids(self, source: int, after: str, limit: int) -> list[str]:
        """Return at most `limit` ids beyond `after`, in their order, of what is in the snapshot of a source."""
        query = "SELECT id FROM seen WHERE source = ? AND id > ? AND digest IS NOT NULL ORDER BY id LIMIT ?"
        return [id_ for (id_,) in await self._database.fetch(query, (source, after, limit))]

    async def images(self, sweep: Sweep, ids: Collection[str]) -> dict[str, Image]:
        """Return the images of these in the snapshot, by id."""

        def read(database: sqlite3.Connection) -> dict[str, Image]:
            with reading_stored(self._path):
                found = {id_: _image(database, sweep.source, id_) for id_ in ids}
            return {id_: image for id_, image in found.items() if image is not None}

        return await self._database.do(read)

    # What was read

    async def take(
        self,
        sweep: Sweep,
        sightings: Sequence[Sighting],
        gone: Mapping[str, Hint],
        *,
        at: float,
        token: str | None = None,
        scanned: bool = False,
        hints: Collection[int] = (),
    ) -> bool:
        """Note how these differ from the snapshot, and keep them.

        Args:
            sweep: The sweep that they were read in, or the last one.
            sightings: Everything that was read.
            gone: What does not exist any more, with what is known of it.
            at: The time now.
            token: The position of the scan after them.
            scanned: Whether a scan read them. What it read may be older than what was read by id meanwhile.
            hints: The hints that led to them, which are done.

        Returns:
            True if there are changes to tell.
        """

        def take(database: sqlite3.Connection) -> bool:
            before = _last_place(database)
            newest_seen = _newest(database, sweep)
            with reading_stored(self._path):
                for sighting in sightings:
                    if not self._keeps_images:
                        _take_digest(database, sweep, sighting.image, at)
                    elif not (scanned and _is_met(database, sweep, sighting.image.own_id)):
                        _take(database, sweep, sighting, at, newest_seen)
                    newest_seen = max(newest_seen, moment_of(sighting.image.created_at))
                for id_, hint in gone.items():
                    (_drop if self._keeps_images else _drop_id)(database, sweep, id_, hint, at)
            database.execute("UPDATE sources SET newest = ? WHERE source = ?", (newest_seen, sweep.source))
            if scanned:
                reached = max((moment_of(each.image.created_at) for each in sightings), default="")
                database.execute(
                    "UPDATE sources SET token = ?, reached = max(reached, ?) WHERE source = ?",
                    (token, reached, sweep.source),
                )
            database.executemany("DELETE FROM hints WHERE place = ?", [(place,) for place in hints])
            return _last_place(database) != before

        return await self._database.do(take)

    async def forget_seen(self) -> None:
        """Forget what was met, so that everything differs."""
        await self._database.run("DELETE FROM seen", [()])

    # Hints

    async def hint(self, hints: Iterable[tuple[str, Hint]]) -> None:
        """Keep what webhooks say, each with the id of the object or list that it is about. A closed file keeps nothing."""
        if self._is_closed:
            return
        rows = [(owner, msgspec.json.encode(hint)) for owner, hint in hints]
        try:
            await self._database.run("INSERT INTO hints (owner, body) VALUES (?, ?)", rows)
        finally:
            if self._is_closed:  # meanwhile, and this may have opened it again
                await self._database.aclose()

    async def hints(self, limit: int) -> list[tuple[int, str, Hint]]:
        """Return the oldest hints, with their places and what they are about."""
        rows = await self._database.fetch(
            "SELECT place, owner, body FROM hints ORDER BY place LIMIT ?", (limit,)
        )
        with reading_stored(self._path):
            return [(place, owner, msgspec.json.decode(body, type=Hint)) for place, owner, body in rows]

    async def forget_hints(self, places: Iterable[int]) -> None:
        """Forget hints that lead nowhere."""
        await self._database.run("DELETE FROM hints WHERE place = ?", [(place,) for place in places])

    # Changes

    async def unconfirmed(
        self, sources: Collection[int], after: int, limit: int
    ) -> list[tuple[int, int, StoredChange]]:
        """Return at most `limit` unconfirmed changes beyond the place `after`, with their places and sources, in order."""
        query = "SELECT place, source, body FROM changes WHERE place > ? AND source IN ({}) ORDER BY place LIMIT ?"
        rows = await self._database.fetch(query.format(_marks(sources)), (after, *sources, limit))
        with reading_stored(self._path):
            return [(place, source, _unpack(body, StoredChange)) for place, source, body in rows]

    async def confirm(self, places: Iterable[int]) -> None:
        """Forget these changes."""
        await self._database.run("DELETE FROM changes WHERE place = ?", [(place,) for place in places])

    async def confirm_through(self, sources: Collection[int], place: int) -> None:
        """Forget the changes of these sources up to this place."""
        statement = f"DELETE FROM changes WHERE place <= ? AND source IN ({_marks(sources)})"  # noqa: S608 - question marks
        await self._database.run(statement, [(place, *sources)])


def _marks(parameters: Collection[object]) -> str:
    return ", ".join("?" * len(parameters))


def _sweep(database: sqlite3.Connection, source: int | str) -> Sweep:
    column = "key" if isinstance(source, str) else "source"
    query = f"SELECT source, number, phase, is_baseline, token, horizon FROM sources WHERE {column} = ?"  # noqa: S608 - names of ours
    number, last, phase, is_baseline, token, horizon = database.execute(query, (source,)).fetchone()
    return Sweep(number, last, phase, bool(is_baseline), token, horizon)


def _is_met(database: sqlite3.Connection, sweep: Sweep, id_: str) -> bool:
    query = "SELECT 1 FROM seen WHERE source = ? AND id = ? AND sweep = ?"
    return database.execute(query, (sweep.source, id_, sweep.number)).fetchone() is not None


def _last_place(database: sqlite3.Connection) -> int:
    """Return the place of the last change that is not confirmed; 0 if all are."""
    return int(database.execute("SELECT coalesce(max(place), 0) FROM changes").fetchone()[0])


def _newest(database: sqlite3.Connection, sweep: Sweep) -> str:
    """Return when the newest of all that was ever seen of a source was created."""
    query = "SELECT newest FROM sources WHERE source = ?"
    return str(database.execute(query, (sweep.source,)).fetchone()[0])


def _take(
    database: sqlite3.Connection, sweep: Sweep, sighting: Sighting, at: float, newest_seen: str
) -> None:
    image, id_ = sighting.image, sighting.image.own_id
    now = digest(image)
    query = "SELECT digest FROM seen WHERE source = ? AND id = ? AND digest IS NOT NULL"
    known = database.execute(query, (sweep.source, id_)).fetchone()
    if known is None or known[0] != now or sighting.steps or image.positions:
        before = _image(database, sweep.source, id_) if known else None
        if not sweep.is_baseline:
            for change in _differences(before, sighting, at):
                _note(database, sweep, change)
        if before is None and not sweep.is_first and is_older(image, newest_seen):
            _carry(database, sweep, image)
        kept = image if before is None else _keep_unknown(sighting, before)
        database.execute("INSERT OR REPLACE INTO images VALUES (?, ?, ?)", (sweep.source, id_, _pack(kept)))
    database.execute(
        "INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?)", (sweep.source, id_, sweep.number, now)
    )


def _carry(database: sqlite3.Connection, sweep: Sweep, image: Image) -> None:
    """Note the values of a new record that are older than it: those of records that were merged into it."""
    rows = [(sweep.source, key, image.own_id, sweep.number) for key in carried_keys(image)]
    database.executemany("INSERT OR REPLACE INTO carried VALUES (?, ?, ?, ?)", rows)


def _successor(database: sqlite3.Connection, sweep: Sweep, image: Image) -> str:
    """Return the id of the new record that has values of this one, which does not exist any more; empty if none has."""
    query = "SELECT id FROM carried WHERE source = ? AND key = ?"
    for key in carried_keys(image):
        for (id_,) in database.execute(query, (sweep.source, key)):
            if id_ != image.own_id:
                return str(id_)
    return ""


def _drop(database: sqlite3.Connection, sweep: Sweep, id_: str, hint: Hint, at: float) -> None:
    image = _image(database, sweep.source, id_)
    if image is not None and not sweep.is_baseline:
        into = hint.into or _successor(database, sweep, image)
        kind: Kind = "merged" if into else "deleted"
        _note(database, sweep, StoredChange(kind, id_, at, image, actor=hint.actor, into=into))
    database.execute("DELETE FROM images WHERE source = ? AND id = ?", (sweep.source, id_))
    # It stays known as gone until the next sweep: a page that was read before may have it.
    database.execute("INSERT OR REPLACE INTO seen VALUES (?, ?, ?, NULL)", (sweep.source, id_, sweep.number))


def _take_digest(database: sqlite3.Connection, sweep: Sweep, image: Image, at: float) -> None:
    now, id_ = digest(image), image.own_id
    if (now,) not in _digests(database, sweep, id_):
        _note(database, sweep, StoredChange("created", id_, at))
        database.execute(
            "INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?)", (sweep.source, id_, sweep.number, now)
        )


def _drop_id(database: sqlite3.Connection, sweep: Sweep, id_: str, hint: Hint, at: float) -> None:
    if (None,) not in _digests(database, sweep, id_):
        kind: Kind = "merged" if hint.into else "deleted"
        _note(database, sweep, StoredChange(kind, id_, at, actor=hint.actor, into=hint.into))
        database.execute(
            "INSERT OR REPLACE INTO seen VALUES (?, ?, ?, NULL)", (sweep.source, id_, sweep.number)
        )


def _digests(database: sqlite3.Connection, sweep: Sweep, id_: str) -> list[tuple[bytes | None]]:
    query = "SELECT digest FROM seen WHERE source = ? AND id = ?"
    return database.execute(query, (sweep.source, id_)).fetchall()


def _image(database: sqlite3.Connection, source: int, id_: str) -> Image | None:
    query = "SELECT image FROM images WHERE source = ? AND id = ?"
    found = database.execute(query, (source, id_)).fetchone()
    return None if found is None else _unpack(found[0], Image)


def _note(database: sqlite3.Connection, sweep: Sweep, change: StoredChange) -> None:
    database.execute("INSERT INTO changes (source, body) VALUES (?, ?)", (sweep.source, _pack(change)))


def _pack(content: msgspec.Struct) -> bytes:
    return zlib.compress(msgspec.json.encode(content), 1)


def _unpack(packed: bytes, kind: type[S]) -> S:
    return msgspec.json.decode(zlib.decompress(packed), type=kind)


def _keep_unknown(sighting: Sighting, before: Image) -> Image:
    """Return the image with the earlier values of attributes that were not read: archived ones may be restored."""
    image = sighting.image
    values = {name: raw for name, raw in before.values.items() if name not in sighting.known}
    return msgspec.structs.replace(
        image, values=values | image.values, positions=before.positions | image.positions
    )


def _differences(before: Image | None, sighting: Sighting, at: float) -> list[StoredChange]:
    after, steps = sighting.image, sighting.steps
    unfolded = [_of_step(after.own_id, name, step, at) for name in steps for step in steps[name]]
    if before is None:
        first = {**after.values, **sighting.first} if sighting.first else after.values
        values = {name: raw for name, raw in first.items() if raw != NO_VALUES}
        image = msgspec.structs.replace(after, values=values)
        return [
            StoredChange("created", after.own_id, at, image),
            *sorted(unfolded, key=_time),
        ]
    found = [
        StoredChange(
            "changed",
            after.own_id,
            at,
            attribute_id=name,
            before=before.values_of(name),
            after=after.values_of(name),
        )
        for name in changed_attributes(before, after, sighting.known)
        if name not in steps
    ]
    return sorted([*found, *unfolded], key=_time)


def _of_step(own_id: str, attribute_id: str, step: Step, at: float) -> StoredChange:
    return StoredChange(
        "changed",
        own_id,
        at,
        attribute_id=attribute_id,
        before=step.before,
        after=step.after,
        at=step.at,
    )


def _time(change: StoredChange) -> str:
    """Return when a change happened; those whose time is unknown are sorted last."""
    latest = newest(change.before, change.after)
    return change.at or ("~" if latest is None else moment_of(latest.get("active_from")) or "~")
