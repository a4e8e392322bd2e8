"""A mirror in PostgreSQL. Needs the extra `postgres`.

Readers see the last complete sweep, since a sweep is committed in one transaction, and neither waits for the other. The
staging area is a schema of tables that are not logged: a crash of the server empties it, which costs only time.
"""
# ruff: noqa: S608 - names are quoted

import re
from collections.abc import Collection, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import msgspec

from ..errors import ConfigurationError, StorageError
from ._report import MirrorStatus, RowCounts, TableChange
from ._tables import DELETED_COLUMNS, SYSTEM_COLUMNS, Column, ColumnType
from ._target import (
    FORMAT_VERSION,
    OF_ROW,
    Batch,
    CellOrigin,
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
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

_SCHEMAS: Final = ("objects", "lists", "mirror", "history")
_CONNECT_TIMEOUT_S = 10
_LOCK_TIMEOUT_MS = 1_000
"""Longer than a server needs to notice that the process of an earlier writer has ended."""
_MAX_NAME_BYTES = 63
_MAX_PREFIX = re.compile(r"[a-z_][a-z0-9_]{0,39}")
_STAGED_COLUMNS = (Column("_changed_at", ColumnType("timestamp")), Column("_origins", ColumnType("struct")))


class PostgresTarget:
    """A mirror in a PostgreSQL database, in the schemas `objects`, `lists`, `mirror` and `history`.

    Args:
        address: ``postgresql://user@host/database``, and behind a ``#`` what the names of the schemas begin with.

    Raises:
        ConfigurationError: The address is not valid, or psycopg is not installed.
    """

    def __init__(self, address: str) -> None:
        self._conninfo, _, self._prefix = address.partition("#")
        self._where = _shown(self._conninfo)
        if self._prefix and not _MAX_PREFIX.fullmatch(self._prefix):
            raise ConfigurationError(
                f"{self._prefix!r} cannot begin the names of schemas; give at most 40 small letters, digits and underscores"
            )
        self._connection: Connection | None = None
        self._sweep: MirrorSweep | None = None
        self._news = False

    @property
    def where(self) -> str:
        """The database, without user and password."""
        return f"{self._where}#{self._prefix}" if self._prefix else self._where

    @property
    def feed_path(self) -> None:
        """None: a database has no folder on this machine, so the file of a feed is temporary."""

    # Writing

    def open(self) -> None:
        """Connect for writing, and create the schemas if they are not there."""
        with self._errors():
            connection = self._connection = self._connect()
            try:
                self._take_lock(connection)
                info = self._read_info(connection)
                if info is None:
                    self._create()
                else:
                    check_format(info.format, self.where)
                self._create_staging()
            except BaseException:
                self.close()
                raise

    def _connect(self) -> "Connection":
        driver = _driver()
        try:
            connection: Connection = driver.connect(
                self._conninfo, autocommit=True, connect_timeout=_CONNECT_TIMEOUT_S, prepare_threshold=None
            )
        except driver.OperationalError as error:
            raise ConfigurationError(f"{self.where} cannot be reached: {_reason(error)}") from None
        try:
            connection.execute("SET TIME ZONE 'UTC'; SET client_min_messages = warning")
        except BaseException:
            connection.close()
            raise
        return connection

    def _take_lock(self, connection: "Connection") -> None:
        """Be the one writer, until the connection is closed or lost."""
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise ConfigurationError(
                f"{self.where} has the encoding {encoding}; a mirror needs one with UTF8"
            )
        connection.execute(f"SET lock_timeout = {_LOCK_TIMEOUT_MS}".encode())
        try:
            connection.execute("SELECT pg_advisory_lock(%s)", (self._lock_key,))
        except _driver().errors.LockNotAvailable:
            raise ConfigurationError(
                f"{self.where} is being written by another refresh; wait for it, or stop it"
            ) from None
        connection.execute("SET lock_timeout = 0")

    @property
    def _lock_key(self) -> int:
        digest = blake2b(f"attio-async mirror {self._prefix}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big", signed=True)

    def _create(self) -> None:
        names = [self._schema(name) for name in (*_SCHEMAS, "staging")]
        taken = [
            name
            for (name,) in self._run(
                "SELECT DISTINCT nspname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = ANY(%s)",
                (names,),
            )
        ]
        if taken:
            raise ConfigurationError(
                f"{self.where} has other tables in a schema {taken[0]!r}; put a prefix for the mirror's schemas behind the "
                "address, such as '#crm_'"
            )
        deleted = ", ".join(f'"{one.name}" {one.type.postgres}' for one in DELETED_COLUMNS)
        mirror = self._mirror
        with self._db.transaction():
            for name in names[:-1]:
                self._run(f"CREATE SCHEMA IF NOT EXISTS {_quoted(name)}")
            self._script(
                f"""
                CREATE TABLE {mirror}._info (
                    format integer, mirror_id text, workspace_id text, sweep bigint, changed_sweep bigint,
                    changed_at timestamptz, swept_at timestamptz
                );
                CREATE TABLE {mirror}._tables (id text PRIMARY KEY, table_schema text, table_name text, columns text);
                CREATE TABLE {mirror}._changes (
                    place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, sweep bigint, change text,
                    table_schema text, table_name text, id text, attribute text, before jsonb, after jsonb,
                    merged_into text, "at" timestamptz, actor_type text, actor_id text, noticed_at timestamptz
                );
                CREATE TABLE {mirror}._deleted ({deleted});
                """
            )
            self._run(
                f"INSERT INTO {mirror}._info VALUES (%s, %s, NULL, 0, 0, NULL, NULL)",
                (FORMAT_VERSION, str(uuid4())),
            )

    def _create_staging(self) -> None:
        """Create the staging area, which a backup need not have."""
        (is_there,) = _one(self._run("SELECT to_regclass(%s) IS NOT NULL", (f"{self._staging}.state",)))
        if not is_there:
            with self._db.transaction():
                self._script(
                    f"""
                    CREATE SCHEMA IF NOT EXISTS {self._staging};
                    CREATE UNLOGGED TABLE {self._staging}.state (
                        mirror_id text, digests_of bigint, plan text, began_at timestamptz
                    );
                    CREATE UNLOGGED TABLE {self._staging}.progress (
                        place bigint GENERATED ALWAYS AS IDENTITY, id text, token text, is_read boolean, read bigint
                    );
                    """
                )

    def begin(self, sweep: MirrorSweep) -> Mapping[str, TableProgress]:
        """Begin a sweep, or resume the one that was interrupted."""
        with self._errors(), self._db.transaction():
            self._sweep = sweep
            info = self._info()
            if info.workspace_id not in {None, sweep.workspace_id}:
                raise ConfigurationError(
                    f"{self.where} mirrors another workspace, {info.workspace_id}; give each workspace a prefix of its own"
                )
            check_shapes(self._stored(), sweep)
            kept = self._run(f"SELECT mirror_id, digests_of, plan, began_at FROM {self._staging}.state")
            has_digests, is_resumable = can_resume(kept.fetchone(), info, sweep)
            if is_resumable:
                return self._progress(sweep)
            self._begin_staging(sweep, info, plan_of(sweep), keep_digests=has_digests)
            return {}

    def _progress(self, sweep: MirrorSweep) -> Mapping[str, TableProgress]:
        rows = self._run(f"SELECT id, token, is_read, read FROM {self._staging}.progress ORDER BY place")
        found, anew = read_progress(sweep, rows)
        for table in anew:
            self._run(f"DELETE FROM {self._staging}.progress WHERE id = %s", (table.id,))
            self._clear(table)
        return found

    def _begin_staging(self, sweep: MirrorSweep, info: MirrorFacts, plan: str, *, keep_digests: bool) -> None:
        self._empty_staging(keep=[f"{id_}:digests" for id_ in self._stored()] if keep_digests else ())
        row = (info.mirror_id, info.sweep, plan, sweep.began_at)
        self._run(f"INSERT INTO {self._staging}.state VALUES (%s, %s, %s, %s)", row)
        for table in sweep.tables:
            self._clear(table)

    def _empty_staging(self, *, keep: Iterable[str]) -> None:
        """Drop all that is staged but these tables."""
        kept = {"state", "progress", *map(_short, keep)}
        names = self._run(
            "SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = %s AND relkind = 'r'",
            (self._schema("staging"),),
        ).fetchall()
        for (name,) in names:
            if name not in kept:
                self._run(f"DROP TABLE {self._staging}.{_quoted(name)}")
        self._script(f"DELETE FROM {self._staging}.state; DELETE FROM {self._staging}.progress")

    def _clear(self, table: MirroredTable) -> None:
        """Empty what is staged of a table."""
        columns = _columns((*table.table.columns, *_STAGED_COLUMNS))
        shapes = {
            "digests": "id text, digest bigint",
            "seen": "id text, digest bigint",
            "rows": columns,
            "touched": "id text",
            "gone": "id text, merged_into text",
        }
        for part, shape in shapes.items():
            name = self._staged(table, part)
            if part != "digests":
                self._run(f"DROP TABLE IF EXISTS {name}")
            self._run(f"CREATE UNLOGGED TABLE IF NOT EXISTS {name} ({shape})")
        if table.history_of:
            self._run(f"CREATE INDEX ON {self._staged(table, 'rows')} ({_quoted(table.table.key)})", ())

    def stale(self, table: MirroredTable, digests: Mapping[str, int]) -> Collection[str]:
        """Return the ids whose digest is not the one that was committed last."""
        with self._errors():
            found = self._run(
                f"""
                SELECT i.id FROM unnest(%s::text[], %s::bigint[]) AS i (id, digest) WHERE NOT EXISTS (
                    SELECT FROM {self._staged(table, "digests")} d WHERE d.id = i.id AND d.digest = i.digest
                )
                """,
                ([_storable(id_) for id_ in digests], list(digests.values())),
            )
            stale = {id_ for (id_,) in found}
            return [id_ for id_ in digests if _storable(id_) in stale]

    def take(self, table: MirroredTable, batch: Batch) -> None:
        """Note that these rows were seen, and stage those that are stale."""
        with self._errors(), self._db.transaction():
            ids = [_storable(id_) for id_ in batch.digests]
            if table.history_of:  # what is read after an interruption may have been staged before
                for part, key in (("seen", "id"), ("touched", "id"), ("rows", table.table.key)):
                    self._run(
                        f"DELETE FROM {self._staged(table, part)} WHERE {_quoted(key)} = ANY(%s::text[])",
                        (ids,),
                    )
            self._load(self._staged(table, "touched"), ((id_,) for id_ in batch.stale))
            self._load(self._staged(table, "rows"), _staged_cells(table, batch.rows))
            self._load(self._staged(table, "seen"), batch.digests.items())
            self._run(
                f"INSERT INTO {self._staging}.progress (id, token, is_read, read) VALUES (%s, %s, false, %s)",
                (table.id, batch.token, len(ids)),
            )

    def _load(self, place: str, rows: Iterable[Sequence[object]]) -> None:
        """Add rows to a staged table."""
        _copy(self._db, place, rows)

    def unseen(self, table: MirroredTable, limit: int) -> Sequence[str]:
        """Return ids of kept rows that this sweep neither met nor dropped."""
        with self._errors():
            stored = self._stored().get(table.id)
            if stored is None:
                return ()
            key, place = _quoted(stored.columns[0].name), self._place(stored.schema, stored.name)
            rows = self._run(
                f"""
                SELECT k.{key} FROM {place} k
                WHERE NOT EXISTS (SELECT FROM {self._staged(table, "seen")} s WHERE s.id = k.{key})
                AND NOT EXISTS (SELECT FROM {self._staged(table, "gone")} g WHERE g.id = k.{key})
                LIMIT %s
                """,
                (limit,),
            )
            return [id_ for (id_,) in rows]

    def drop(self, table: MirroredTable, gone: Mapping[str, str | None]) -> None:
        """Note that rows are gone."""
        with self._errors(), self._db.transaction():
            self._load(self._staged(table, "gone"), gone.items())

    def complete(self, table: MirroredTable) -> None:
        """Note that a table was read to its end."""
        with self._errors():
            self._run(
                f"INSERT INTO {self._staging}.progress (id, token, is_read, read) VALUES (%s, NULL, true, 0)",
                (table.id,),
            )

    def commit(
        self, tables: Sequence[MirroredTable], *, at: datetime, retention: timedelta | None
    ) -> Committed:
        """Bring the tables to what was staged, and log the changes."""
        sweep = self._sweep
        if sweep is None:
            raise ConfigurationError("no sweep was begun")
        with self._errors(), self._db.transaction():
            info = self._info()
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
            news = committed.is_changed or pruned or info.sweep == 0
            self._run(
                f"""
                UPDATE {self._mirror}._info SET workspace_id = %s, sweep = %s,
                swept_at = CASE WHEN %s THEN swept_at ELSE %s END,
                changed_sweep = CASE WHEN %s THEN %s ELSE changed_sweep END,
                changed_at = CASE WHEN %s THEN %s ELSE changed_at END
                """,
                (sweep.workspace_id, number, sweep.is_partial, at, news, number, news, at),
            )
            self._settle(tables, info, number, is_partial=sweep.is_partial)
        self._sweep, self._news = None, news
        return committed

    def _migrate(self, tables: Sequence[MirroredTable], sweep: int, at: datetime) -> list[TableChange]:
        """Give the tables their new shapes. They are altered in place, so that views and grants on them stay."""
        stored = self._stored()
        changed = [
            (table, stored.get(table.id), changes)
            for table in tables
            if (changes := schema_changes(stored.get(table.id), table))
        ]
        others = [one for id_, one in stored.items() if id_ not in {each.id for each in tables}]
        moved = self._rename(changed, others)
        for table, old, _ in changed:
            if old is None:
                self._create_table(table)
            else:
                self._reshape(old, table)
            self._run(
                f"""
                INSERT INTO {self._mirror}._tables VALUES (%s, %s, %s, %s) ON CONFLICT (id) DO UPDATE SET
                table_schema = excluded.table_schema, table_name = excluded.table_name, columns = excluded.columns
                """,
                (table.id, table.table.schema, table.table.name, encode_columns(table.table.columns)),
            )
        found = [*(change for _, _, changes in changed for change in changes), *moved]
        for change in in_order(found):
            schema, _, name = change.table.partition(".")
            facts = {"change": change.change, "was": change.before}
            self._run(
                f"""
                INSERT INTO {self._mirror}._changes
                (sweep, change, table_schema, table_name, attribute, before, after, noticed_at)
                VALUES (%s, 'schema', %s, %s, %s, %s::jsonb, %s::jsonb, %s)
                """,
                (
                    sweep,
                    schema,
                    name,
                    change.column or None,
                    msgspec.json.encode(facts).decode(),
                    msgspec.json.encode(change.after or None).decode(),
                    at,
                ),
            )
        return found

    def _rename(
        self,
        changed: Sequence[tuple[MirroredTable, StoredTable | None, Sequence[TableChange]]],
        others: Sequence[StoredTable],
    ) -> list[TableChange]:
        """Give tables their new names, by way of names that nothing has, since two may swap theirs.

        Returns:
            How tables were renamed that are not read any more.
        """
        moves: list[tuple[str, str, str]] = []
        found: list[TableChange] = []
        wanted = {(table.table.schema, table.table.name) for table, _, _ in changed}
        for table, old, _ in changed:
            if old is not None and old.name != table.table.name:
                moves.append((old.schema, old.name, table.table.name))
        for other in others:  # not read any more, and in the way
            if (other.schema, other.name) in wanted:
                name = f"{other.name}_{other.id}"
                moves.append((other.schema, other.name, name))
                found.append(renamed_away(other, name))
                self._run(
                    f"UPDATE {self._mirror}._tables SET table_name = %s WHERE id = %s", (name, other.id)
                )
        for number, (schema, name, _) in enumerate(moves):
            self._run(f"ALTER TABLE {self._place(schema, name)} RENAME TO {_quoted(f':{number}')}")
        for number, (schema, _, name) in enumerate(moves):
            self._run(f"ALTER TABLE {self._place(schema, f':{number}')} RENAME TO {_quoted(name)}")
        return found

    def _create_table(self, table: MirroredTable) -> None:
        place, key = self._place(table.table.schema, table.table.name), _quoted(table.table.key)
        self._run(f"CREATE TABLE {place} ({_columns((*table.table.columns, *SYSTEM_COLUMNS))})")
        unique = "" if table.history_of else "UNIQUE "
        self._run(f"CREATE {unique}INDEX ON {place} ({key})")

    def _reshape(self, old: StoredTable, table: MirroredTable) -> None:
        """Rename, drop and add columns. What has another type is read anew."""
        place = self._place(table.table.schema, table.table.name)
        kept = kept_columns(old, table)
        removed = {one.name for one in old.columns} - set(kept.values())
        renamed = [(before, after) for after, before in kept.items() if before != after]
        statements = [
            *(f"DROP COLUMN {_quoted(name)}" for name in removed),
            *(
                f"RENAME COLUMN {_quoted(name)} TO {_quoted(f':{number}')}"
                for number, (name, _) in enumerate(renamed)
            ),
            *(
                f"RENAME COLUMN {_quoted(f':{number}')} TO {_quoted(name)}"
                for number, (_, name) in enumerate(renamed)
            ),
            *(
                f"ADD COLUMN {_quoted(one.name)} {one.type.postgres}"
                for one in table.table.columns
                if one.name not in kept
            ),
        ]
        for statement in statements:
            self._run(f"ALTER TABLE {place} {statement}")

    def _apply(self, table: MirroredTable, sweep: int, at: datetime) -> RowCounts:
        """Bring a table to what was staged, and log the changes."""
        if not self._is_staged(table):
            return RowCounts()
        place, rows = self._place(table.table.schema, table.table.name), self._staged(table, "rows")
        key = _quoted(table.table.key)
        self._run(f"DELETE FROM {rows} a USING {rows} b WHERE a.{key} = b.{key} AND a.ctid < b.ctid", ())
        created = self._log_created(table, sweep, at)
        changed = self._log_changed(table, sweep, at)
        names = ", ".join(_quoted(one.name) for one in (*table.table.columns, *SYSTEM_COLUMNS))
        cells = ", ".join(f"s.{_quoted(one.name)}" for one in table.table.columns)
        if created:
            self._run(
                f"""
                INSERT INTO {place} ({names}) SELECT {cells}, %s, coalesce(s._changed_at, %s), %s FROM {rows} s
                WHERE NOT EXISTS (SELECT FROM {place} k WHERE k.{key} = s.{key})
                """,
                (at, at, at),
            )
            self._run(
                f"""
                DELETE FROM {self._mirror}._deleted
                WHERE table_schema = %s AND table_name = %s AND id IN (SELECT {key} FROM {rows})
                """,
                (table.table.schema, table.table.name),
            )
        if changed:
            others = ", ".join(
                f"{_quoted(one.name)} = s.{_quoted(one.name)}" for one in table.table.columns[1:]
            )
            self._run(
                f"""
                UPDATE {place} k SET {others}, _synced_at = %s,
                _last_changed = CASE WHEN s._changed_at > k._last_changed THEN s._changed_at ELSE %s END
                FROM {rows} s JOIN differing d ON d.id = s.{key} WHERE k.{key} = s.{key}
                """,
                (at, at),
            )
        deleted, merged = self._remove(table, sweep, at)
        return RowCounts(created=created, changed=changed, deleted=deleted, merged=merged)

    def _is_staged(self, table: MirroredTable) -> bool:
        """Return True if anything of a table may differ."""
        (found,) = _one(
            self._run(
                f"""
                SELECT EXISTS (SELECT FROM {self._staged(table, "touched")})
                OR EXISTS (SELECT FROM {self._staged(table, "gone")})
                """,
            )
        )
        return bool(found)

    def _log_created(self, table: MirroredTable, sweep: int, at: datetime) -> int:
        key, place = _quoted(table.table.key), self._place(table.table.schema, table.table.name)
        return self._run(
            f"""
            INSERT INTO {self._mirror}._changes
            (sweep, change, table_schema, table_name, id, after, "at", actor_type, actor_id, noticed_at)
            SELECT %s, 'created', %s, %s, s.{key}, {_row_json("s", table.table.columns)}, {_ORIGIN}, %s
            FROM {self._staged(table, "rows")} s WHERE NOT EXISTS (SELECT FROM {place} k WHERE k.{key} = s.{key})
            """,
            (sweep, table.table.schema, table.table.name, *[OF_ROW] * 3, at),
        ).rowcount

    def _log_changed(self, table: MirroredTable, sweep: int, at: datetime) -> int:
        """Log the cells that differ, and put the ids of their rows into the temporary table `differing`."""
        key, rows = _quoted(table.table.key), self._staged(table, "rows")
        place = self._place(table.table.schema, table.table.name)
        columns = table.table.columns[1:]
        pairs = [(f"s.{_quoted(one.name)}", f"k.{_quoted(one.name)}") for one in columns]
        differs = " OR ".join(f"{new} IS DISTINCT FROM {old}" for new, old in pairs)
        self._run("DROP TABLE IF EXISTS pg_temp.differing")
        count = self._run(
            f"""
            CREATE TEMPORARY TABLE differing ON COMMIT DROP AS
            SELECT s.{key} AS id FROM {rows} s JOIN {place} k USING ({key}) WHERE {differs}
            """,
        ).rowcount
        if not count:
            return 0
        for column, (new, old) in zip(columns, pairs, strict=True):
            self._run(
                f"""
                INSERT INTO {self._mirror}._changes
                (sweep, change, table_schema, table_name, id, attribute, before, after, "at", actor_type, actor_id,
                noticed_at)
                SELECT %s, 'changed', %s, %s, d.id, %s, {_cell_json(old, column.type)}, {_cell_json(new, column.type)},
                {_ORIGIN}, %s
                FROM differing d JOIN {rows} s ON s.{key} = d.id JOIN {place} k ON k.{key} = d.id
                WHERE {new} IS DISTINCT FROM {old}
                """,
                (sweep, table.table.schema, table.table.name, column.name, *[column.name] * 3, at),
            )
        return count

    def _remove(self, table: MirroredTable, sweep: int, at: datetime) -> tuple[int, int]:
        """Remove the rows that are gone, log them, and return how many were deleted and merged."""
        gone, place = self._staged(table, "gone"), self._place(table.table.schema, table.table.name)
        key, columns = _quoted(table.table.key), table.table.columns
        self._run(
            f"""
            INSERT INTO {self._mirror}._changes
            (sweep, change, table_schema, table_name, id, before, merged_into, noticed_at)
            SELECT %s, CASE WHEN g.merged_into IS NULL THEN 'deleted' ELSE 'merged' END, %s, %s, g.id,
            {_row_json("k", columns)}, g.merged_into, %s FROM {gone} g JOIN {place} k ON k.{key} = g.id
            """,
            (sweep, table.table.schema, table.table.name, at),
        )
        found = self._run(
            f"""
            WITH removed AS (DELETE FROM {place} k USING {gone} g WHERE k.{key} = g.id RETURNING g.id, g.merged_into)
            INSERT INTO {self._mirror}._deleted SELECT %s, %s, id, %s, merged_into FROM removed RETURNING _merged_into
            """,
            (table.table.schema, table.table.name, at),
        ).fetchall()
        merged = sum(into is not None for (into,) in found)
        return len(found) - merged, merged

    def _replace_history(self, table: MirroredTable, at: datetime, *, is_partial: bool) -> RowCounts:
        """Replace the history of the records that were read again, and remove that of those that are gone."""
        place, key = self._place(table.table.schema, table.table.name), _quoted(table.table.key)
        seen, touched, rows = (self._staged(table, part) for part in ("seen", "touched", "rows"))
        exists = "EXISTS" if is_partial else "NOT EXISTS"
        met = self._gone(table) if is_partial else seen
        (before,) = _one(
            self._run(
                f"""
                WITH removed AS (DELETE FROM {place} WHERE {key} IN (SELECT id FROM {touched}) RETURNING {key})
                SELECT count(DISTINCT {key}) FROM removed
                """,
            )
        )
        (deleted,) = _one(
            self._run(
                f"""
                WITH removed AS (
                    DELETE FROM {place} k WHERE {exists} (SELECT FROM {met} s WHERE s.id = k.{key}) RETURNING {key}
                )
                SELECT count(DISTINCT {key}) FROM removed
                """,
            )
        )
        names = ", ".join(_quoted(one.name) for one in (*table.table.columns, *SYSTEM_COLUMNS))
        cells = ", ".join(_quoted(one.name) for one in table.table.columns)
        self._run(
            f"INSERT INTO {place} ({names}) SELECT {cells}, %s, coalesce(_changed_at, %s), %s FROM {rows}",
            (at, at, at),
        )
        (after,) = _one(self._run(f"SELECT count(DISTINCT {key}) FROM {rows}", ()))
        return RowCounts(created=max(after - before, 0), changed=min(before, after), deleted=deleted)

    def _prune(self, at: datetime, retention: timedelta | None) -> bool:
        if retention is None or (oldest := oldest_kept(at, retention)) is None:
            return False
        found = self._run(f"DELETE FROM {self._mirror}._changes WHERE noticed_at < %s", (oldest,))
        return found.rowcount > 0

    def _settle(
        self, tables: Sequence[MirroredTable], info: MirrorFacts, sweep: int, *, is_partial: bool
    ) -> None:
        """Make what was seen what is known, and end the sweep in the staging area."""
        for table in tables:
            if is_partial:
                digests, seen = self._staged(table, "digests"), self._staged(table, "seen")
                read = f"SELECT id FROM {seen} UNION ALL SELECT id FROM {self._gone(table)}"
                self._run(f"DELETE FROM {digests} WHERE id IN ({read})")
                self._run(f"INSERT INTO {digests} SELECT id, digest FROM {seen}")
            elif table.history_of or self._is_staged(table):
                seen = self._staged(table, "seen")
                self._run(f"DROP TABLE {self._staged(table, 'digests')}")
                self._run(f"CREATE INDEX ON {seen} (id)")
                self._run(f"ANALYZE {seen}")
                self._run(f"ALTER TABLE {seen} RENAME TO {_quoted(f'{table.id}:digests')}")
        for table in tables:
            for part in ("seen", "rows", "touched", "gone"):
                self._run(f"DROP TABLE IF EXISTS {self._staged(table, part)}")
        self._script(f"DELETE FROM {self._staging}.state; DELETE FROM {self._staging}.progress")
        self._run(f"INSERT INTO {self._staging}.state VALUES (%s, %s, NULL, NULL)", (info.mirror_id, sweep))

    def publish(self) -> bool:
        """Return True if the last commit changed something, which readers see already."""
        news, self._news = self._news, False
        return news

    def forget(self, ids: Collection[str]) -> int:
        """Remove what is kept about these records, and write their tables anew, so that nothing of it is left in them."""
        with self._errors():
            stored = self._stored().values()
            with self._db.transaction():
                doomed = self._doomed(list(ids), stored)
                count = 0
                for place, key in self._places_with_ids(stored):
                    count += self._run(
                        f"DELETE FROM {place} WHERE {key} = ANY(%s::text[])", (doomed,)
                    ).rowcount
                self._empty_staging(keep=())
                self._run(f"UPDATE {self._mirror}._info SET sweep = sweep + 1, changed_sweep = sweep + 1", ())
            for place, _ in self._places_with_ids(stored):
                self._run(f"VACUUM FULL {place}")
            self._news = True
        return count

    def _places_with_ids(self, stored: Iterable[StoredTable]) -> list[tuple[str, str]]:
        tables = [(self._place(one.schema, one.name), _quoted(one.columns[0].name)) for one in stored]
        return [*tables, (f"{self._mirror}._changes", "id"), (f"{self._mirror}._deleted", "id")]

    def _doomed(self, ids: list[str], stored: Iterable[StoredTable]) -> list[str]:
        """Return the ids, those that were merged into them, and those of what is about them: entries, notes, comments."""
        merged = self._run(
            f"""
            WITH RECURSIVE doomed (id) AS (
                SELECT unnest(%s::text[]) UNION
                SELECT d.id FROM {self._mirror}._deleted d JOIN doomed ON d._merged_into = doomed.id
            ) SELECT id FROM doomed
            """,
            (ids,),
        )
        ids = [id_ for (id_,) in merged]
        doomed = set(ids)
        for table in stored:
            for column in columns_about_records(table):
                part = " ->> 'entity_instance_id'" if column.type.kind == "struct" else ""
                name = f"{_quoted(column.name)}{part}"
                rows = self._run(
                    f"""
                    SELECT {_quoted(table.columns[0].name)} FROM {self._place(table.schema, table.name)}
                    WHERE {name} = ANY(%s::text[])
                    """,
                    (ids,),
                )
                doomed |= {id_ for (id_,) in rows}
        logged = self._run(
            f"""
            SELECT DISTINCT c.id FROM {self._mirror}._changes c, unnest(%s::text[]) AS gone (id)
            WHERE c.table_schema <> 'objects' AND c.change <> 'schema'
            AND (position(gone.id IN c.after::text) > 0 OR position(gone.id IN c.before::text) > 0)
            """,
            (ids,),
        )
        return sorted(doomed | {id_ for (id_,) in logged})

    def close(self) -> None:
        """Close the connection, which releases the database for other writers."""
        connection, self._connection = self._connection, None
        self._sweep = None
        if connection is not None:
            with suppress(_driver().Error):
                connection.close()

    # Reading

    def query(self, query: str, *, timeout: float, max_rows: int) -> list[dict[str, Any]]:
        """Return the rows of one SELECT, in a transaction that cannot write."""
        driver = _driver()
        with self._reader() as connection:
            try:
                limit = f"SET LOCAL statement_timeout = {max(int(timeout * 1000), 1)}"
                connection.execute(limit.encode())
                # A cursor of the server takes only a query, and one with parameters a single one.
                with connection.cursor(name="mirror") as cursor:
                    cursor.execute(query.replace("%", "%%").rstrip().rstrip(";").encode(), ())
                    names = [str(each.name) for each in cursor.description or ()]
                    rows = cursor.fetchmany(max_rows + 1)
            except driver.errors.QueryCanceled:
                raise ConfigurationError(
                    f"the query was stopped after {timeout:g} seconds; narrow it, or give it more time"
                ) from None
            except driver.errors.SyntaxError as error:
                raise ConfigurationError(
                    f"the query is not one SELECT, or not valid: {_reason(error)}"
                ) from None
            except driver.Error as error:
                raise ConfigurationError(f"the query cannot be run: {_reason(error)}") from None
        return as_dicts(names, rows, max_rows)

    def status(self) -> MirrorStatus:
        """Return the state of the database."""
        with self._errors(), self._reader() as connection:
            info = self._known(self._read_info(connection))
            query = f"SELECT table_schema, table_name FROM {self._mirror}._tables ORDER BY 1, 2"
            tables = connection.execute(query.encode()).fetchall()
            rows = {
                f"{schema}.{name}": _count(connection, self._place(schema, name)) for schema, name in tables
            }
            return MirrorStatus(
                where=self.where,
                format=info.format,
                workspace_id=info.workspace_id or "",
                sweep=info.changed_sweep,
                changed_at=info.changed_at,
                swept_at=info.swept_at,
                rows=rows,
                changes=_count(connection, f"{self._mirror}._changes"),
            )

    @contextmanager
    def _reader(self) -> "Generator[Connection]":
        """Connect for reading: in one transaction that cannot write, with the vendor's default schema."""
        connection = self._connect()
        try:
            with connection.transaction():
                connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                info = self._known(self._read_info(connection))
                check_format(info.format, self.where)
                path = ", ".join(_quoted(self._schema(name)) for name in ("objects", "mirror"))
                connection.execute(f"SET LOCAL search_path = {path}".encode())
                yield connection
        finally:
            connection.close()

    # Parts

    def _schema(self, name: str) -> str:
        return f"{self._prefix}mirror_staging" if name == "staging" else f"{self._prefix}{name}"

    @property
    def _mirror(self) -> str:
        return _quoted(self._schema("mirror"))

    @property
    def _staging(self) -> str:
        return _quoted(self._schema("staging"))

    def _place(self, schema: str, name: str) -> str:
        return f"{_quoted(self._schema(schema))}.{_quoted(name)}"

    def _staged(self, table: MirroredTable, part: str) -> str:
        return f"{self._staging}.{_quoted(f'{table.id}:{part}')}"

    def _gone(self, table: MirroredTable) -> str:
        """Return the staged table of what is gone; for a history, of the records that it is of."""
        return f"{self._staging}.{_quoted(f'{table.history_of or table.id}:gone')}"

    def _run(self, statement: str, parameters: Sequence[object] = ()) -> "psycopg.Cursor[tuple[Any, ...]]":
        """Run one statement; a percent sign is doubled in it."""
        return self._db.execute(statement.encode(), parameters)

    def _script(self, statements: str) -> None:
        """Run several statements without parameters."""
        self._db.execute(statements.encode())

    @property
    def _db(self) -> "Connection":
        if self._connection is None:
            raise ConfigurationError("the mirror is not open for writing")
        return self._connection

    def _info(self) -> MirrorFacts:
        return self._known(self._read_info(self._db))

    def _known(self, info: MirrorFacts | None) -> MirrorFacts:
        if info is None:
            raise ConfigurationError(f"{self.where} has no mirror; refresh it first")
        return info

    def _read_info(self, connection: "Connection") -> MirrorFacts | None:
        """Return the facts about the mirror; None if there is none."""
        (is_there,) = _one(
            connection.execute("SELECT to_regclass(%s) IS NOT NULL", (f"{self._mirror}._info",))
        )
        if not is_there:
            return None
        facts = "format, mirror_id, workspace_id, sweep, changed_sweep, changed_at, swept_at"
        row = connection.execute(f"SELECT {facts} FROM {self._mirror}._info".encode()).fetchone()
        return None if row is None else MirrorFacts(*row)

    def _stored(self) -> dict[str, StoredTable]:
        rows = self._run(f"SELECT id, table_schema, table_name, columns FROM {self._mirror}._tables")
        return {
            id_: StoredTable(id_, schema, name, decode_columns(columns))
            for id_, schema, name, columns in rows
        }

    @contextmanager
    def _errors(self) -> Generator[None]:
        """Turn errors of the driver into those of this package. Their further lines may show data."""
        driver = _driver()
        try:
            yield
        except driver.OperationalError as error:  # such as a lost connection, or a full disk
            raise StorageError(self.where, None, _reason(error)) from None
        except driver.Error as error:
            raise ConfigurationError(f"{self.where} cannot be written: {_reason(error)}") from None


_ORIGIN = "(s._origins -> %s ->> 0)::timestamptz, s._origins -> %s ->> 1, s._origins -> %s ->> 2"
"""The expressions of when and by whom a cell of `s` was set; the parameters are its name, three times."""


def _driver() -> Any:
    try:
        import psycopg  # noqa: PLC0415 - an extra
    except ImportError:
        message = 'a mirror in PostgreSQL needs psycopg: pip install "attio-async[postgres]"'
        raise ConfigurationError(message) from None
    return psycopg


def _shown(conninfo: str) -> str:
    """Return an address without user and password.

    Raises:
        ConfigurationError: It is not valid.
    """
    driver = _driver()
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415 - an extra

    try:
        parts = conninfo_to_dict(conninfo)
    except driver.Error:  # its message may have the password
        raise ConfigurationError(
            "the mirror's address is not a valid connection string; give postgresql://user@host/database"
        ) from None
    port = f":{parts['port']}" if parts.get("port") else ""
    return f"postgresql://{parts.get('host') or ''}{port}/{parts.get('dbname') or ''}"


def _reason(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__


def _one(found: "psycopg.Cursor[tuple[Any, ...]]") -> tuple[Any, ...]:
    row = found.fetchone()
    if row is None:
        raise LookupError("the statement returns no row")
    return row


def _count(connection: "Connection", place: str) -> int:
    return int(_one(connection.execute(f"SELECT count(*) FROM {place}".encode(), ()))[0])


def _copy(connection: "Connection", place: str, rows: Iterable[Sequence[object]]) -> None:
    """Add rows to a table."""
    with connection.cursor() as cursor, cursor.copy(f"COPY {place} FROM STDIN".encode(), ()) as copy:
        for row in rows:
            copy.write_row([_storable(cell) if isinstance(cell, str) else cell for cell in row])


def _short(name: str) -> str:
    """Return a name that PostgreSQL does not cut off: one with more than 63 bytes ends with a digest of itself."""
    encoded = name.encode()
    if len(encoded) <= _MAX_NAME_BYTES:
        return name
    digest = blake2b(encoded, digest_size=6).hexdigest()
    return f"{encoded[: _MAX_NAME_BYTES - len(digest) - 1].decode(errors='ignore')}~{digest}"


def _quoted(name: str) -> str:
    """Quote a name for a statement with parameters."""
    doubled = _short(name).replace('"', '""').replace("%", "%%")
    return f'"{doubled}"'


def _storable(text: str) -> str:
    """Return an id or a name as PostgreSQL takes it, without null characters. Values that have them are misfits before."""
    return text.replace("\0", r"\u0000") if "\0" in text else text


def _columns(columns: Sequence[Column]) -> str:
    return ", ".join(f"{_quoted(one.name)} {one.type.postgres}" for one in columns)


def _cell_json(cell: str, type: ColumnType) -> str:
    """Return the expression of a cell as JSON. A decimal is a text there, so that no reader rounds it."""
    return (
        cell if type.is_json else f"to_jsonb({cell}::text)" if type.kind == "decimal" else f"to_jsonb({cell})"
    )


def _row_json(alias: str, columns: Sequence[Column]) -> str:
    cells = ", ".join(
        f"{_cell_json(f'{alias}.{_quoted(one.name)}', one.type)} AS {_quoted(one.name)}" for one in columns
    )
    return f"(SELECT to_jsonb(cells) FROM (SELECT {cells}) AS cells)"


def _staged_cells(table: MirroredTable, rows: Iterable[StagedRow]) -> Iterable[Sequence[object]]:
    """Return the cells of staged rows as COPY takes them."""
    encoded = [one.type.is_json for one in table.table.columns]
    for row in rows:
        cells = [
            msgspec.json.encode(cell).decode() if is_json and cell is not None else cell
            for cell, is_json in zip(row.cells, encoded, strict=True)
        ]
        yield (*cells, _moment(row.changed_at), _encode_origins(row))


def _encode_origins(row: StagedRow) -> str:
    known: Mapping[str, CellOrigin] = {**row.origins, OF_ROW: row.created}
    encoded = {
        _storable(name): [at, *(by and _storable(by) for by in (one.actor_type, one.actor_id))]
        for name, one in known.items()
        if (at := _moment(one.at))
    }
    return msgspec.json.encode(encoded).decode()


def _moment(text: str | None) -> datetime | None:
    """Return a time as the API wrote it, without its nanoseconds; None if it is not valid."""
    try:
        found = None if text is None else datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found
