"""A process may end at any step of a job: at a request, before and after it, and around every call of the journal."""

import random
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from tests.bulk.support import Killed, KillingTransport, companies, fast, read_companies
from tests.support import trio_when_full

from attio_async import (
    Attio,
    Outcome,
    SQLiteJournal,
)
from attio_async.errors import ConfigurationError
from attio_async.testing import FakeAttio

pytestmark = pytest.mark.anyio
anyio_backend = trio_when_full


@pytest.mark.parametrize("carried_out", [False, True])
@pytest.mark.parametrize("at", [5, 14, *(pytest.param(at, marks=pytest.mark.full) for at in (3, 9, 20, 25))])
async def test_a_job_that_was_killed_at_a_request_is_resumed(
    at: int, carried_out: Any, tmp_path: Path
) -> None:
    fake, attio = fast()
    rows = list(companies(24))
    outcomes: list[Outcome] = []
    journal = tmp_path / "job.db"
    dying = fake.client(transport=KillingTransport(fake, at, carried_out=carried_out))
    with pytest.raises(Killed):
        await dying.companies.upsert_many(
            rows, match="domains", journal=journal, on_outcome=outcomes.append, workers=3, compare=at % 2 == 1
        )
    assert journal.stat().st_mode & 0o777 == 0o600
    report = await attio.companies.upsert_many(
        rows, match="domains", journal=journal, on_outcome=outcomes.append, compare=at % 2 == 1
    )
    assert (report.created, report.total, report.pending) == (24, 24, 0)
    indices = [outcome.index for outcome in outcomes]
    assert len(indices) == len(set(indices))
    assert len(await read_companies(fake)) == 24
    once_more = await attio.companies.upsert_many(rows, match="domains", journal=journal)
    assert (once_more.created, once_more.resumed, once_more.requests <= 2) == (24, 24, True)


@pytest.mark.parametrize("keyed", [True, False])
@pytest.mark.parametrize("carried_out", [False, True])
async def test_a_create_that_was_cut_off_is_read_back_or_reported(
    carried_out: Any, keyed: Any, tmp_path: Path
) -> None:
    fake, attio = fast()
    rows = list(companies(10)) if keyed else [{"name": f"n{n}"} for n in range(10)]
    dying = fake.client(transport=KillingTransport(fake, 8, carried_out=carried_out))
    with pytest.raises(Killed):
        await dying.companies.create_many(rows, journal=tmp_path / "job.db", workers=1)
    report = await attio.companies.create_many(rows, journal=tmp_path / "job.db")
    there = await read_companies(fake)
    assert report.total == 10
    if keyed:
        assert (report.created, len(there)) == (10, 10)
    else:
        assert (report.created, report.failed) == (9, 1)
        assert len(there) == (10 if carried_out else 9)
        assert report.dead_letters[0].failure.kind == "OutcomeUnknown"
        assert b'"name"' in report.dead_letters[0].payload


async def test_another_input_or_job_is_rejected(tmp_path: Path) -> None:
    fake, attio = fast()
    journal = tmp_path / "job.db"
    dying = fake.client(transport=KillingTransport(fake, 12, carried_out=True))
    rows = list(companies(10))
    with pytest.raises(Killed):
        await dying.companies.upsert_many(rows, match="domains", journal=journal, workers=1)
    writes = len(fake.calls)
    with pytest.raises(
        ConfigurationError, match="row 3 of the input, or an option by which it is read, has changed"
    ):
        await attio.companies.upsert_many(
            [*rows[:3], {"domains": "x.example.com"}, *rows[4:]], match="domains", journal=journal
        )
    with pytest.raises(ConfigurationError, match="the input has 4 rows"):
        await attio.companies.upsert_many(rows[:4], match="domains", journal=journal)
    with pytest.raises(ConfigurationError, match="operation was 'upsert' and is 'create'"):
        await attio.companies.create_many(rows, journal=journal)
    assert not [call for call in fake.calls[writes:] if call.operation == "assert_record"]
    longer = await attio.companies.upsert_many([*rows, *companies(2, 50)], match="domains", journal=journal)
    assert (longer.created, longer.total) == (12, 12)


