"""The contract of journals, for each of them; and what only a shared one does."""

from collections.abc import Callable, Iterator
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import attrs
import pytest
from tests.bulk.support import fast
from tests.postgres import lose_next_commit, running_postgres
from tests.support import trio_when_full
from tests.typing.journals import MemoryJournal

from attio_async._storage.database import load_statements
from attio_async._storage.sqlite import open_temporary
from attio_async.bulk import (
    Claim,
    Closing,
    Failure,
    HeldRow,
    JobInfo,
    Journal,
    JournalRow,
    PostgresJournal,
    PostgresSyncState,
    SQLiteJournal,
    delete_journals,
)
from attio_async.bulk._journal.sql import SQLJournal
from attio_async.errors import ConfigurationError, JobSuperseded
from attio_async.testing import VirtualClock

pytestmark = pytest.mark.anyio
anyio_backend = trio_when_full


INFO = JobInfo(
    title="upsert companies", parameters={"match": "domains"}, schema={"name": "text"}, started_at=1.5
)


INVALID = Failure(kind="CoercionError", reason="no domain", attribute="domains")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        *(
            ({"job": name}, "job must be a text that PostgreSQL can hold")
            for name in ("a\0", "\ud800", None, 5)
        ),
        ({"sync": "\ud800"}, "sync must be a text that PostgreSQL can hold"),
        ({"epoch": "1"}, "epoch must be at least 0, not '1'"),
        ({"epoch": 2.5}, "epoch must be a whole number, not 2.5"),
        ({"lease": 0}, "lease must be at least 1, not 0"),
        ({"lease": "60"}, "lease must be at least 1, not '60'"),
    ],
)
def test_an_option_that_is_not_valid_is_refused(options: Any, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        PostgresJournal("dbname=none", **options)


@pytest.mark.parametrize("options", [{"name": "a\0"}, {"name": None}, {"name": "a", "epoch": 2.5}])
def test_a_state_that_is_not_valid_is_refused(options: Any) -> None:
    with pytest.raises(ConfigurationError, match="must be a"):
        PostgresSyncState("dbname=none", **options)


MakeJournal = Callable[..., Journal]


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with running_postgres() as conninfo:
        yield conninfo


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> MakeJournal:
    """Makes journals of the same job, one after the other or, in PostgreSQL, side by side."""
    if request.param == "memory":
        journal = MemoryJournal()
        return lambda: journal
    if request.param == "sqlite":
        return lambda: SQLiteJournal(tmp_path / "journal.db")
    return shared(request.getfixturevalue("database"), request.node.name)


@pytest.fixture
def workers(request: pytest.FixtureRequest, database: str) -> MakeJournal:
    return shared(database, request.node.name)


def shared(database: str, job: str) -> MakeJournal:
    return lambda **options: PostgresJournal(database, job=job, **options)


def rows_at(*indices: int) -> list[JournalRow]:
    return [JournalRow(index=n, label=f"row {n}", digest=bytes([n]), payload=b"%d" % n) for n in indices]


def indices(claims: Any) -> list[int]:
    return [claim.index for claim in claims]


async def lapse(database: str, job: str) -> None:
    """Let every lease of a job end."""
    import psycopg

    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "UPDATE attio_rows SET leased_until = now() - interval '1 second' WHERE job = %s", (job,)
        )


async def test_a_row_is_added_claimed_begun_and_closed(make: MakeJournal) -> None:
    async with aclosing(make()) as journal:
        state = await journal.open(INFO)
        assert (state.info, state.rows, state.total, state.is_finished) == (INFO, 0, None, False)
        await journal.add(rows_at(0, 1, 2))
        await journal.finish(3)
        first, second = await journal.claim(2)
        assert first == Claim(index=0, label="row 0", payload=b"0")
        assert await journal.begin(0, at=7.5)
        assert await journal.begin(1, at=8.5)
        ended = [
            Closing(index=0, status="created", id="a"),
            Closing(index=1, status="failed", failure=INVALID),
        ]
        assert list(await journal.close(ended)) == [0, 1]
        state = await journal.state()
        assert state.counts == {"created": 1, "failed": 1}
        assert (state.open, state.is_finished) == (1, False)
        (letter,) = await journal.dead_letters()
        assert (letter.index, letter.label, letter.payload, letter.failure) == (1, "row 1", b"1", INVALID)
        assert second.label == "row 1"


