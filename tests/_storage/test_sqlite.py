"""SQLite files: for one process at a time, private, and recognised by their purpose."""

import sqlite3
import threading
from pathlib import Path

import anyio
import pytest

from attio_async._storage.sqlite import SQLiteDatabase, SQLiteFormat, open_file
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


class _Interrupted(sqlite3.Connection):
    """A connection beside which another one creates the tables, right after the mark of the file was read."""

    other: threading.Thread | None = None

    def execute(self, statement: str, *parameters: object) -> sqlite3.Cursor:
        cursor = super().execute(statement, *parameters)
        if statement == "PRAGMA application_id" and self.other is not None:
            row, other, self.other = cursor.fetchone(), self.other, None
            other.start()
            other.join(0.3)
            return super().execute("SELECT ?", row)
        return cursor


def test_a_file_is_opened_while_another_process_creates_its_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    format = SQLiteFormat(purpose="test", application_id=7, tables="CREATE TABLE t (a)", is_shared=True)
    path, connect = tmp_path / "file", sqlite3.connect
    opened: list[sqlite3.Connection] = []
    other = threading.Thread(target=lambda: opened.append(open_file(path, format)))

    def interrupted(*arguments: object, **options: object) -> sqlite3.Connection:
        monkeypatch.setattr(sqlite3, "connect", connect)  # the other one is not
        connection = connect(*arguments, factory=_Interrupted, **options)
        connection.other = other
        return connection

    monkeypatch.setattr(sqlite3, "connect", interrupted)
    opened.append(open_file(path, format))
    other.join(15)
    assert len(opened) == 2
    for connection in opened:
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)
        connection.close()


@pytest.mark.full
def test_many_may_open_one_new_file_at_once(tmp_path: Path) -> None:
    format = SQLiteFormat(purpose="test", application_id=7, tables="CREATE TABLE t (a)", is_shared=True)
    problems: list[Exception] = []

    def use(path: Path, start: threading.Barrier) -> None:
        start.wait()
        try:
            connection = open_file(path, format)
            connection.execute("INSERT INTO t VALUES (1)")
            connection.close()
        except Exception as error:  # noqa: BLE001 - it is reported
            problems.append(error)

    for number in range(100):
        start = threading.Barrier(6)
        threads = [threading.Thread(target=use, args=(tmp_path / str(number), start)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not problems
