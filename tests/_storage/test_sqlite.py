"""SQLite files: for one process at a time, private, and recognised by their purpose."""

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

from attio_async._storage.sqlite import SQLiteDatabase, SQLiteFormat, open_file, sqlite_errors
from attio_async.bulk._write.duplicates import KeyIndex
from attio_async.errors import ConfigurationError, StorageError

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


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return a function after which files that are opened have room for a few pages alone."""
    connect = sqlite3.connect

    def fill(pages: int) -> None:
        def with_room(*arguments: Any, **options: Any) -> sqlite3.Connection:
            connection = connect(*arguments, **options)
            connection.execute(f"PRAGMA max_page_count = {pages}")
            return connection

        monkeypatch.setattr(sqlite3, "connect", with_room)

    return fill


async def test_a_full_disk_is_told_with_the_path_and_leaves_no_new_file(
    full_disk: Callable[[int], None], tmp_path: Path
) -> None:
    full_disk(1)
    database = SQLiteDatabase(tmp_path / "x.db", file_of("numbers", 1))
    with pytest.raises(StorageError, match=r"cannot write .*x\.db: No space left on device"):
        await database.run("INSERT INTO numbers VALUES (?)", [(1,)])
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240 - a test may block


async def test_what_was_written_before_the_disk_was_full_is_kept(
    full_disk: Callable[[int], None], tmp_path: Path
) -> None:
    full_disk(8)
    database = SQLiteDatabase(tmp_path / "x.db", file_of("letters", 2))
    with pytest.raises(StorageError, match=r"x\.db"):
        for _ in range(20):
            await database.run("INSERT INTO letters VALUES (zeroblob(?))", [(3000,)])
    (kept,) = (await database.fetch("SELECT count(*) FROM letters"))[0]
    assert 0 < kept < 20
    await database.aclose()
    full_disk(1000)
    assert await database.fetch("SELECT count(*) FROM letters") == [(kept,)]
    await database.aclose()


def test_a_temporary_database_has_the_errors_of_the_package(full_disk: Callable[[int], None]) -> None:
    full_disk(8)
    with KeyIndex() as index, pytest.raises(StorageError, match="cannot write the temporary database"):
        for number in range(10_000):
            index.claim([number], number)


def test_a_disk_that_fails_is_told_with_the_path(tmp_path: Path) -> None:
    failure = sqlite3.OperationalError("disk I/O error")
    failure.sqlite_errorcode = sqlite3.SQLITE_IOERR | 3 << 8
    with (
        pytest.raises(StorageError, match=r"cannot write .*x\.db: Input/output error"),
        sqlite_errors(tmp_path / "x.db", file_of("numbers", 1)),
    ):
        raise failure
