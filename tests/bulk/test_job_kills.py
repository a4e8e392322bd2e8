"""A process may end at any step of a job: at any request, before it, after it, and around every word to the journal."""

import random
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from tests.bulk.jobs import Killed, companies, quick

from attio_async import Attio, Outcome
from attio_async.bulk._journal.sqlite import SQLiteJournal
from attio_async.testing import FakeAttio

pytestmark = pytest.mark.anyio

ROWS = 24


class Fate:
    """Ends the process at a step, once; from then on nothing of it happens."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    async def step(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Killed
        if self.left < 0:
            await anyio.sleep_forever()


class Mortal(httpx.AsyncBaseTransport):
    """Every request, and every answer, is a step."""

    def __init__(self, fake: FakeAttio, fate: Fate) -> None:
        self._inner = fake.transport()
        self._fate = fate

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await self._fate.step()
        response = await self._inner.handle_async_request(request)
        await self._fate.step()
        return response


class MortalJournal:
    """Every word to the journal, and every word back, is a step."""

    lease = None

    def __init__(self, journal: SQLiteJournal, fate: Fate) -> None:
        self._journal = journal
        self._fate = fate

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._journal, name)

        async def call(*arguments: Any, **named: Any) -> Any:
            await self._fate.step()
            result = await method(*arguments, **named)
            await self._fate.step()
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
@pytest.mark.parametrize("seed", range(3))
async def test_whatever_the_step_nothing_is_lost_or_done_or_told_twice(
    seed: int, verb: str, tmp_path: Path
) -> None:
    fake, attio = quick()
    rows = await rows_of(verb, attio)
    writes = len([call for call in fake.calls if call.method == "POST" and call.path.endswith("/records")])
    chance, outcomes, kills = random.Random(f"{seed}{verb}"), [], 0
    while True:
        fate = Fate(chance.randrange(5, 120))
        try:
            async with SQLiteJournal(tmp_path / "job.db") as journal:
                mortal = fake.client(transport=Mortal(fake, fate))
                report = await job(verb, mortal, rows, outcomes, MortalJournal(journal, fate))
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


@pytest.mark.parametrize("seed", range(2))
async def test_what_has_no_key_is_never_created_twice(seed: int, tmp_path: Path) -> None:
    fake, _ = quick()
    rows = [{"name": f"n{number}"} for number in range(ROWS)]
    chance, kills = random.Random(seed), 0
    while True:
        fate = Fate(chance.randrange(20, 150))
        try:
            async with SQLiteJournal(tmp_path / "job.db") as journal:
                mortal = fake.client(transport=Mortal(fake, fate))
                report = await job("create", mortal, rows, [], MortalJournal(journal, fate))
            break
        except Killed:
            kills += 1
    assert report.created + report.failed == report.total == ROWS
    assert {letter.failure.kind for letter in report.dead_letters} <= {"OutcomeUnknown"}
    names = [r["values"]["name"][0]["value"] for r in fake.records("companies")]
    assert len(names) == len(set(names)) >= report.created
