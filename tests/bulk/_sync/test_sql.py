"""The rows of SQL queries, streamed from sessions that cannot write."""

import datetime as dt
import sqlite3
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.postgres import running_postgres

from attio_async.bulk import SQLSource
from attio_async.errors import ConfigurationError

pytestmark = pytest.mark.anyio


def sqlite_file(folder: Path, rows: int = 3) -> Path:
    path = folder / "ware house?.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE accounts (domain TEXT, plan TEXT, mrr NUMERIC)")
        connection.executemany(
            "INSERT INTO accounts VALUES (?, ?, ?)",
            [(f"c{number}.example.com", "Pro", number) for number in range(rows)],
        )
    connection.close()
    return path


def duckdb_file(folder: Path) -> Path:
    path = folder / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "CREATE TABLE accounts AS SELECT 'c' || i || '.example.com' AS domain FROM range(3) t(i)"
        )
    return path


def names(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir()]


async def read(source: SQLSource) -> list[dict[str, Any]]:
    return [row async for row in source]


async def test_the_rows_of_sqlite_have_the_names_of_the_columns(tmp_path: Path) -> None:
    path = sqlite_file(tmp_path, rows=2_500)
    source = SQLSource(str(path), "SELECT domain AS domains, plan, mrr FROM accounts ORDER BY mrr")
    rows = await read(source)
    assert len(rows) == 2_500
    assert rows[1] == {"domains": "c1.example.com", "plan": "Pro", "mrr": 1}
    assert await read(source) == rows  # each iteration has a session of its own
    assert await read(SQLSource(f"sqlite:///{path}", "SELECT 1 AS one")) == [{"one": 1}]
    assert repr(source) == "<SQLSource of SQLite>"


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM accounts",
        "DELETE FROM accounts RETURNING domain",
        "SELECT 1; DELETE FROM accounts",
        "ATTACH 'other.db' AS other",
        "PRAGMA user_version = 3",
        "SELECT nothing FROM accounts",
        "VACUUM INTO 'copy.db'",
    ],
)
async def test_a_query_of_sqlite_can_only_read(
    query: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sqlite_file(tmp_path)
    monkeypatch.chdir(tmp_path)
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match="source"):
        await read(SQLSource(str(path), query))
    assert path.read_bytes() == before
    assert names(tmp_path) == [path.name]


async def test_rows_are_read_as_they_are_needed_and_the_session_is_closed(tmp_path: Path) -> None:
    path = sqlite_file(tmp_path)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
    rows = aiter(SQLSource(str(path), endless))
    assert await anext(rows) == {"i": 1}
    await rows.aclose()  # type: ignore[attr-defined]
    path.unlink()


async def test_duckdb_is_read_with_one_select(tmp_path: Path) -> None:
    path = duckdb_file(tmp_path)
    rows = await read(
        SQLSource(str(path), "SELECT domain AS domains, ['a', 'b'] AS tags, 1.5 AS x FROM accounts")
    )
    assert rows[0] == {"domains": "c0.example.com", "tags": ["a", "b"], "x": Decimal("1.5")}
    for query in ("DROP TABLE accounts", "COPY accounts TO 'x.csv'", "SELECT 1; SELECT 2", "SELECT nope"):
        with pytest.raises(ConfigurationError, match="source"):
            await read(SQLSource(f"duckdb:///{path}", query))
    with pytest.raises(ConfigurationError, match="does not exist"):
        await read(SQLSource(str(tmp_path / "none.duckdb"), "SELECT 1"))
    assert names(tmp_path) == [path.name]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT 1 AS a, 2 AS a", "two columns 'a'"),
        ("SELECT", "syntax error|incomplete input"),
        ("", "returns no columns"),
    ],
)
async def test_a_query_that_cannot_work_is_explained(query: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=message):
        await read(SQLSource(str(sqlite_file(tmp_path)), query))


async def test_a_file_that_does_not_exist_is_not_created(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="the SQLite source cannot be read"):
        await read(SQLSource(str(tmp_path / "none.db"), "SELECT 1"))
    assert not names(tmp_path)


async def test_no_message_shows_a_password() -> None:
    for database in ("postgresql://me:secret@[db/x", "postgres//me:secret@db/x", "host=db password='secret"):
        with pytest.raises(ConfigurationError, match="is not a valid connection string") as failure:
            SQLSource(database, "SELECT 1")
        assert "secret" not in str(failure.value)
        assert failure.value.__context__ is None or failure.value.__suppress_context__
    source = SQLSource("postgresql://me:secret@127.0.0.1:1/x", "SELECT 1")
    assert repr(source) == "<SQLSource of PostgreSQL>"
    with pytest.raises(ConfigurationError, match="the PostgreSQL source cannot be read") as failure:
        await read(source)
    assert "secret" not in str(failure.value)


@pytest.mark.parametrize(("module", "database"), [("psycopg", "service=x"), ("duckdb", "x.duckdb")])
def test_a_missing_driver_is_named(module: str, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ConfigurationError, match=f"needs {module}: pip install"):
        SQLSource(database, "SELECT 1")


@pytest.mark.full
async def test_postgres_is_read_from_one_snapshot_in_a_session_that_cannot_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg

    with running_postgres() as conninfo, psycopg.connect(conninfo, autocommit=True) as writer:
        writer.execute("CREATE TABLE accounts AS SELECT i, i * 1.5 AS mrr, DATE '2026-01-31' AS day"
                       " FROM generate_series(1, 2500) i")  # fmt: skip
        rows = aiter(SQLSource(conninfo, "SELECT * FROM accounts ORDER BY i"))
        assert await anext(rows) == {"i": 1, "mrr": Decimal("1.5"), "day": dt.date(2026, 1, 31)}
        writer.execute("DELETE FROM accounts WHERE i > 2000")
        assert 1 + len([row async for row in rows]) == 2_500
        assert len(await read(SQLSource(conninfo, "SELECT i FROM accounts"))) == 2_000
        for query in (
            "DELETE FROM accounts",
            "DELETE FROM accounts RETURNING i",
            "SELECT 1; COMMIT; DELETE FROM accounts",
            "SELECT setval('x', 1)",
            "CREATE TABLE x ()",
        ):
            with pytest.raises(ConfigurationError, match="the PostgreSQL source cannot be read"):
                await read(SQLSource(conninfo, query))
        assert writer.execute("SELECT count(*) FROM accounts").fetchone() == (2_000,)
        service = tmp_path / "pg_service.conf"
        parts = "\n".join(conninfo.split())
        service.write_text(f"[warehouse]\n{parts}\n")
        monkeypatch.setenv("PGSERVICEFILE", str(service))
        assert len(await read(SQLSource("service=warehouse", "SELECT 1 AS one"))) == 1
        monkeypatch.setenv("PGSERVICE", "warehouse")
        assert len(await read(SQLSource("", "SELECT 1 AS one"))) == 1