async def test_the_next_process_resumes_the_job(make: MakeJournal) -> None:
    async with aclosing(make()) as journal:
        await journal.open(INFO)
        await journal.add(rows_at(0, 1, 2))
        await journal.claim(1)
    async with aclosing(make()) as journal:
        state = await journal.open(attrs.evolve(INFO, started_at=99.0))
        assert state.info == INFO
        assert indices(await journal.claim(9)) == [0, 1, 2]
        assert list(await journal.digests(1, 9)) == [b"\x01", b"\x02"]


async def test_rows_are_added_once(make: MakeJournal) -> None:
    async with aclosing(make()) as journal:
        await journal.open(INFO)
        await journal.add(rows_at(0, 1))
        (claim,) = await journal.claim(1)
        await journal.close([Closing(index=claim.index, status="unchanged", id="a")])
        await journal.add(rows_at(0, 1, 2))
        state = await journal.state()
        assert (state.rows, state.open, state.counts) == (3, 2, {"unchanged": 1})


async def test_a_row_may_be_closed_when_it_is_added(make: MakeJournal) -> None:
    async with aclosing(make()) as journal:
        await journal.open(INFO)
        bad = JournalRow(
            index=0,
            label=7,
            digest=b"d",
            payload=b"{}",
            closing=Closing(index=0, status="failed", failure=INVALID),
        )
        twice = JournalRow(
            index=1, label=8, digest=b"e", payload=b"{}", closing=Closing(index=1, status="duplicate")
        )
        await journal.add([bad, twice])
        assert await journal.claim(9) == []
        (letter,) = await journal.dead_letters()
        assert (letter.label, letter.payload) == (7, b"{}")
        assert await journal.dead_letters(after=0) == []
        assert await journal.revive() == 1
        assert indices(await journal.claim(9)) == [0]
        assert await journal.dead_letters() == []


async def test_a_reason_may_have_any_character(make: MakeJournal) -> None:
    async with aclosing(make()) as journal:
        await journal.open(INFO)
        await journal.add(rows_at(0))
        await journal.claim(1)
        odd = attrs.evolve(INVALID, reason="a null \0 and half \ud800 a pair")
        assert list(await journal.close([Closing(index=0, status="failed", failure=odd)])) == [0]
        (letter,) = await journal.dead_letters()
        assert letter.failure.reason.startswith("a null ")


async def test_a_row_with_the_key_of_another_is_not_revived(make: MakeJournal) -> None:
    async with aclosing(make()) as journal:
        await journal.open(INFO)
        twice = Failure(kind="DuplicateKey", reason="row 1 has the same value", attribute="domains")
        failed = [Closing(index=n, status="failed", failure=why) for n, why in enumerate((INVALID, twice))]
        await journal.add([attrs.evolve(row, closing=failed[row.index]) for row in rows_at(0, 1)])
        assert await journal.revive() == 1
        assert indices(await journal.claim(9)) == [0]
        assert [letter.index for letter in await journal.dead_letters()] == [1]


async def test_a_row_that_is_not_claimed_is_neither_begun_nor_closed(make: MakeJournal) -> None:
    async with aclosing(make()) as journal:
        await journal.open(INFO)
        await journal.add(rows_at(0))
        assert not await journal.begin(0, at=1.0)
        assert list(await journal.close([Closing(index=0, status="created")])) == []
        assert (await journal.state()).open == 1


async def test_a_row_that_ended_is_neither_begun_nor_closed_otherwise(make: MakeJournal) -> None:
    async with aclosing(make()) as journal:
        await journal.open(INFO)
        await journal.add(rows_at(0, 1))
        await journal.claim(2)
        await journal.close([Closing(index=0, status="created", id="a")])
        await journal.hold([HeldRow(index=1, label="row 1", plan=b"[1]")])
        for index in (0, 1):
            assert not await journal.begin(index, at=1.0)
            assert list(await journal.close([Closing(index=index, status="failed", failure=INVALID)])) == []
        await journal.release([Claim(index=index, label="", payload=b"") for index in (0, 1)])
        state = await journal.state()
        assert (state.counts, state.open, state.held) == ({"created": 1}, 0, 1)