ROWS = 24


class Countdown:
    """Ends the process at a step, once; from then on it does nothing."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    async def step(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Killed
        if self.left < 0:
            await anyio.sleep_forever()


class StepTransport(httpx.AsyncBaseTransport):
    """Every request, and every response, is a step."""

    def __init__(self, fake: FakeAttio, countdown: Countdown) -> None:
        self._inner = fake.transport()
        self._countdown = countdown

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await self._countdown.step()
        response = await self._inner.handle_async_request(request)
        await self._countdown.step()
        return response


class StepJournal:
    """Every call of the journal, and every result, is a step."""

    lease = None

    def __init__(self, journal: SQLiteJournal, countdown: Countdown) -> None:
        self._journal = journal
        self._countdown = countdown

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._journal, name)

        async def call(*arguments: Any, **named: Any) -> Any:
            await self._countdown.step()
            result = await method(*arguments, **named)
            await self._countdown.step()
            return result

        return call


def job(verb: str, attio: Attio, rows: list[Any], outcomes: list[Outcome], journal: Any) -> Any:
    options: dict[str, Any] = {"journal": journal, "on_outcome": outcomes.append, "workers": 3}
    if verb == "upsert":
        return attio.companies.upsert_many(rows, match="domains", **options)
    if verb == "create":
        return attio.companies.create_many(rows, **options)
    if verb == "update":
        return attio.companies.update_many(rows, **options)
    return attio.companies.delete_many(rows, **options)


async def rows_of(verb: str, attio: Attio) -> list[Any]:
    if verb in {"upsert", "create"}:
        return list(companies(ROWS))
    await attio.companies.upsert_many(companies(ROWS), match="domains")
    found = await attio.companies.query()
    return [{"record_id": r.id, "description": "new"} for r in found] if verb == "update" else found


@pytest.mark.parametrize("verb", ["upsert", "create", "update", "delete"])
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.full) for seed in (1, 2))])
async def test_no_row_is_lost_written_twice_or_reported_twice(seed: int, verb: str, tmp_path: Path) -> None:
    fake, attio = fast()
    rows = await rows_of(verb, attio)
    writes = len([call for call in fake.calls if call.method == "POST" and call.path.endswith("/records")])
    chance, outcomes, kills = random.Random(f"{seed}{verb}"), [], 0
    while True:
        countdown = Countdown(chance.randrange(5, 120))
        try:
            async with SQLiteJournal(tmp_path / "job.db") as journal:
                mortal = fake.client(transport=StepTransport(fake, countdown))
                report = await job(verb, mortal, rows, outcomes, StepJournal(journal, countdown))
            break
        except Killed:
            kills += 1
            assert kills < 40
    done = {"upsert": "created", "create": "created", "update": "updated", "delete": "deleted"}[verb]
    assert (getattr(report, done), report.total, report.pending) == (ROWS, ROWS, 0)
    indices = [outcome.index for outcome in outcomes]
    assert len(indices) == len(set(indices))
    assert len(fake.records("companies")) == (0 if verb == "delete" else ROWS)
    if verb == "create":
        posted = len(
            [call for call in fake.calls if call.method == "POST" and call.path.endswith("/records")]
        )
        assert posted - writes >= ROWS
    assert kills


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.full)])
async def test_a_row_without_a_key_is_never_created_twice(seed: int, tmp_path: Path) -> None:
    fake, _ = fast()
    rows = [{"name": f"n{number}"} for number in range(ROWS)]
    chance, kills = random.Random(seed), 0
    while True:
        countdown = Countdown(chance.randrange(20, 150))
        try:
            async with SQLiteJournal(tmp_path / "job.db") as journal:
                mortal = fake.client(transport=StepTransport(fake, countdown))
                report = await job("create", mortal, rows, [], StepJournal(journal, countdown))
            break
        except Killed:
            kills += 1
    assert report.created + report.failed == report.total == ROWS
    assert {letter.failure.kind for letter in report.dead_letters} <= {"OutcomeUnknown"}
    names = [r["values"]["name"][0]["value"] for r in fake.records("companies")]
    assert len(names) == len(set(names)) >= report.created
