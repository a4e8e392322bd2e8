"""A mirror as a folder of Parquet files. Needs the extra `mirror`.

A DuckDB mirror in a hidden part of the folder does the work, and answers queries. What a sweep changed is then written to
files of its own, and the manifest is replaced: a reader who starts with the manifest finds all files of one complete sweep.
"""
# ruff: noqa: S608 - names are quoted

import re
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs
import msgspec

from .._storage.files import PartFile, atomic_file, naming_file
from .._storage.stored import reading_stored
from ..errors import ConfigurationError, StorageError
from ._duckdb import DuckDBTarget
from ._report import MirrorStatus
from ._target import FORMAT_VERSION, Batch, Committed, MirroredTable, MirrorSweep, TableProgress, check_format

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MANIFEST: Final = "manifest.json"
_LOG = ("mirror", "_changes")
_ALWAYS = (("mirror", "_deleted"),)
_UNSAFE = re.compile(r"[^a-z0-9_-]")
_SCHEMAS = ("objects", "lists", "mirror", "history")
_MAX_MEMORY = "256MB"
_MAX_NAME_CHARACTERS = 100


class _ManifestTable(msgspec.Struct, kw_only=True):
    """A table in the manifest: its files, relative to the folder, and the last sweep that changed it."""

    schema: str
    name: str
    sweep: int
    rows: int
    files: list[str]


class _Manifest(msgspec.Struct, kw_only=True):
    """The last complete sweep, and the files that have it."""

    format: int = FORMAT_VERSION
    mirror_id: str = ""
    workspace_id: str = ""
    sweep: int = 0
    changed_at: datetime | None = None
    swept_at: datetime | None = None
    tables: list[_ManifestTable] = []

    @property
    def files(self) -> set[str]:
        """All files that it names."""
        return {file for table in self.tables for file in table.files}


