"""Whatever changes and breaks while PostgreSQL or a folder of Parquet files is refreshed, a quiet refresh makes it right."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
from tests.postgres import running_postgres

from .support import _reshape, refreshed_at_random, state_of

pytestmark = [pytest.mark.anyio, pytest.mark.full]

Tables = dict[str, dict[str, dict[str, Any]]]
SYSTEM = ("_first_seen", "_last_changed", "_synced_at")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running_postgres() as words:
        parts = dict(word.split("=", 1) for word in words.split())
        yield f"postgresql://{parts['user']}@/{parts['dbname']}?host={parts['host']}"


def keyed(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    found = {str(next(iter(row.values()))): row for row in rows}
    assert len(found) == len(rows), "a row is there twice"
    return found


def in_postgres(server: str, prefix: str) -> Tables:
    """Return the rows of all tables, without the mirror's own columns."""
    found: Tables = {}
    with psycopg.connect(server) as connection:
        connection.execute("SET TIME ZONE 'UTC'")
        tables = connection.execute(
            f"SELECT table_schema, table_name, columns FROM {prefix}mirror._tables"
        ).fetchall()
        for schema, name, columns in tables:
            if schema != "history":
                names = [column[0] for column in json.loads(columns)]
                cells = ", ".join(f'"{one}"' for one in names)
                rows = connection.execute(f'SELECT {cells} FROM {prefix}{schema}."{name}"').fetchall()
                found[f"{schema}.{name}"] = keyed([dict(zip(names, row, strict=True)) for row in rows])
    return found


def replayed_in_postgres(server: str, prefix: str) -> None:
    """Check that the log of changes makes the tables of nothing."""
    with psycopg.connect(server) as connection:
        connection.execute("SET TIME ZONE 'UTC'")
        lines = connection.execute(
            "SELECT change, table_schema || '.' || table_name, id, attribute, before, after"
            f" FROM {prefix}mirror._changes ORDER BY place"
        ).fetchall()
        tables: Tables = {}
        for change, table, id_, attribute, before, after in lines:
            rows = tables.setdefault(table, {})
            if change == "created":
                rows[id_] = after
            elif change in {"deleted", "merged"}:
                assert rows.pop(id_) == before
            elif change == "changed":
                assert rows[id_][attribute] == before
                rows[id_][attribute] = after
            else:
                _reshape(tables, table, attribute, before)
        for place, rows in tables.items():
            schema, name = place.split(".", 1)
            if schema == "history":
                continue
            found = [
                row for (row,) in connection.execute(f'SELECT to_jsonb(t) FROM {prefix}{schema}."{name}" t')
            ]
            types = dict(
                connection.execute(
                    "SELECT column_name, data_type FROM information_schema.columns"
                    " WHERE table_schema = %s AND table_name = %s",
                    (f"{prefix}{schema}", name),
                ).fetchall()
            )
            for row in found:
                key = next(
                    one
                    for one in ("record_id", "entry_id", "workspace_member_id", "note_id", "task_id")
                    if one in row
                )
                expected = rows.pop(row[key])
                for column, cell in row.items():
                    if column not in SYSTEM:
                        was = expected.pop(column)
                        exact = (
                            None if was is None else json.loads(was) if types[column] == "numeric" else was
                        )
                        assert exact == cell
                assert expected == {}
            assert rows == {}


def in_parquet(folder: Path) -> Tables:
    """Return the rows of all tables that the manifest names."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    found: Tables = {}
    with duckdb.connect(":memory:") as database:
        database.execute("SET TimeZone = 'UTC'")
        for table in manifest["tables"]:
            assert table["rows"] == sum(
                database.execute(f"SELECT count(*) FROM '{folder / file}'").fetchone()[0]
                for file in table["files"]
            )
            if table["schema"] == "history" or table["name"].startswith("_"):
                continue
            (file,) = table["files"]
            result = database.execute(f"SELECT * EXCLUDE ({', '.join(SYSTEM)}) FROM '{folder / file}'")
            names = [column[0] for column in result.description or ()]
            rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
            found[f"{table['schema']}.{table['name']}"] = keyed(rows)
    on_disk = {path.relative_to(folder).as_posix() for path in folder.glob("[!.]*/*/*")}
    assert {file for table in manifest["tables"] for file in table["files"]} <= on_disk
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.glob("[!.]*/*/*"))
    return found


@pytest.mark.parametrize("seed", range(200, 215))
async def test_postgres_equals_the_workspace_after_a_quiet_refresh(server: str, seed: int) -> None:
    prefix = f"s{seed}_"
    await check(f"{server}#{prefix}", seed, lambda: in_postgres(server, prefix))
    replayed_in_postgres(server, prefix)


@pytest.mark.parametrize("seed", range(300, 310))
async def test_parquet_equals_the_workspace_after_a_quiet_refresh(tmp_path: Path, seed: int) -> None:
    folder = tmp_path / "crm"
    await check(f"{folder}/", seed, lambda: in_parquet(folder))


async def check(where: str, seed: int, tables: Callable[[], Mapping[str, Any]]) -> None:
    fake = await refreshed_at_random(where, seed, sweeps=5)
    async with fake.client() as fresh:
        expected = await state_of(fresh)
    assert tables() == expected