async def test_a_released_row_is_pending_and_keeps_its_begun_at(make: MakeJournal) -> None:
    async with aclosing(make()) as journal:
        await journal.open(INFO)
        await journal.add(rows_at(0, 1))
        claims = await journal.claim(2)
        await journal.begin(0, at=3.0)
        await journal.release([attrs.evolve(claims[0], begun_at=2.0), claims[1]])
        assert [claim.begun_at for claim in await journal.claim(2)] == [2.0, None]


async def test_a_held_row_waits_for_an_approval(make: MakeJournal) -> None:
    async with aclosing(make()) as journal:
        await journal.open(INFO)
        await journal.add(rows_at(0, 1, 2))
        await journal.claim(2)
        await journal.hold([HeldRow(index=n, label=f"row {n}", plan=b"[%d]" % n) for n in range(2)])
        assert (await journal.state()).held == 2
        assert await journal.held(after=0, limit=5) == [HeldRow(index=1, label="row 1", plan=b"[1]")]
        assert indices(await journal.claim(9)) == [2]
        assert await journal.approve() == 2
        assert indices(await journal.claim(9)) == [0, 1]


async def test_no_row_is_claimed_by_two_workers(workers: MakeJournal) -> None:
    async with aclosing(workers()) as one, aclosing(workers()) as other:
        await one.open(INFO)
        await other.open(INFO)
        await one.add(rows_at(*range(6)))
        assert indices(await one.claim(2)) == [0, 1]
        assert indices(await other.claim(2)) == [2, 3]
        assert not await other.begin(0, at=1.0)
        assert list(await other.close([Closing(index=0, status="created")])) == []
        assert indices(await one.claim(9)) == [4, 5]


async def test_rows_whose_lease_has_ended_go_to_other_workers(
    workers: MakeJournal, database: str, request: pytest.FixtureRequest
) -> None:
    async with aclosing(workers()) as one, aclosing(workers()) as other:
        await one.open(INFO)
        await one.add(rows_at(0, 1))
        await one.claim(2)
        await one.begin(0, at=5.0)
        assert await other.claim(2) == []
        await lapse(database, request.node.name)
        taken = await other.claim(2)
        assert [(claim.index, claim.begun_at) for claim in taken] == [(0, 5.0), (1, None)]
        assert list(await one.close([Closing(index=0, status="created")])) == []
        assert not await one.begin(1, at=6.0)
        assert list(await other.close([Closing(index=0, status="created", id="x")])) == [0]


async def test_a_worker_that_renews_its_lease_keeps_its_rows(
    workers: MakeJournal, database: str, request: pytest.FixtureRequest
) -> None:
    async with aclosing(workers()) as one, aclosing(workers()) as other:
        await one.open(INFO)
        await one.add(rows_at(0))
        await one.claim(1)
        await lapse(database, request.node.name)
        await one.renew()
        assert await other.claim(1) == []


async def test_a_closed_worker_releases_the_rows_it_did_not_begin(workers: MakeJournal) -> None:
    async with aclosing(workers()) as other:
        async with aclosing(workers()) as one:
            await one.open(INFO)
            await one.add(rows_at(0, 1))
            await one.claim(2)
            await one.begin(0, at=1.0)
        assert indices(await other.claim(9)) == [1]