class ParquetTarget:
    """A mirror in a folder of Parquet files.

    Args:
        folder: The folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._database = folder / ".mirror" / "crm.duckdb"
        self._work = DuckDBTarget(self._database)
        self._is_behind = True
        self._changed: set[tuple[str, str]] | None = None
        """The tables that the last commit changed; None for all of them."""

    @property
    def where(self) -> str:
        """The folder."""
        return str(self._folder)

    @property
    def feed_path(self) -> Path:
        """The place for the file of a feed."""
        return self._work.feed_path

    # Writing

    def open(self) -> None:
        """Open the folder for writing, and create it if it is not there."""
        with naming_file(self._folder):
            self._folder.mkdir(mode=0o700, exist_ok=True)
            others = [path.name for path in self._folder.iterdir() if path.name != ".mirror"]
            if others and not (self._folder / MANIFEST).exists() and not (self._folder / ".mirror").exists():
                raise ConfigurationError(
                    f"{self._folder} has other files; give the path of a mirror, or of a new folder"
                )
            (self._folder / ".mirror").mkdir(mode=0o700, exist_ok=True)
        self._manifest()  # which fails if it has another format
        self._work.open()
        self._changed = None
        self._is_behind = self._work.changed_sweep != self._own_manifest().sweep

    def begin(self, sweep: MirrorSweep) -> Mapping[str, TableProgress]:
        """Begin a sweep, or resume the one that was interrupted."""
        return self._work.begin(sweep)

    def stale(self, table: MirroredTable, digests: Mapping[str, int]) -> Collection[str]:
        """Return the ids whose digest is not the one that was committed last."""
        return self._work.stale(table, digests)

    def take(self, table: MirroredTable, batch: Batch) -> None:
        """Note that these rows were seen, and stage those that are stale."""
        self._work.take(table, batch)

    def unseen(self, table: MirroredTable, limit: int) -> Sequence[str]:
        """Return ids of kept rows that this sweep neither met nor dropped."""
        return self._work.unseen(table, limit)

    def drop(self, table: MirroredTable, gone: Mapping[str, str | None]) -> None:
        """Note that rows are gone."""
        self._work.drop(table, gone)

    def complete(self, table: MirroredTable) -> None:
        """Note that a table was read to its end."""
        self._work.complete(table)

    def commit(
        self, tables: Sequence[MirroredTable], *, at: datetime, retention: timedelta | None
    ) -> Committed:
        """Bring the tables to what was staged, and log the changes."""
        committed = self._work.commit(tables, at=at, retention=retention)
        if not committed.schema_changes and not self._is_behind:
            self._changed = {
                (each.table.schema, each.table.name) for each in tables if committed.counts[each.id].total
            }
        return committed

    def publish(self) -> bool:
        """Write the files of what changed, and the manifest that names them."""
        changed, self._changed = self._changed, None
        named, before = self._manifest().files, self._own_manifest()
        self._work.publish()
        status = self._work.status()
        if before.sweep == status.sweep:
            before.swept_at = status.swept_at
            self._write_manifest(before)
            return False
        with self._reader() as database:
            tables = list(self._export(database, status, before, changed))
        after = _Manifest(
            mirror_id=self._work.mirror_id,
            workspace_id=status.workspace_id,
            sweep=status.sweep,
            changed_at=status.changed_at,
            swept_at=status.swept_at,
            tables=tables,
        )
        self._write_manifest(after)
        self._is_behind = False
        self._remove_files(keep=named | after.files)
        return True

    @contextmanager
    def _reader(self) -> "Generator[DuckDBPyConnection]":
        """Open the database that the sweep was published to."""
        import duckdb  # noqa: PLC0415 - an extra, which the other target has found

        config: dict[str, Any] = {
            "memory_limit": _MAX_MEMORY,
            "temp_directory": str(self._database.with_name("spill")),
            "autoinstall_known_extensions": "false",
        }
        try:
            with duckdb.connect(str(self._database), read_only=True, config=config) as database:
                database.execute("SET TimeZone = 'UTC'")
                yield database
        except duckdb.Error as error:
            raise StorageError(self.where, None, str(error).partition("\n")[0]) from error

    def _export(
        self,
        database: "DuckDBPyConnection",
        status: MirrorStatus,
        before: _Manifest,
        changed: Collection[tuple[str, str]] | None,
    ) -> Iterator[_ManifestTable]:
        """Write the tables that changed, and yield all."""
        known = {(table.schema, table.name): table for table in before.tables}
        places = [tuple(place.split(".", 1)) for place in status.rows]
        for schema, name in (*places, *_ALWAYS):
            earlier = known.get((schema, name))
            if earlier is not None and changed is not None and (schema, name) not in {*changed, *_ALWAYS}:
                yield earlier
                continue
            select = f"SELECT * FROM {_quoted(schema)}.{_quoted(name)} ORDER BY 1, 2"
            yield self._write(database, (schema, name), status.sweep, select)
        yield self._export_log(database, status.sweep, known.get(_LOG))

    def _export_log(
        self, database: "DuckDBPyConnection", sweep: int, earlier: _ManifestTable | None
    ) -> _ManifestTable:
        """Write the new lines of the log; all of them if earlier ones were removed meanwhile."""
        log = "SELECT * FROM mirror._changes"
        if earlier is not None:
            (kept,) = database.execute(
                "SELECT count(*) FROM mirror._changes WHERE sweep <= ?", [earlier.sweep]
            ).fetchone() or (0,)
            if kept == earlier.rows:
                select = f"{log} WHERE sweep > {earlier.sweep:d} ORDER BY place"
                added = self._write(database, _LOG, sweep, select)
                files = [*earlier.files, *(added.files if added.rows else ())]
                return _ManifestTable(
                    schema=_LOG[0], name=_LOG[1], sweep=sweep, rows=kept + added.rows, files=files
                )
        return self._write(database, _LOG, sweep, f"{log} ORDER BY place")

    def _write(
        self, database: "DuckDBPyConnection", place: tuple[str, str], sweep: int, select: str
    ) -> _ManifestTable:
        """Write the rows of a SELECT to a file of its own."""
        schema, name = place
        file = Path(schema) / _folder_name(name) / f"{sweep:09d}.parquet"
        if (self._folder / file).exists():  # such as of a database that was removed: a file never changes
            file = file.with_stem(f"{file.stem}-{self._work.mirror_id}")
        target = self._folder / file
        with naming_file(target):
            for folder in (target.parent.parent, target.parent):
                folder.mkdir(mode=0o700, exist_ok=True)
            part = PartFile(target)
            try:
                # Without a file of DuckDB's own in between, which others could read.
                options = "FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false"
                row = database.execute(f"COPY ({select}) TO {_text(part.path)} ({options})").fetchone()
                part.complete()
            finally:
                part.discard()
        rows = int(row[0]) if row else 0
        return _ManifestTable(schema=schema, name=name, sweep=sweep, rows=rows, files=[file.as_posix()])

    def _manifest(self) -> _Manifest:
        path = self._folder / MANIFEST
        if not path.exists():
            return _Manifest()
        with reading_stored(path):
            found = msgspec.json.decode(path.read_bytes(), type=_Manifest)
        check_format(found.format, self.where)
        return found

    def _own_manifest(self) -> _Manifest:
        """Return the manifest, or an empty one if it is of another database than the folder has now, or of a later state."""
        found, work = self._manifest(), self._work
        is_own = found.mirror_id == work.mirror_id and found.sweep <= work.changed_sweep
        return found if is_own else _Manifest()

    def _write_manifest(self, manifest: _Manifest) -> None:
        with atomic_file(self._folder / MANIFEST) as file:
            file.write(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")

    def _remove_files(self, *, keep: Collection[str]) -> None:
        """Remove the files of older sweeps, and what an interrupted one left. Readers of the last manifest keep theirs."""
        for path in (path for schema in _SCHEMAS for path in self._folder.glob(f"{schema}/*/*")):
            if path.suffix in {".parquet", ".part"} and path.relative_to(self._folder).as_posix() not in keep:
                path.unlink(missing_ok=True)

    def forget(self, ids: Collection[str]) -> int:
        """Remove what is kept about these records, and write all files anew."""
        count = self._work.forget(ids)
        self.publish()
        self._remove_files(keep=self._manifest().files)
        return count

    def close(self) -> None:
        """Close the folder, and release it for other writers."""
        self._work.close()

    # Reading

    def query(self, query: str, *, timeout: float, max_rows: int) -> list[dict[str, Any]]:
        """Return the rows of one SELECT."""
        return self._work.query(query, timeout=timeout, max_rows=max_rows)

    def status(self) -> MirrorStatus:
        """Return the state of the folder."""
        return attrs.evolve(self._work.status(), where=self.where)


def _folder_name(name: str) -> str:
    """Return a name that every file system takes: one with other characters ends with a digest of itself."""
    safe = _UNSAFE.sub("_", name)[:_MAX_NAME_CHARACTERS]
    return safe if safe == name else f"{safe}.{blake2b(name.encode(), digest_size=4).hexdigest()}"


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _text(value: object) -> str:
    doubled = str(value).replace("'", "''")
    return f"'{doubled}'"
