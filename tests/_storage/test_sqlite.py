"""SQLite files: for one process at a time, private, and recognised by their purpose."""

import sqlite3
from pathlib import Path

import anyio
import pytest

from attio_async._storage.sqlite import SQLiteDatabase, SQLiteFormat
from attio_async.errors import ConfigurationError

pytestmark = pytest.mark.anyio


def file_of(name: str, application_id: int) -> SQLiteFormat:
    tables = f"CREATE TABLE {name} ({name[:-1]} INTEGER)"
    return SQLiteFormat(purpose=f"file of {name}", application_id=application_id, tables=tables)


async def test_actions_of_a_batch_are_committed_even_if_the_first_caller_is_cancelled(tmp_path: Path) -> None:
    database = SQLiteDatabase(tmp_path / "x.db", file_of("numbers", 1))

    def insert(number: int) -> None:
        def run(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT INTO numbers VALUES (?)", (number,))

        return run

    for _ in range(10):
        async with anyio.create_task_group() as group:
            with anyio.CancelScope() as scope:
                group.start_soon(database.do, insert(1))
                group.start_soon(database.do, insert(2))
                scope.cancel()
                await anyio.lowlevel.checkpoint()
    count = await database.do(lambda db: db.execute("SELECT count(*) FROM numbers").fetchone()[0])
    assert count == 20
    await database.aclose()


async def test_a_closed_file_is_free_while_its_results_are_in_use(tmp_path: Path) -> None:
    first, second = (SQLiteDatabase(tmp_path / "x.db", file_of("numbers", 1)) for _ in range(2))
    changed = await first.run("INSERT INTO numbers VALUES (?)", [(1,), (2,)])
    await first.aclose()
    assert await second.run("DELETE FROM numbers WHERE number = ?", [(2,), (3,)]) == 1
    await second.aclose()
    assert changed == 2


async def test_a_file_for_another_purpose_is_rejected(tmp_path: Path) -> None:
    numbers = SQLiteDatabase(tmp_path / "x.db", file_of("numbers", 1))
    assert await numbers.run("INSERT INTO numbers VALUES (?)", [(1,)]) == 1
    await numbers.aclose()
    letters = SQLiteDatabase(tmp_path / "x.db", file_of("letters", 2))
    with pytest.raises(ConfigurationError, match="not a valid file of letters"):
        await letters.run("INSERT INTO letters VALUES (?)", [("a",)])
    assert await numbers.run("DELETE FROM numbers", [()]) == 1
    await numbers.aclose()