async def test_a_worker_with_a_lower_epoch_changes_nothing_more(workers: MakeJournal) -> None:
    async with aclosing(workers(epoch=1)) as old, aclosing(workers(epoch=2)) as new:
        await old.open(INFO)
        await old.add(rows_at(0, 1, 2))
        claims = await old.claim(3)
        assert await old.begin(0, at=1.0)
        state = await new.open(INFO)
        assert (state.rows, state.open) == (3, 3)
        ended = [Closing(index=0, status="created", id="a")]
        steps: list[Any] = [
            old.begin(0, at=1.0),
            old.begin(1, at=1.0),
            old.close(ended),
            old.claim(1),
            old.add(rows_at(3)),
            old.finish(9),
            old.hold([HeldRow(index=1, label="row 1", plan=b"[]")]),
            old.release(claims),
            old.renew(),
            old.approve(),
            old.revive(),
            old.open(INFO),
        ]
        for step in steps:
            with pytest.raises(
                JobSuperseded, match="took it over with epoch 2, and this worker has epoch 1"
            ) as caught:
                await step
            assert (caught.value.epoch, caught.value.current) == (1, 2)
        await old.aclose()
        assert await new.state() == state


async def test_a_takeover_gets_what_was_not_begun_at_once_and_the_rest_after_its_lease(
    workers: MakeJournal, database: str, request: pytest.FixtureRequest
) -> None:
    async with aclosing(workers(epoch=1)) as old, aclosing(workers(epoch=2)) as new:
        await old.open(INFO)
        await old.add(rows_at(0, 1, 2))
        await old.claim(2)
        await old.begin(0, at=5.0)
        await new.open(INFO)
        assert indices(await new.claim(9)) == [1, 2]
        await lapse(database, request.node.name)
        assert [(claim.index, claim.begun_at) for claim in await new.claim(1)] == [(0, 5.0)]


async def test_workers_with_the_same_epoch_share_a_job(workers: MakeJournal) -> None:
    async with aclosing(workers(epoch=7)) as one, aclosing(workers(epoch=7)) as other:
        await one.open(INFO)
        await one.add(rows_at(0, 1))
        assert indices(await one.claim(1)) == [0]
        await other.open(INFO)
        assert indices(await other.claim(1)) == [1]
        assert await one.begin(0, at=1.0)


async def test_a_worker_that_sleeps_in_a_transaction_holds_nobody_up(
    workers: MakeJournal, database: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attio_async._storage.postgres._IDLE_TIMEOUT_S", 0.1)
    tries: list[int] = []

    def sleep(connection: Any) -> None:
        connection.execute("SELECT 1 FROM attio_jobs WHERE job = %s FOR SHARE", (request.node.name,))
        tries.append(1)
        if len(tries) == 1:
            with psycopg.connect(database, autocommit=True) as other:  # waits for the lock
                other.execute("UPDATE attio_jobs SET epoch = 1 WHERE job = %s", (request.node.name,))

    import psycopg

    clock = VirtualClock()
    async with aclosing(workers(clock=clock)) as old:
        await old.open(INFO)
        await cast("SQLJournal", old)._database.do(sleep)
        assert (len(tries), clock.monotonic()) == (2, 0.5)
        with pytest.raises(JobSuperseded):
            await old.claim(1)


async def test_a_job_that_was_discarded_begins_anew_and_keeps_its_epoch(workers: MakeJournal) -> None:
    async with aclosing(workers(epoch=2)) as journal, aclosing(workers(epoch=1)) as old:
        await journal.open(INFO)
        await journal.add(rows_at(0, 1))
        await journal.finish(2)
        await cast("SQLJournal", journal).discard()
        again = attrs.evolve(INFO, parameters={"match": "name"})
        with pytest.raises(JobSuperseded):
            await old.open(again)
        state = await journal.open(again)
        assert (state.info, state.rows, state.total) == (again, 0, None)


async def test_a_file_is_discarded_too(tmp_path: Path) -> None:
    async with SQLiteJournal(tmp_path / "journal.db") as journal:
        await journal.open(INFO)
        await journal.add(rows_at(0))
        await journal.discard()
        assert (await journal.open(INFO)).rows == 0


async def test_journals_that_nobody_uses_are_deleted(database: str) -> None:
    import psycopg

    for job in ("acme/push/1", "acme/push/2", "other/push/1"):
        async with aclosing(PostgresJournal(database, job=job)) as journal:
            await journal.open(INFO)
            await journal.add(rows_at(0))
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "UPDATE attio_jobs SET used_at = now() - interval '8 days' WHERE job LIKE '%/push/1'"
        )
        await delete_journals(database, unused_for=timedelta(days=7), prefix="acme/")
        for table in ("attio_jobs", "attio_rows"):
            query = f"SELECT job FROM {table} WHERE job LIKE '%/push/%' ORDER BY job"
            assert connection.execute(query.encode()).fetchall() == [("acme/push/2",), ("other/push/1",)]
        connection.execute(
            "UPDATE attio_jobs SET used_at = now() - interval '8 days' WHERE job = 'acme/push/2'"
        )
        async with aclosing(PostgresJournal(database, job="acme/push/2")) as journal:
            await journal.renew()  # a worker at work
            await delete_journals(database, unused_for=timedelta(days=7))
            assert (await journal.state()).rows == 1
    with pytest.raises(ConfigurationError, match="unused_for must be at least 2:00:00"):
        await delete_journals(database, unused_for=timedelta(0))


