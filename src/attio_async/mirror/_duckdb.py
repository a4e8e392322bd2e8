"""A mirror in a DuckDB file. Needs the extra `mirror`.

DuckDB lets a reader block a writer, and a writer block readers. So the database that sweeps write to is the writer's own,
in a hidden folder beside the file, and readers get copies of it: after a sweep that changed something a copy is renamed
over the file. The folder also has the staging area, which can be thrown away at any time.
"""
# ruff: noqa: S608 - names are quoted

import errno
import os
import shutil
import threading
from array import array
from bisect import bisect_left
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

import attrs
import msgspec

from .._storage.files import PartFile, atomic_file, naming_file, open_private, resolve_target, try_lock
from .._storage.stored import reading_stored
from ..errors import ConfigurationError, StorageError
from ._report import MirrorStatus, RowCounts, TableChange
from ._tables import DELETED_COLUMNS, SYSTEM_COLUMNS, Column, ColumnType
from ._target import (
    FORMAT_VERSION,
    OF_ROW,
    Batch,
    Committed,
    MirroredTable,
    MirrorFacts,
    MirrorSweep,
    StagedRow,
    StoredTable,
    TableProgress,
    as_dicts,
    can_resume,
    check_format,
    check_shapes,
    columns_about_records,
    decode_columns,
    encode_columns,
    in_order,
    kept_columns,
    oldest_kept,
    plan_of,
    read_progress,
    renamed_away,
    schema_changes,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

T = TypeVar("T")

_MAX_WRITER_MEMORY, _MAX_MEMORY_OF_LARGE_ROWS = "44MB", "1GB"
"""What the writer may use, and what it gets where that is not enough, since rows can be thousands of times the usual size."""
_ROWS_PER_SLICE = 350
"""Rows that one statement stages or takes over: JSON takes a hundred times its size while it is read or written."""
_ROWS_PER_GROUP = 8_192
"""Rows that the staging area has in one piece: the last piece is written anew, in memory, as long as it grows."""
_DIGESTS_PER_CHUNK = 10_000
_ROWS_PER_NOTE = 5_000
"""Rows of which nothing changed that are noted at once; an interrupted refresh reads up to this many of them anew."""
_MAX_READER_MEMORY = "1GB"
_RENAME_TRIES = 50
_RENAME_PAUSE_S = 0.1
_SCHEMAS = ("objects", "lists", "mirror", "history")
_SEARCH_PATH = "crm.objects,crm.mirror"

_TABLES = f"""
CREATE TABLE mirror._info (
    format INTEGER, mirror_id VARCHAR, workspace_id VARCHAR, sweep BIGINT, changed_sweep BIGINT,
    changed_at TIMESTAMPTZ, swept_at TIMESTAMPTZ
);
CREATE TABLE mirror._tables (id VARCHAR, table_schema VARCHAR, table_name VARCHAR, columns JSON);
CREATE SEQUENCE mirror._places;
CREATE TABLE mirror._changes (
    place BIGINT DEFAULT nextval('mirror._places'), sweep BIGINT, change VARCHAR, table_schema VARCHAR,
    table_name VARCHAR, id VARCHAR, attribute VARCHAR, before JSON, after JSON, merged_into VARCHAR, "at" TIMESTAMPTZ,
    actor_type VARCHAR, actor_id VARCHAR, noticed_at TIMESTAMPTZ
);
CREATE TABLE mirror._deleted ({", ".join(f'"{one.name}" {one.type.duckdb}' for one in DELETED_COLUMNS)});
"""
_STAGING = """
CREATE TABLE IF NOT EXISTS staging.state (
    mirror_id VARCHAR, digests_of BIGINT, plan VARCHAR, began_at TIMESTAMPTZ
);
CREATE TABLE IF NOT EXISTS staging.progress (id VARCHAR, token VARCHAR, is_read BOOLEAN, read BIGINT);
"""
_ORIGINS = Column("_origins", ColumnType("text"))
_CHANGED_AT = Column("_changed_at", ColumnType("timestamp"))
_STAGED_COLUMNS = (_CHANGED_AT, _ORIGINS)


class DuckDBTarget:
    """A mirror in a DuckDB file.

    Args:
        path: The file that readers open.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock: int | None = None
        self._database: DuckDBPyConnection | None = None
        self._sweep: MirrorSweep | None = None
        self._known: dict[str, array[int]] = {}
        self._unnoted: dict[str, _Unnoted] = {}
        self._readers: tuple[tuple[int, int, int], MirrorFacts] | None = None

    @property
    def where(self) -> str:
        """The file."""
        return str(self._path)

    @property
    def feed_path(self) -> Path:
        """The place for the file of a feed."""
        return self._folder / "feed.db"

    @property
    def _folder(self) -> Path:
        """The writer's folder: beside the file itself, so that it has one writer whatever links lead to it."""
        real = Path(os.path.realpath(self._path))
        return real.parent / f".{real.name}.mirror"

    @property
    def _work(self) -> Path:
        return self._folder / "work.duckdb"

    @property
    def _staging(self) -> Path:
        return self._folder / "staging.duckdb"

    # Writing

    def open(self) -> None:
        """Open the file for writing, and create it if it is not there."""
        _duckdb()
        target = resolve_target(self._path)
        with naming_file(self._folder):
            self._folder.mkdir(mode=0o700, exist_ok=True)
            self._folder.chmod(0o700)
        self._take_lock()
        try:
            if target.exists():
                check_format(self._published().format, self.where)
                if not self._work.exists():
                    self._copy(target, self._work)
            with self._errors():
                self._open()
        except BaseException:
            self.close()
            raise

    def _take_lock(self) -> None:
        descriptor = open_private(self._folder / "lock")
        if not try_lock(descriptor):
            os.close(descriptor)
            raise ConfigurationError(
                f"{self._path} is being written by another refresh; wait for it, or stop it"
            )
        self._lock = descriptor

    def _open(self) -> None:
        database = self._connect()
        info = _info(database)
        if info is None:
            database.execute("BEGIN")
            database.execute("".join(f"CREATE SCHEMA {name};" for name in _SCHEMAS) + _TABLES)
            database.execute(
                "INSERT INTO mirror._info VALUES (?, ?, NULL, 0, 0, NULL, NULL)",
                [FORMAT_VERSION, str(uuid4())],
            )
            database.execute("COMMIT")
        else:
            check_format(info.format, self.where)

    def _connect(self) -> "DuckDBPyConnection":
        duckdb = _duckdb()
        spill = self._folder / "spill"
        config: dict[str, Any] = {
            "memory_limit": _MAX_WRITER_MEMORY,
            "threads": "1",  # each has buffers for all columns
            "temp_directory": str(spill),
            "preserve_insertion_order": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "python_enable_replacements": "false",
        }
        database: DuckDBPyConnection = duckdb.connect(str(self._work), config=config)
        self._database = database
        # Joins are written with their small side last.
        database.execute(
            "SET TimeZone = 'UTC'; SET disabled_optimizers = 'build_side_probe_side';"
            "SET enable_progress_bar = false"  # DuckDB prints one in shells and notebooks
        )
        try:
            self._attach(database)
        except duckdb.Error as error:
            if _is_out_of_space(error):
                raise
            self._staging.unlink(missing_ok=True)  # damaged, which costs only time
            self._staging_log.unlink(missing_ok=True)
            self._attach(database)
        return database

    @property
    def _staging_log(self) -> Path:
        return self._staging.with_name(self._staging.name + ".wal")

    def _attach(self, database: "DuckDBPyConnection") -> None:
        database.execute(f"ATTACH {_text(self._staging)} AS staging (ROW_GROUP_SIZE {_ROWS_PER_GROUP})")
        database.execute(_STAGING)

    @property
    def _db(self) -> "DuckDBPyConnection":
        if self._database is None:
            raise ConfigurationError("the mirror is not open for writing")
        return self._database

    def begin(self, sweep: MirrorSweep) -> Mapping[str, TableProgress]:
        """Begin a sweep, or resume the one that was interrupted."""
        with self._errors():
            self._sweep, self._known, self._unnoted = sweep, {}, {}
            info = self._info()
            if info.workspace_id not in {None, sweep.workspace_id}:
                raise ConfigurationError(
                    f"{self._path} mirrors another workspace, {info.workspace_id}; give each workspace its own file"
                )
            check_shapes(self._stored(), sweep)
            state = self._db.execute("SELECT mirror_id, digests_of, plan, began_at FROM staging.state")
            has_digests, is_resumable = can_resume(state.fetchone(), info, sweep)
            if is_resumable:
                return self._progress(sweep)
            self._begin_staging(sweep, info, plan_of(sweep), keep_digests=has_digests)
            return {}

    def _progress(self, sweep: MirrorSweep) -> Mapping[str, TableProgress]:
        rows = self._db.execute(
            "SELECT id, token, is_read, read FROM staging.progress ORDER BY rowid"
        ).fetchall()
        found, anew = read_progress(sweep, rows)
        for table in anew:
            self._db.execute("DELETE FROM staging.progress WHERE id = ?", [table.id])
            self._clear(table)
        return found

    def _begin_staging(self, sweep: MirrorSweep, info: MirrorFacts, plan: str, *, keep_digests: bool) -> None:
        database = self._db
        database.execute("BEGIN")
        for (name,) in database.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'staging'"
        ).fetchall():
            if name not in {"state", "progress"} and not (keep_digests and name.endswith(":digests")):
                database.execute(f"DROP TABLE staging.{_quoted(name)}")
        database.execute("DELETE FROM staging.state")
        database.execute("DELETE FROM staging.progress")
        row = [info.mirror_id, info.sweep, plan, sweep.began_at]
        database.execute("INSERT INTO staging.state VALUES (?, ?, ?, ?)", row)
        for table in sweep.tables:
            self._clear(table)
        database.execute("COMMIT")

    def _clear(self, table: MirroredTable) -> None:
        """Empty what is staged of a table."""
        columns = _columns((*table.table.columns, *_STAGED_COLUMNS))
        digest = "(id VARCHAR, digest BIGINT)"
        self._db.execute(
            f"""
            CREATE TABLE IF NOT EXISTS {_staged(table, "digests")} {digest};
            CREATE OR REPLACE TABLE {_staged(table, "seen")} {digest};
            CREATE OR REPLACE TABLE {_staged(table, "rows")} ({columns});
            CREATE OR REPLACE TABLE {_staged(table, "touched")} (id VARCHAR);
            CREATE OR REPLACE TABLE {_staged(table, "gone")} (id VARCHAR, merged_into VARCHAR);
            """
        )

    def stale(self, table: MirroredTable, digests: Mapping[str, int]) -> Collection[str]:
        """Return the ids whose digest is not one that was committed last."""
        if self._sweep is not None and self._sweep.is_partial:  # of few, it is quicker to look for each
            with self._errors():
                found = self._db.execute(
                    f"SELECT digest FROM {_staged(table, 'digests')} WHERE digest IN (SELECT unnest($1::BIGINT[]))",
                    [list(digests.values())],
                ).fetchall()
            same = {digest for (digest,) in found}
            return [id_ for id_, digest in digests.items() if digest not in same]
        known = self._known_digests(table)
        return [id_ for id_, digest in digests.items() if not _has(known, digest)]

    def _known_digests(self, table: MirroredTable) -> "array[int]":
        """Return all digests that were committed last, sorted: a query for each batch would take longer."""
        known = self._known.get(table.id)
        if known is None:
            known = self._known[table.id] = array("q")
            with self._errors():
                found = self._db.execute(f"SELECT digest FROM {_staged(table, 'digests')} ORDER BY 1")
                while chunk := found.fetchmany(_DIGESTS_PER_CHUNK):
                    known.extend(value for (value,) in chunk)
        return known

    def take(self, table: MirroredTable, batch: Batch) -> None:
        """Stage the rows that are stale, and note that all were seen. Those of which nothing changed are noted later, together."""
        unnoted = self._unnoted.setdefault(table.id, _Unnoted(table))
        unnoted.digests.update(batch.digests)
        unnoted.token, unnoted.read = batch.token, unnoted.read + len(batch.digests)
        if batch.stale or len(unnoted.digests) >= _ROWS_PER_NOTE:
            self._note(table, batch)

    def _note(self, table: MirroredTable | None = None, batch: Batch | None = None) -> None:
        """Note in one transaction what was seen, and how far was read. What is stale of a last batch is staged in it, too."""
        if self._unnoted:
            with self._errors():
                self._in_transaction(partial(self._stage, table, batch))
            self._unnoted = {}

    def _stage(self, table: MirroredTable | None, batch: Batch | None) -> None:
        for unnoted in self._unnoted.values():
            self._note_seen(unnoted)
        if table is not None and batch is not None and batch.stale:
            self._db.execute(
                f"INSERT INTO {_staged(table, 'touched')} SELECT unnest($1::VARCHAR[])", [list(batch.stale)]
            )
            self._insert(table, batch.rows)

    def _note_seen(self, unnoted: "_Unnoted") -> None:
        table = unnoted.table
        if table.history_of:  # what is read after an interruption may have been staged before
            for part, key in (("seen", "id"), ("touched", "id"), ("rows", table.table.key)):
                self._db.execute(
                    f"DELETE FROM {_staged(table, part)} WHERE {_quoted(key)} IN (SELECT unnest($1::VARCHAR[]))",
                    [list(unnoted.digests)],
                )
        # One text, since DuckDB takes three times as long to be given each id and digest as a parameter of its own.
        self._db.execute(
            f"INSERT INTO {_staged(table, 'seen')} SELECT key, value::BIGINT FROM json_each($1::JSON)",
            [msgspec.json.encode(unnoted.digests).decode()],
        )
        self._db.execute(
            "INSERT INTO staging.progress VALUES (?, ?, false, ?)", [table.id, unnoted.token, unnoted.read]
        )

    def _insert(self, table: MirroredTable, rows: Sequence[StagedRow]) -> None:
        columns = (*table.table.columns, *_STAGED_COLUMNS)
        names = [str(number) for number in range(len(columns))]
        types = {name: _json_type(column.type) for name, column in zip(names, columns, strict=True)}
        shape = msgspec.json.encode([types]).decode()
        for start in range(0, len(rows), _ROWS_PER_SLICE):
            encoded = msgspec.json.encode(
                [
                    dict(zip(names, (*row.cells, row.changed_at, _encode_origins(row)), strict=True))
                    for row in rows[start : start + _ROWS_PER_SLICE]
                ]
            )
            self._db.execute(
                f"INSERT INTO {_staged(table, 'rows')}"
                " SELECT row.* FROM (SELECT unnest(from_json_strict($1::JSON, $2)) AS row)",
                [encoded.decode(), shape],
            )

    def unseen(self, table: MirroredTable, limit: int) -> Sequence[str]:
        """Return ids of kept rows that this sweep neither met nor dropped."""
        self._note()
        with self._errors():
            stored = self._stored().get(table.id)
            if stored is None:
                return ()
            key, place = _quoted(stored.columns[0].name), _place(stored.schema, stored.name)
            rows = self._db.execute(
                f"""
                SELECT k.{key} FROM {place} k
                ANTI JOIN {_staged(table, "seen")} s ON s.id = k.{key}
                ANTI JOIN {_staged(table, "gone")} g ON g.id = k.{key}
                LIMIT {limit:d}
                """
            ).fetchall()
            return [id_ for (id_,) in rows]

    def drop(self, table: MirroredTable, gone: Mapping[str, str | None]) -> None:
        """Note that rows are gone."""
        with self._errors():
            self._db.execute(
                f"INSERT INTO {_staged(table, 'gone')} SELECT unnest($1::VARCHAR[]), unnest($2::VARCHAR[])",
                [list(gone), list(gone.values())],
            )

    def complete(self, table: MirroredTable) -> None:
        """Note that a table was read to its end."""
        self._note()
        with self._errors():
            self._db.execute("INSERT INTO staging.progress VALUES (?, NULL, true, 0)", [table.id])

    def commit(
        self, tables: Sequence[MirroredTable], *, at: datetime, retention: timedelta | None
    ) -> Committed:
        """Bring the tables to what was staged, and log the changes."""
        if self._sweep is None:
            raise ConfigurationError("no sweep was begun")
        with self._errors():
            info = self._info()
            committed = self._in_transaction(partial(self._commit, self._sweep, tables, info, at, retention))
            is_partial = self._sweep.is_partial
            self._settle(tables, info, committed, is_partial=is_partial)
            self._sweep = None
        if is_partial:
            return committed
        with atomic_file(self._folder / "swept.json") as file:
            file.write(msgspec.json.encode({"mirror_id": info.mirror_id, "swept_at": at}))
        return committed

    def _commit(
        self,
        sweep: MirrorSweep,
        tables: Sequence[MirroredTable],
        info: MirrorFacts,
        at: datetime,
        retention: timedelta | None,
    ) -> Committed:
        number = info.sweep + 1
        changes = self._migrate(tables, number, at)
        counts = {
            each.id: self._replace_history(each, at, is_partial=sweep.is_partial)
            if each.history_of
            else self._apply(each, number, at)
            for each in tables
        }
        committed = Committed(sweep=number, counts=counts, schema_changes=tuple(changes))
        pruned = self._prune(at, retention)
        self._db.execute(
            "UPDATE mirror._info SET workspace_id = ?, sweep = ?, swept_at = if(?, swept_at, ?)",
            [sweep.workspace_id, number, sweep.is_partial, at],
        )
        if committed.is_changed or pruned or info.sweep == 0:
            self._db.execute("UPDATE mirror._info SET changed_sweep = sweep, changed_at = ?", [at])
        return committed

    def _migrate(self, tables: Sequence[MirroredTable], sweep: int, at: datetime) -> list[TableChange]:
        """Give the tables their new shapes."""
        stored = self._stored()
        changed: list[tuple[MirroredTable, list[TableChange]]] = []
        for table in tables:
            changes = schema_changes(stored.get(table.id), table)
            old, new = stored.get(table.id), table.table
            if (
                old is None
                or changes
                or [one.name for one in old.columns] != [one.name for one in new.columns]
            ):
                self._reshape(old, table)
                changed.append((table, changes))
        others = [each for each in stored.values() if each.id not in {t.id for t in tables}]
        found = [change for _, changes in changed for change in changes]
        for table, _ in changed:
            found += self._make_room(table, others)
            draft, name = _place(table.table.schema, table.id), _quoted(table.table.name)
            if table.id != table.table.name:
                self._db.execute(f"ALTER TABLE {draft} RENAME TO {name}")
            self._db.execute("DELETE FROM mirror._tables WHERE id = ?", [table.id])
            row = [table.id, table.table.schema, table.table.name, encode_columns(table.table.columns)]
            self._db.execute("INSERT INTO mirror._tables VALUES (?, ?, ?, ?)", row)
        for change in in_order(found):
            schema, _, name = change.table.partition(".")
            self._db.execute(
                """
                INSERT INTO mirror._changes BY NAME SELECT ? AS sweep, 'schema' AS change, ? AS table_schema,
                ? AS table_name, ? AS attribute, ?::JSON AS before, ?::JSON AS after, ?::TIMESTAMPTZ AS noticed_at
                """,
                [
                    sweep,
                    schema,
                    name,
                    change.column or None,
                    msgspec.json.encode({"change": change.change, "was": change.before}).decode(),
                    msgspec.json.encode(change.after or None).decode(),
                    at,
                ],
            )
        return found

    def _reshape(self, old: StoredTable | None, table: MirroredTable) -> None:
        """Create a table in its new shape, under its id instead of its name, with the rows that it has."""
        draft = _place(table.table.schema, table.id)
        columns = (*table.table.columns, *SYSTEM_COLUMNS)
        if old is None:
            self._db.execute(f"CREATE TABLE {draft} ({_columns(columns)})")
            return
        kept = {**kept_columns(old, table), **{one.name: one.name for one in SYSTEM_COLUMNS}}
        cells = ", ".join(
            f"{_quoted(kept[one.name])} AS {_quoted(one.name)}"
            if one.name in kept
            else f"NULL::{one.type.duckdb} AS {_quoted(one.name)}"
            for one in columns
        )
        place = _place(old.schema, old.name)
        if place == draft:
            self._db.execute(f"ALTER TABLE {place} RENAME TO {_quoted(f'{table.id}:old')}")
            place = _place(old.schema, f"{table.id}:old")
        self._db.execute(f"CREATE TABLE {draft} AS SELECT {cells} FROM {place}")
        self._db.execute(f"DROP TABLE {place}")

    def _make_room(self, table: MirroredTable, others: Sequence[StoredTable]) -> list[TableChange]:
        """Rename a table that is not read any more and has the name of one that is."""
        found: list[TableChange] = []
        for other in others:
            if other.schema == table.table.schema and other.name.lower() == table.table.name.lower():
                name = f"{other.name}_{other.id}"
                self._db.execute(f"ALTER TABLE {_place(other.schema, other.name)} RENAME TO {_quoted(name)}")
                self._db.execute("UPDATE mirror._tables SET table_name = ? WHERE id = ?", [name, other.id])
                found.append(renamed_away(other, name))
        return found

    def _apply(self, table: MirroredTable, sweep: int, at: datetime) -> RowCounts:
        """Bring a table to what was staged, and log the changes."""
        if not self._is_staged(table):
            return RowCounts()
        rows, created, changed = _staged(table, "rows"), 0, 0
        is_empty = not self._count(_place(table.table.schema, table.table.name))
        (last,) = self._db.execute(f"SELECT max(rowid) FROM {rows}").fetchone() or (None,)
        place = _place(table.table.schema, table.table.name)
        self._db.execute(
            f"CREATE OR REPLACE TEMP TABLE earlier AS SELECT * FROM {place} LIMIT 0;"
            "CREATE OR REPLACE TEMP TABLE differing (id VARCHAR)"
        )
        for start in range(0, 0 if last is None else last + 1, _ROWS_PER_SLICE):
            part = f"(SELECT * FROM {rows} WHERE rowid >= {start} AND rowid < {start + _ROWS_PER_SLICE}) s"
            new, differing = self._apply_slice(table, part, sweep, at, is_empty=is_empty)
            created, changed = created + new, changed + differing
        deleted, merged = self._remove(table, sweep, at)
        if created:
            self._db.execute(
                "DELETE FROM mirror._deleted WHERE table_schema = ? AND table_name = ?"
                f" AND id IN (SELECT {_quoted(table.table.key)} FROM {rows})",
                [table.table.schema, table.table.name],
            )
        return RowCounts(created=created, changed=changed, deleted=deleted, merged=merged)

    def _apply_slice(
        self, table: MirroredTable, part: str, sweep: int, at: datetime, *, is_empty: bool
    ) -> tuple[int, int]:
        """Take over some of the rows, and return how many are new and how many differ. All at once would not fit in memory.

        Args:
            table: The table.
            part: The rows, as an item of FROM that is called `s`.
            sweep: The number of the sweep.
            at: Its time.
            is_empty: True if the table was empty before the sweep.
        """
        place, key = _place(table.table.schema, table.table.name), _quoted(table.table.key)
        if not is_empty:
            self._db.execute(
                "DELETE FROM earlier; DELETE FROM differing;"
                f"INSERT INTO earlier SELECT k.* FROM {place} k SEMI JOIN {part} USING ({key})"
            )
        created = self._log_created(table, part, sweep, at)
        changed = self._log_changed(table, part, sweep, at)
        system = """
            coalesce(e._first_seen, ?), CASE WHEN e._first_seen IS NULL THEN coalesce(s._changed_at, ?)
            WHEN s._changed_at > e._last_changed THEN s._changed_at ELSE ? END, ?
        """
        cells = ", ".join(f"s.{_quoted(one.name)}" for one in table.table.columns)
        join = f"LEFT JOIN earlier e USING ({key}) WHERE e.{key} IS NULL"
        if changed:
            self._db.execute(f"DELETE FROM {place} WHERE {key} IN (SELECT id FROM differing)")
            join += f" OR s.{key} IN (SELECT id FROM differing)"
        if created or changed:
            self._db.execute(f"INSERT INTO {place} SELECT {cells}, {system} FROM {part} {join}", [at] * 4)
        return created, changed

    def _is_staged(self, table: MirroredTable) -> bool:
        """Return True if anything of a table may differ."""
        found = self._db.execute(
            f"SELECT EXISTS (FROM {_staged(table, 'touched')}) OR EXISTS (FROM {_staged(table, 'gone')})"
        ).fetchone()
        return bool(found and found[0])

    def _log_created(self, table: MirroredTable, part: str, sweep: int, at: datetime) -> int:
        key = _quoted(table.table.key)
        return self._log(
            f"""
            SELECT ?::BIGINT AS sweep, 'created' AS change, ? AS table_schema, ? AS table_name, s.{key} AS id,
            {_row_json("s", table.table.columns)} AS after, {_origin(OF_ROW)}, ?::TIMESTAMPTZ AS noticed_at
            FROM {part} ANTI JOIN earlier e USING ({key})
            """,
            [sweep, table.table.schema, table.table.name, at],
        )

    def _log_changed(self, table: MirroredTable, part: str, sweep: int, at: datetime) -> int:
        """Log the cells that differ, and put the ids of their rows into the temporary table `differing`."""
        key = _quoted(table.table.key)
        others = [one for one in table.table.columns if one.name != table.table.key]
        if not others or not self._count("earlier"):
            return 0
        pairs = [(f"s.{_quoted(one.name)}", f"e.{_quoted(one.name)}") for one in others]
        both = f"{part} JOIN earlier e USING ({key})"
        differs = " OR ".join(f"{new} IS DISTINCT FROM {old}" for new, old in pairs)
        self._db.execute(f"INSERT INTO differing SELECT s.{key} FROM {both} WHERE {differs}")
        count = self._count("differing")
        for column, (new, old) in zip(others, pairs, strict=True) if count else ():
            self._log(
                f"""
                SELECT ?::BIGINT AS sweep, 'changed' AS change, ? AS table_schema, ? AS table_name, s.{key} AS id,
                ? AS attribute, {_cell_json(old, column.type)} AS before, {_cell_json(new, column.type)} AS after,
                {_origin(column.name)}, ?::TIMESTAMPTZ AS noticed_at FROM {both} WHERE {new} IS DISTINCT FROM {old}
                """,
                [sweep, table.table.schema, table.table.name, column.name, at],
            )
        return count

    def _remove(self, table: MirroredTable, sweep: int, at: datetime) -> tuple[int, int]:
        """Remove the rows that are gone, log them, and return how many were deleted and merged."""
        gone, place = _staged(table, "gone"), _place(table.table.schema, table.table.name)
        key = _quoted(table.table.key)
        found = dict(
            self._db.execute(
                f"SELECT g.merged_into IS NULL, count(*) FROM {place} k JOIN {gone} g ON k.{key} = g.id GROUP BY 1"
            ).fetchall()
        )
        if not found:
            return 0, 0
        self._log(
            f"""
            SELECT ?::BIGINT AS sweep, if(g.merged_into IS NULL, 'deleted', 'merged') AS change, ? AS table_schema,
            ? AS table_name, g.id AS id, {_row_json("k", table.table.columns)} AS before, g.merged_into AS merged_into,
            ?::TIMESTAMPTZ AS noticed_at FROM {place} k JOIN {gone} g ON k.{key} = g.id
            """,
            [sweep, table.table.schema, table.table.name, at],
        )
        self._db.execute(
            f"INSERT INTO mirror._deleted SELECT ?, ?, g.id, ?, g.merged_into FROM {place} k JOIN {gone} g ON k.{key} = g.id",
            [table.table.schema, table.table.name, at],
        )
        self._db.execute(f"DELETE FROM {place} WHERE {key} IN (SELECT id FROM {gone})")
        return found.get(True, 0), found.get(False, 0)

    def _replace_history(self, table: MirroredTable, at: datetime, *, is_partial: bool) -> RowCounts:
        """Replace the histories of records where they differ, and remove those of records that are gone."""
        place, key = _place(table.table.schema, table.table.name), _quoted(table.table.key)
        rows, seen, touched = (_staged(table, part) for part in ("rows", "seen", "touched"))
        cells = ", ".join(_quoted(one.name) for one in table.table.columns)
        kept = f"SELECT {cells} FROM {place} WHERE {key} IN (SELECT id FROM {touched})"
        staged = f"SELECT {cells} FROM {rows}"
        is_gone = f"{key} IN (SELECT id FROM {_gone(table)})" if is_partial else "s.id IS NULL"
        self._db.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE differing AS SELECT DISTINCT {key} AS id FROM (
                (({kept}) EXCEPT ALL ({staged})) UNION ALL (({staged}) EXCEPT ALL ({kept}))
            );
            CREATE OR REPLACE TEMP TABLE earlier AS SELECT DISTINCT {key} AS id, {is_gone} AS is_gone
            FROM {place} LEFT JOIN {seen} s ON s.id = {key}
            """
        )
        found = self._db.execute(
            "SELECT (SELECT count(*) FROM differing ANTI JOIN earlier USING (id)),"
            " (SELECT count(*) FROM differing SEMI JOIN earlier USING (id)), (SELECT count(*) FROM earlier WHERE is_gone)"
        ).fetchone()
        created, changed, deleted = found or (0, 0, 0)
        self._db.execute(
            f"DELETE FROM {place} WHERE {key} IN (SELECT id FROM differing)"
            f" OR {key} IN (SELECT id FROM earlier WHERE is_gone)"
        )
        self._db.execute(
            f"INSERT INTO {place} SELECT {cells}, ?, coalesce(_changed_at, ?), ? FROM {rows}"
            f" WHERE {key} IN (SELECT id FROM differing)",
            [at] * 3,
        )
        return RowCounts(created=created, changed=changed, deleted=deleted)

    def _log(self, select: str, parameters: Sequence[object]) -> int:
        """Append the lines that a SELECT returns to the log, and return how many."""
        row = self._db.execute(f"INSERT INTO mirror._changes BY NAME {select}", list(parameters)).fetchone()
        return int(row[0]) if row else 0

    def _prune(self, at: datetime, retention: timedelta | None) -> bool:
        if retention is None or (oldest := oldest_kept(at, retention)) is None:
            return False
        row = self._db.execute("DELETE FROM mirror._changes WHERE noticed_at < ?", [oldest]).fetchone()
        return bool(row and row[0])

    def _settle(
        self, tables: Sequence[MirroredTable], info: MirrorFacts, committed: Committed, *, is_partial: bool
    ) -> None:
        """Make what was seen what is known, and end the sweep in the staging area."""
        self._known = {}
        with self._transaction():
            for table in tables:
                if is_partial:
                    digests, seen, gone = _staged(table, "digests"), _staged(table, "seen"), _gone(table)
                    self._db.execute(
                        f"DELETE FROM {digests} WHERE id IN (SELECT id FROM {seen} UNION ALL SELECT id FROM {gone});"
                        f"INSERT INTO {digests} SELECT id, digest FROM {seen}"
                    )
                elif table.history_of or self._is_staged(table):
                    self._db.execute(
                        f"DROP TABLE {_staged(table, 'digests')};"
                        f"ALTER TABLE {_staged(table, 'seen')} RENAME TO {_quoted(f'{table.id}:digests')}"
                    )
            parts = [_staged(table, part) for table in tables for part in ("seen", "rows", "touched", "gone")]
            self._db.execute("".join(f"DROP TABLE IF EXISTS {part};" for part in parts))
            self._db.execute("DELETE FROM staging.state; DELETE FROM staging.progress")
            row = [info.mirror_id, committed.sweep]
            self._db.execute("INSERT INTO staging.state VALUES (?, ?, NULL, NULL)", row)

    def publish(self) -> bool:
        """Rename a copy over the file, unless readers have all of it. What was not published before counts, too."""
        with self._errors():
            info = self._info()
            if self._path.exists():
                published = self._published()
                if published.mirror_id != info.mirror_id:
                    raise ConfigurationError(
                        f"{self._path} is a copy of another mirror; move it away, or remove {self._folder}"
                    )
                if published.changed_sweep == info.changed_sweep:
                    return False
            self._db.execute("CHECKPOINT")
            self._disconnect()
        is_published = self._copy(self._work, resolve_target(self._path))
        with self._errors():
            self._connect()
        return is_published

    def forget(self, ids: Collection[str]) -> int:
        """Remove what is kept about these records, and write the files anew, so that nothing of it is left in them."""
        with self._errors():
            with self._transaction():
                count = self._forget(list(ids))
                self._db.execute("UPDATE mirror._info SET sweep = sweep + 1, changed_sweep = sweep + 1")
            fresh = self._folder / "fresh.duckdb"
            fresh.unlink(missing_ok=True)
            self._db.execute(
                f"ATTACH {_text(fresh)} AS fresh; COPY FROM DATABASE work TO fresh; DETACH fresh"
            )
            self._disconnect()
            with naming_file(self._path):
                for path in (self._staging, self._staging_log):
                    path.unlink(missing_ok=True)
                fresh.replace(self._work)
            for end in ("", "-wal", "-shm"):  # it has ids alone, and may be in use
                with suppress(OSError):
                    self.feed_path.with_name(self.feed_path.name + end).unlink()
            self._connect()
        return count

    def _forget(self, ids: list[str]) -> int:
        merged = self._db.execute(
            """
            WITH RECURSIVE doomed (id) AS (
                SELECT unnest($1::VARCHAR[]) UNION
                SELECT d.id FROM mirror._deleted d JOIN doomed ON d._merged_into = doomed.id
            ) SELECT id FROM doomed
            """,
            [ids],
        ).fetchall()
        ids = [id_ for (id_,) in merged]
        doomed = set(ids)
        stored = self._stored()
        for table in stored.values():  # what is about them: entries, notes, comments
            for column in columns_about_records(table):
                name = _quoted(column.name) + (".entity_instance_id" if column.type.kind == "struct" else "")
                rows = self._db.execute(
                    f"SELECT {_quoted(table.columns[0].name)} FROM {_place(table.schema, table.name)}"
                    f" WHERE list_contains($1::VARCHAR[], {name})",
                    [ids],
                ).fetchall()
                doomed |= {id_ for (id_,) in rows}
        logged = self._db.execute(
            """
            SELECT DISTINCT id FROM mirror._changes c, (SELECT unnest($1::VARCHAR[]) AS gone)
            WHERE c.table_schema <> 'objects' AND (contains(c.after::VARCHAR, gone) OR contains(c.before::VARCHAR, gone))
            AND c.change <> 'schema'
            """,
            [ids],
        ).fetchall()
        doomed |= {id_ for (id_,) in logged}
        count = 0
        for place, key in (
            *((_place(one.schema, one.name), _quoted(one.columns[0].name)) for one in stored.values()),
            ("mirror._changes", "id"),
            ("mirror._deleted", "id"),
        ):
            row = self._db.execute(
                f"DELETE FROM {place} WHERE list_contains($1::VARCHAR[], {key})", [sorted(doomed)]
            ).fetchone()
            count += int(row[0]) if row else 0
        return count

    def close(self) -> None:
        """Close the file, and release it for other writers."""
        self._disconnect()
        self._sweep = None
        descriptor, self._lock = self._lock, None
        if descriptor is not None:
            os.close(descriptor)

    def _disconnect(self) -> None:
        database, self._database = self._database, None
        self._known, self._unnoted = {}, {}
        if database is not None:
            with suppress(_duckdb().Error):
                database.execute("ROLLBACK")
            with suppress(_duckdb().Error):  # such as on a full disk, when it cannot write a checkpoint
                database.close()

    # Reading

    def query(self, query: str, *, timeout: float, max_rows: int) -> list[dict[str, Any]]:
        """Return the rows of one SELECT, from the copy for readers."""
        with self._errors(reading=True), self._reader() as database:
            if not _is_select(database, query):
                raise ConfigurationError("the query is not one SELECT; a mirror can only be read")
            timer = threading.Timer(timeout, database.interrupt)
            timer.start()
            try:
                found = database.execute(query)
                names = [str(each[0]) for each in found.description or ()]
                rows = found.fetchmany(max_rows + 1)
            except _duckdb().InterruptException:
                raise ConfigurationError(
                    f"the query was stopped after {timeout:g} seconds; narrow it, or give it more time"
                ) from None
            finally:
                timer.cancel()
        return as_dicts(names, rows, max_rows)

    def status(self) -> MirrorStatus:
        """Return the state of the file."""
        with self._errors(reading=True), self._reader() as database:
            info = _info(database)
            if info is None:
                raise self._not_a_mirror()
            tables = database.execute(
                "SELECT table_schema, table_name FROM mirror._tables ORDER BY ALL"
            ).fetchall()
            rows = {f"{schema}.{name}": _count(database, _place(schema, name)) for schema, name in tables}
            return MirrorStatus(
                where=self.where,
                format=info.format,
                workspace_id=info.workspace_id or "",
                sweep=info.changed_sweep,
                changed_at=info.changed_at,
                swept_at=self._swept_at(info),
                rows=rows,
                changes=_count(database, "mirror._changes"),
            )

    def _swept_at(self, info: MirrorFacts) -> datetime | None:
        """Return when the last sweep was committed, which may have changed nothing and so published nothing."""
        try:
            noted = msgspec.json.decode((self._folder / "swept.json").read_bytes())
            if noted["mirror_id"] == info.mirror_id:
                return max(
                    datetime.fromisoformat(noted["swept_at"]),
                    info.swept_at or datetime.min.replace(tzinfo=UTC),
                )
        except (OSError, ValueError, LookupError, TypeError):
            pass
        return info.swept_at

    def _published(self) -> MirrorFacts:
        """Return the facts that readers see, which are read again if the file is another one than it was."""
        found = self._path.stat()
        mark = found.st_ino, found.st_mtime_ns, found.st_size
        if self._readers is None or self._readers[0] != mark:
            with self._errors(reading=True), self._reader() as database:
                info = _info(database)
            if info is None:
                raise self._not_a_mirror()
            self._readers = mark, info
        return self._readers[1]

    def _not_a_mirror(self) -> ConfigurationError:
        return ConfigurationError(f"{self._path} is not a mirror; give the path of one, or of a new file")

    @contextmanager
    def _reader(self) -> "Generator[DuckDBPyConnection]":
        """Open the copy for readers, with nothing else in reach."""
        duckdb = _duckdb()
        if not self._path.is_file():
            raise ConfigurationError(f"{self._path} does not exist; refresh the mirror first")
        config: dict[str, Any] = {
            "memory_limit": _MAX_READER_MEMORY,
            "temp_directory": "",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_persistent_secrets": "false",
            "python_enable_replacements": "false",
        }
        with duckdb.connect(":memory:", config=config) as database:
            database.execute(f"ATTACH {_text(self._path.resolve())} AS crm (READ_ONLY)")
            database.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false; USE crm")
            if _info(database) is not None:
                check_format(_info(database).format, self.where)  # type: ignore[union-attr]
                database.execute(f"SET search_path = '{_SEARCH_PATH}'")
            database.execute("SET enable_external_access = false; SET lock_configuration = true")
            yield database

    # Parts

    @property
    def changed_sweep(self) -> int:
        """The last sweep that changed something, whether readers have it or not. The file is open for writing."""
        with self._errors():
            return self._info().changed_sweep

    @property
    def mirror_id(self) -> str:
        """The id that the mirror was given. The file is open for writing."""
        with self._errors():
            return self._info().mirror_id

    def _info(self) -> MirrorFacts:
        info = _info(self._db)
        if info is None:
            raise self._not_a_mirror()
        return info

    def _stored(self) -> dict[str, StoredTable]:
        rows = self._db.execute("SELECT id, table_schema, table_name, columns FROM mirror._tables").fetchall()
        with reading_stored(self._path):
            return {
                id_: StoredTable(id_, schema, name, decode_columns(columns))
                for id_, schema, name, columns in rows
            }

    def _count(self, place: str) -> int:
        return _count(self._db, place)

    def _copy(self, source: Path, target: Path) -> bool:
        """Copy a database that nobody has open, and return False if the target stays open elsewhere (on Windows)."""
        with naming_file(target):
            part = PartFile(target)
            try:
                with source.open("rb") as file:
                    shutil.copyfileobj(file, part.file, 1 << 20)
                return _complete(part)
            finally:
                part.discard()

    def _in_transaction(self, action: Callable[[], T]) -> T:
        """Run an action in a transaction, a second time with more memory if it needs that."""
        try:
            with self._transaction():
                return action()
        except _duckdb().OutOfMemoryException:
            self._db.execute(f"SET memory_limit = '{_MAX_MEMORY_OF_LARGE_ROWS}'")
        with self._transaction():
            return action()

    @contextmanager
    def _transaction(self) -> Generator[None]:
        self._db.execute("BEGIN")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            with suppress(_duckdb().Error):
                self._db.execute("ROLLBACK")
            raise

    @contextmanager
    def _errors(self, *, reading: bool = False) -> Generator[None]:
        """Turn errors of DuckDB into those of this package."""
        duckdb = _duckdb()
        try:
            yield
        except duckdb.Error as error:
            text = str(error).partition("\n\n")[0]
            if _is_out_of_space(error):
                raise StorageError(str(self._path), None, text) from error
            if reading and isinstance(error, duckdb.IOException):
                raise self._not_a_mirror() from error
            if reading:
                raise ConfigurationError(f"the query cannot be run: {text}") from error
            raise ConfigurationError(f"{self._path} cannot be written: {text}") from error


@attrs.define
class _Unnoted:
    """Rows of a table that were seen and are not noted yet.

    Attributes:
        table: The table.
        digests: Their digests, by id.
        token: The position of the reader behind them.
        read: How many were read.
    """

    table: MirroredTable
    digests: dict[str, int] = attrs.field(factory=dict[str, int])
    token: str | None = None
    read: int = 0


def _has(known: "array[int]", value: int) -> bool:
    """Return True if a sorted array has a value."""
    place = bisect_left(known, value)
    return place < len(known) and known[place] == value


def _complete(part: PartFile) -> bool:
    pause = threading.Event()
    for _ in range(_RENAME_TRIES):
        try:
            part.complete()
        except StorageError as error:
            if error.errno != errno.EACCES or hasattr(os, "fchmod"):  # which Windows lacks
                raise
            pause.wait(_RENAME_PAUSE_S)
        else:
            return True
    return False


def _duckdb() -> Any:
    try:
        import duckdb  # noqa: PLC0415 - an extra
    except ImportError:
        message = 'a mirror needs DuckDB: pip install "attio-async[mirror]"'
        raise ConfigurationError(message) from None
    return duckdb


def _is_out_of_space(error: Exception) -> bool:
    text = str(error).lower()
    return "no space left" in text or "could not write" in text or "file too large" in text


def _info(database: "DuckDBPyConnection") -> MirrorFacts | None:
    """Return the facts about a mirror; None if the database is not one."""
    found = database.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'mirror' AND table_name = '_info'"
        " AND database_name = current_database()"
    ).fetchone()
    if not found or not found[0]:
        return None
    row = database.execute(
        "SELECT format, mirror_id, workspace_id, sweep, changed_sweep, changed_at, swept_at FROM mirror._info"
    ).fetchone()
    return None if row is None else MirrorFacts(*row)


def _count(database: "DuckDBPyConnection", place: str) -> int:
    row = database.execute(f"SELECT count(*) FROM {place}").fetchone()
    return int(row[0]) if row else 0


def _is_select(database: "DuckDBPyConnection", query: str) -> bool:
    """Return True if a query is one SELECT. DuckDB counts DESCRIBE, SHOW and SUMMARIZE as SELECT, too."""
    duckdb = _duckdb()
    types = [statement.type for statement in database.extract_statements(query)]
    tokens = duckdb.tokenize(query)
    start = next((place for place, kind in tokens if kind is duckdb.token_type.keyword), 0)
    word = query.encode()[start:].decode(errors="replace").lstrip("(").split(None, 1)
    return types == [duckdb.StatementType.SELECT] and bool(word) and word[0].lower() in _SELECTS


_SELECTS = frozenset({"select", "with", "from", "values"})


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _text(value: object) -> str:
    doubled = str(value).replace("'", "''")
    return f"'{doubled}'"


def _place(schema: str, name: str) -> str:
    return f"{_quoted(schema)}.{_quoted(name)}"


def _staged(table: MirroredTable, part: str) -> str:
    return f"staging.{_quoted(f'{table.id}:{part}')}"


def _gone(table: MirroredTable) -> str:
    """Return the staged table of what is gone; for a history, of the records that it is of."""
    return f"staging.{_quoted(f'{table.history_of or table.id}:gone')}"


def _columns(columns: Sequence[Column]) -> str:
    return ", ".join(f"{_quoted(one.name)} {one.type.duckdb}" for one in columns)


def _json_type(type: ColumnType) -> Any:
    """Return a type as `from_json` takes it."""
    if type.kind == "struct":
        scalar: Any = dict.fromkeys(type.members, "VARCHAR")
    else:
        scalar = attrs.evolve(type, is_array=False).duckdb
    return [scalar] if type.is_array else scalar


def _cell_json(cell: str, type: ColumnType) -> str:
    """Return the expression of a cell as JSON. A decimal is a text there, so that no reader rounds it."""
    if type.kind == "decimal":
        cell = f"CAST({cell} AS VARCHAR{'[]' if type.is_array else ''})"
    return f"to_json({cell})"


def _row_json(alias: str, columns: Sequence[Column]) -> str:
    cells = ", ".join(
        f"{_text(one.name)}, {_cell_json(f'{alias}.{_quoted(one.name)}', one.type)}" for one in columns
    )
    return f"json_object({cells})"


def _origin(column: str) -> str:
    """Return the expressions of when and by whom a cell of `s` was set."""
    path = _text("/" + column.replace("~", "~0").replace("/", "~1"))  # a JSON pointer
    return ", ".join(
        f"CAST(json_extract_string(json_extract(s._origins, {path}), '$[{place}]') AS {type}) AS {_quoted(name)}"
        for place, (name, type) in enumerate(
            (("at", "TIMESTAMPTZ"), ("actor_type", "VARCHAR"), ("actor_id", "VARCHAR"))
        )
    )


def _encode_origins(row: StagedRow) -> str:
    known = {**row.origins, OF_ROW: row.created}
    encoded = {name: [one.at, one.actor_type, one.actor_id] for name, one in known.items() if one.at}
    return msgspec.json.encode(encoded).decode()
