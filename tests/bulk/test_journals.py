"""What every journal does, whatever keeps it; and what only a shared one does."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from tests.postgres import running_postgres

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
    SQLiteJournal,
)
from attio_async.errors import ConfigurationError
from attio_async.testing import VirtualClock

pytestmark = pytest.mark.anyio

INFO = JobInfo(
    title="upsert companies", parameters={"match": "domains"}, schema={"name": "text"}, started_at=1.5
)
WRONG = Failure(kind="CoercionError", reason="no domain", attribute="domains")

MakeJournal = Callable[..., Journal]


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with running_postgres() as conninfo:
        yield conninfo


@pytest.fixture(params=["sqlite", "postgres"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> MakeJournal:
    """Makes journals of the same job, one after the other or, in PostgreSQL, side by side."""
    if request.param == "sqlite":
        return lambda: SQLiteJournal(tmp_path / "journal.db")
    return shared(request.getfixturevalue("database"), request.node.name)


@pytest.fixture
def workers(request: pytest.FixtureRequest, database: str) -> MakeJournal:
    return shared(database, request.node.name)


def shared(database: str, job: str) -> MakeJournal:
    return lambda **options: PostgresJournal(database, job=job, **options)


def tasks(*places: int) -> list[JournalRow]:
    return [JournalRow(index=n, label=f"row {n}", digest=bytes([n]), payload=b"%d" % n) for n in places]


def places(claims: Any) -> list[int]:
    return [claim.index for claim in claims]


async def lapse(database: str, job: str) -> None:
    """Let every lease of a job end."""
    import psycopg

    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "UPDATE attio_rows SET leased_until = now() - interval '1 second' WHERE job = %s", (job,)
        )


async def test_a_row_goes_its_way(make: MakeJournal) -> None:
    async with make() as journal:
        state = await journal.open(INFO)
        assert (state.info, state.rows, state.total, state.is_finished) == (INFO, 0, None, False)
        await journal.add(tasks(0, 1, 2))
        await journal.finish(3)
        first, second = await journal.claim(2)
        assert first == Claim(index=0, label="row 0", payload=b"0")
        assert await journal.begin(0, at=7.5)
        assert await journal.begin(1, at=8.5)
        ended = [Closing(index=0, status="created", id="a"), Closing(index=1, status="failed", failure=WRONG)]
        assert list(await journal.close(ended)) == [0, 1]
        state = await journal.state()
        assert state.counts == {"created": 1, "failed": 1}
        assert (state.open, state.is_finished) == (1, False)
        (letter,) = await journal.dead_letters()
        assert (letter.index, letter.label, letter.payload, letter.failure) == (1, "row 1", b"1", WRONG)
        assert second.label == "row 1"


async def test_what_one_process_left_the_next_goes_on_with(make: MakeJournal) -> None:
    async with make() as journal:
        await journal.open(INFO)
        await journal.add(tasks(0, 1, 2))
        await journal.claim(1)
    async with make() as journal:
        state = await journal.open(attrs.evolve(INFO, started_at=99.0))
        assert state.info == INFO
        assert places(await journal.claim(9)) == [0, 1, 2]
        assert list(await journal.digests(1, 9)) == [b"\x01", b"\x02"]


async def test_rows_are_put_down_once(make: MakeJournal) -> None:
    async with make() as journal:
        await journal.open(INFO)
        await journal.add(tasks(0, 1))
        (claim,) = await journal.claim(1)
        await journal.close([Closing(index=claim.index, status="unchanged", id="a")])
        await journal.add(tasks(0, 1, 2))
        state = await journal.state()
        assert (state.rows, state.open, state.counts) == (3, 2, {"unchanged": 1})


async def test_a_row_may_be_closed_from_the_beginning(make: MakeJournal) -> None:
    async with make() as journal:
        await journal.open(INFO)
        bad = JournalRow(
            index=0,
            label=7,
            digest=b"d",
            payload=b"{}",
            closing=Closing(index=0, status="failed", failure=WRONG),
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
        assert places(await journal.claim(9)) == [0]
        assert await journal.dead_letters() == []


async def test_a_row_with_the_key_of_another_stays_dead(make: MakeJournal) -> None:
    async with make() as journal:
        await journal.open(INFO)
        twice = Failure(kind="DuplicateKey", reason="row 1 has the same value", attribute="domains")
        failed = [Closing(index=n, status="failed", failure=why) for n, why in enumerate((WRONG, twice))]
        await journal.add([attrs.evolve(task, closing=failed[task.index]) for task in tasks(0, 1)])
        assert await journal.revive() == 1
        assert places(await journal.claim(9)) == [0]
        assert [letter.index for letter in await journal.dead_letters()] == [1]


async def test_a_row_that_is_nobodys_is_neither_begun_nor_closed(make: MakeJournal) -> None:
    async with make() as journal:
        await journal.open(INFO)
        await journal.add(tasks(0))
        assert not await journal.begin(0, at=1.0)
        assert list(await journal.close([Closing(index=0, status="created")])) == []
        assert (await journal.state()).open == 1


async def test_what_was_released_is_free_again_and_keeps_its_doubt(make: MakeJournal) -> None:
    async with make() as journal:
        await journal.open(INFO)
        await journal.add(tasks(0, 1))
        claims = await journal.claim(2)
        await journal.begin(0, at=3.0)
        await journal.release([attrs.evolve(claims[0], begun_at=2.0), claims[1]])
        assert [claim.begun_at for claim in await journal.claim(2)] == [2.0, None]


async def test_what_is_planned_waits_for_an_approval(make: MakeJournal) -> None:
    async with make() as journal:
        await journal.open(INFO)
        await journal.add(tasks(0, 1, 2))
        await journal.claim(2)
        await journal.hold([HeldRow(index=n, label=f"row {n}", plan=b"[%d]" % n) for n in range(2)])
        assert (await journal.state()).held == 2
        assert await journal.held(after=0, limit=5) == [HeldRow(index=1, label="row 1", plan=b"[1]")]
        assert places(await journal.claim(9)) == [2]
        assert await journal.approve() == 2
        assert places(await journal.claim(9)) == [0, 1]


async def test_no_row_is_claimed_by_two_workers(workers: MakeJournal) -> None:
    async with workers() as one, workers() as other:
        await one.open(INFO)
        await other.open(INFO)
        await one.add(tasks(*range(6)))
        assert places(await one.claim(2)) == [0, 1]
        assert places(await other.claim(2)) == [2, 3]
        assert not await other.begin(0, at=1.0)
        assert list(await other.close([Closing(index=0, status="created")])) == []
        assert places(await one.claim(9)) == [4, 5]


async def test_the_rows_of_a_worker_that_is_gone_go_to_others(
    workers: MakeJournal, database: str, request: pytest.FixtureRequest
) -> None:
    async with workers() as one, workers() as other:
        await one.open(INFO)
        await one.add(tasks(0, 1))
        await one.claim(2)
        await one.begin(0, at=5.0)
        assert await other.claim(2) == []
        await lapse(database, request.node.name)
        taken = await other.claim(2)
        assert [(claim.index, claim.begun_at) for claim in taken] == [(0, 5.0), (1, None)]
        assert list(await one.close([Closing(index=0, status="created")])) == []
        assert not await one.begin(1, at=6.0)
        assert list(await other.close([Closing(index=0, status="created", id="x")])) == [0]


async def test_a_worker_that_is_heard_of_keeps_its_rows(
    workers: MakeJournal, database: str, request: pytest.FixtureRequest
) -> None:
    async with workers() as one, workers() as other:
        await one.open(INFO)
        await one.add(tasks(0))
        await one.claim(1)
        await lapse(database, request.node.name)
        await one.renew()
        assert await other.claim(1) == []


async def test_a_worker_that_ends_gives_back_what_it_did_not_begin(workers: MakeJournal) -> None:
    async with workers() as other:
        async with workers() as one:
            await one.open(INFO)
            await one.add(tasks(0, 1))
            await one.claim(2)
            await one.begin(0, at=1.0)
        assert places(await other.claim(9)) == [1]


async def test_a_lost_connection_is_opened_again(workers: MakeJournal, database: str) -> None:
    import psycopg

    clock = VirtualClock()
    async with workers(clock=clock) as journal:
        await journal.open(INFO)
        await journal.add(tasks(0))
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                " AND backend_type = 'client backend'"
            )
        assert places(await journal.claim(1)) == [0]
        assert clock.monotonic() == 0.5


async def test_an_answer_that_is_lost_does_not_lose_the_rows(
    workers: MakeJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg

    async with workers(clock=VirtualClock()) as journal:
        await journal.open(INFO)
        await journal.add(tasks(0, 1))
        lost = lose_next_commit(monkeypatch, psycopg)
        assert places(await journal.claim(2)) == [0, 1]
        lost = lose_next_commit(monkeypatch, psycopg)
        assert await journal.begin(0, at=1.0)
        lost = lose_next_commit(monkeypatch, psycopg)
        assert list(await journal.close([Closing(index=0, status="created", id="a")])) == [0]
        assert lost == [True]
        assert (await journal.state()).counts == {"created": 1}


def lose_next_commit(monkeypatch: pytest.MonkeyPatch, psycopg: Any) -> list[bool]:
    """Have the connection break right after the next transaction was committed."""
    from contextlib import contextmanager

    transaction = psycopg.Connection.transaction
    lost: list[bool] = []

    @contextmanager
    def lossy(connection: Any) -> Iterator[None]:
        with transaction(connection):
            yield
        if not lost:
            lost.append(True)
            raise psycopg.OperationalError("the connection was lost")

    monkeypatch.setattr(psycopg.Connection, "transaction", lossy)
    return lost


async def test_a_database_that_cannot_be_reached_says_so(tmp_path: Path) -> None:
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


def test_a_lease_has_a_length() -> None:
    with pytest.raises(ConfigurationError, match="at least 1 second"):
        PostgresJournal("dbname=d", lease=0)