async def test_tables_of_another_version_are_rejected(database: str, workers: MakeJournal) -> None:
    import psycopg

    async with aclosing(workers()) as journal:
        await journal.open(INFO)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("UPDATE attio_formats SET version = 99 WHERE name = 'job journal'")
        try:
            with pytest.raises(
                ConfigurationError, match="have the format 99, and this version of attio-async reads 1"
            ):
                await workers().open(INFO)
        finally:
            connection.execute("UPDATE attio_formats SET version = 1 WHERE name = 'job journal'")


async def test_a_lost_connection_is_opened_again(workers: MakeJournal, database: str) -> None:
    import psycopg

    clock = VirtualClock()
    async with aclosing(workers(clock=clock)) as journal:
        await journal.open(INFO)
        await journal.add(rows_at(0))
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                " AND backend_type = 'client backend'"
            )
        assert indices(await journal.claim(1)) == [0]
        assert clock.monotonic() == 0.5


async def test_a_lost_response_of_the_database_loses_no_row(
    workers: MakeJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with aclosing(workers(clock=VirtualClock())) as journal:
        await journal.open(INFO)
        await journal.add(rows_at(0, 1))
        lost = lose_next_commit(monkeypatch)
        assert indices(await journal.claim(2)) == [0, 1]
        lost = lose_next_commit(monkeypatch)
        assert await journal.begin(0, at=1.0)
        lost = lose_next_commit(monkeypatch)
        assert list(await journal.close([Closing(index=0, status="created", id="a")])) == [0]
        assert lost == [True]
        assert (await journal.state()).counts == {"created": 1}


async def test_an_unreachable_database_is_reported(tmp_path: Path) -> None:
    clock = VirtualClock()
    journal = PostgresJournal(f"host={tmp_path} user=u password=secret dbname=d", clock=clock)
    with pytest.raises(ConfigurationError, match="PostgreSQL database cannot be used") as caught:
        await journal.open(INFO)
    assert "secret" not in str(caught.value) + repr(journal)
    assert clock.monotonic() == 31.5


def test_sqlite_finds_rows_in_work_by_their_index() -> None:
    """Otherwise every claim would read all rows that are done."""
    statements = load_statements("attio_async.bulk._journal.sqlite", "journal.sql", "sqlite.sql")
    database = open_temporary(statements["tables"])
    words = {"job": "job", "worker": "a", "ticket": "b", "after": -1, "limit": 10}
    for name in ("claim_pending", "claimed", "held", "dead_letters"):
        plan = database.execute(f"EXPLAIN QUERY PLAN {statements[name]}", words).fetchall()
        assert any("attio_rows_in_work" in step for *_, step in plan), name
    database.close()


async def test_a_file_of_another_kind_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("no database at all, whatever its name says" * 40)
    _, attio = fast()
    with pytest.raises(ConfigurationError, match="not a valid job journal"):
        await attio.companies.upsert_many([], match="domains", journal=tmp_path / "x.db")


async def test_a_file_belongs_to_one_job_at_a_time(tmp_path: Path) -> None:
    _, attio = fast()
    async with SQLiteJournal(tmp_path / "x.db") as journal:
        await attio.companies.upsert_many([], match="domains", journal=journal)
        with pytest.raises(ConfigurationError, match="in use"):
            await attio.companies.upsert_many([], match="domains", journal=tmp_path / "x.db")
