"""The parts of jobs by themselves: giving out in order, files of failed rows, databases that many use."""

import random
import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any

import anyio
import pytest
from tests.bulk.jobs import quick

from attio_async import Row, SQLiteJournal
from attio_async._schema import standard_schema
from attio_async._storage.sqlite import SQLiteDatabase, SQLiteFormat
from attio_async._workspace.encode import encode
from attio_async.bulk import export_dead_letters, read_dead_letters
from attio_async.bulk._write.options import Progress
from attio_async.bulk._write.outcomes import OutcomeQueue
from attio_async.bulk._write.payload import chain_digest, to_json_values
from attio_async.errors import ConfigurationError
from attio_async.values import (
    ActorRef,
    Member,
    Phone,
    RecordRef,
    Ref,
)

pytestmark = pytest.mark.anyio


def file_of(name: str, application_id: int) -> SQLiteFormat:
    tables = f"CREATE TABLE {name} ({name[:-1]} INTEGER)"
    return SQLiteFormat(purpose=f"file of {name}", application_id=application_id, tables=tables)


async def test_outcomes_are_given_out_in_order_whichever_ends_first() -> None:
    from attio_async import Outcome

    given: list[int] = []
    delivery = OutcomeQueue(lambda outcome: given.append(outcome.index), room=50, in_order=True)
    indices = list(range(50))
    for index in indices:
        await delivery.announce(index)
    random.Random(3).shuffle(indices)
    for index in indices:
        delivery.end(index, None if index == 7 else Outcome(index, index, "created"))
    assert given == [index for index in range(50) if index != 7]


async def test_there_is_room_for_so_many_rows() -> None:
    delivery = OutcomeQueue(lambda _: None, room=2, in_order=True)
    await delivery.announce(0)
    await delivery.announce(1)
    with anyio.move_on_after(0.01):
        await delivery.announce(2)
        pytest.fail("there is no room")
    delivery.end(0, None)
    with anyio.fail_after(1):
        await delivery.announce(2)


async def test_failed_rows_as_a_file_and_back(tmp_path: Path) -> None:
    fake, attio = quick()
    fake.seed.add_list("sales", parent="companies")
    gone = "00000000-0000-4000-8000-000000000000"
    rows = [Row({"nope": 1}, label="line 2", parent=RecordRef("companies", gone)), Row({}, parent="x")]
    async with SQLiteJournal(tmp_path / "job.db") as journal:
        await attio.entries("sales").create_many(rows, journal=journal)
        assert await export_dead_letters(journal, tmp_path / "failed.jsonl") == 2
    first, second = read_dead_letters(tmp_path / "failed.jsonl")
    assert first.label == "line 2"
    assert first.values["nope"] == 1
    assert second.label == 1
    (tmp_path / "failed.jsonl").write_text('\n{"label": 1}\n')
    with pytest.raises(ConfigurationError, match="line 2 of"):
        list(read_dead_letters(tmp_path / "failed.jsonl"))


async def test_what_many_ask_of_a_database_is_done_even_if_the_first_is_cancelled(tmp_path: Path) -> None:
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


async def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("no database at all, whatever its name says" * 40)
    _, attio = quick()
    with pytest.raises(ConfigurationError, match="not a valid job journal"):
        await attio.companies.upsert_many([], match="domains", journal=tmp_path / "x.db")


async def test_one_file_belongs_to_one_job_at_a_time(tmp_path: Path) -> None:
    _, attio = quick()
    async with SQLiteJournal(tmp_path / "x.db") as journal:
        await attio.companies.upsert_many([], match="domains", journal=journal)
        with pytest.raises(ConfigurationError, match="in use"):
            await attio.companies.upsert_many([], match="domains", journal=tmp_path / "x.db")


def test_the_same_rows_have_the_same_digests() -> None:
    rows = [{"a": 1, "b": {2, 1}}, {"b": {1, 2}, "a": 1}]
    assert chain_digest(None, rows[0]) == chain_digest(None, rows[1])
    first = chain_digest(None, rows[0])
    assert chain_digest(first, rows[0]) != first
    assert chain_digest(first, {"a": 2}) != chain_digest(first, {"a": 1})


def test_a_row_that_does_not_fit_is_kept_in_a_form_that_can_be_given_again() -> None:
    record = "4b0a6ab5-5ba5-4b1c-a7bf-6a6d4e6b3f5c"
    given: dict[str, Any] = {
        "company": Ref("companies", domain="a.example"),
        "friends": [RecordRef("people", record), Ref("people", record)],
        "owner": Member("ada@a.example"),
        "writer": ActorRef("workspace-member", record),
        "phone_numbers": (Phone("+441234567890"), Phone("01234 567890", "GB")),
        "worth": {"currency_value": Decimal("1.50")},
    }
    person = {"target_object": "people", "target_record_id": record}
    assert to_json_values(given) == {
        "company": {"target_object": "companies", "domains": "a.example"},
        "friends": [person, person],
        "owner": "ada@a.example",
        "writer": {"referenced_actor_type": "workspace-member", "referenced_actor_id": record},
        "phone_numbers": ["+441234567890", {"original_phone_number": "01234 567890", "country_code": "GB"}],
        "worth": {"currency_value": "1.50"},
    }
    schema = standard_schema("people")
    assert schema is not None
    kept = {slug: to_json_values(given)[slug] for slug in ("company", "phone_numbers")}
    assert len(encode(kept, schema)["phone_numbers"]) == 2


def test_progress_in_words() -> None:
    progress = Progress(done=500, failed=2, total=90_500, seconds=20.0, rate=25.0, waited=3.0)
    assert str(progress) == "500 of 90,500 rows, 25.0/s, 1:00:00 left, 2 failed"
    assert Progress(done=1, failed=0, total=None, seconds=1, rate=1, waited=0).left is None


async def test_a_database_that_is_closed_is_free_whoever_still_has_what_it_returned(tmp_path: Path) -> None:
    first, second = (SQLiteDatabase(tmp_path / "x.db", file_of("numbers", 1)) for _ in range(2))
    changed = await first.run("INSERT INTO numbers VALUES (?)", [(1,), (2,)])
    await first.aclose()
    assert await second.run("DELETE FROM numbers WHERE number = ?", [(2,), (3,)]) == 1
    await second.aclose()
    assert changed == 2


async def test_a_file_for_another_purpose_is_refused(tmp_path: Path) -> None:
    numbers = SQLiteDatabase(tmp_path / "x.db", file_of("numbers", 1))
    assert await numbers.run("INSERT INTO numbers VALUES (?)", [(1,)]) == 1
    await numbers.aclose()
    letters = SQLiteDatabase(tmp_path / "x.db", file_of("letters", 2))
    with pytest.raises(ConfigurationError, match="not a valid file of letters"):
        await letters.run("INSERT INTO letters VALUES (?)", [("a",)])
    assert await numbers.run("DELETE FROM numbers", [()]) == 1
    await numbers.aclose()
