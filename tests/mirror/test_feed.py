"""A mirror that follows a feed: what webhooks tell is in its tables at once, and a complete refresh makes it certain."""

import contextlib
import itertools
import random
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import anyio
import anyio.lowlevel
import msgspec
import pytest
from tests.postgres import running_postgres

from attio_async import Attio
from attio_async.bulk import Feed
from attio_async.errors import AttioError, StorageError, TransportError
from attio_async.mirror import Mirror, MirrorFile, RefreshReport, _watch
from attio_async.testing import FakeAttio, VirtualClock
from attio_async.webhooks import WebhookReceiver, sign

from .support import Editor, replay, state_of, tables_of, workspace

pytestmark = pytest.mark.anyio
ONLY: dict[str, Any] = {"objects": ["companies"], "lists": (), "also": ()}
CHANGES = "SELECT change, id, attribute, after, merged_into FROM _changes WHERE sweep > 1 ORDER BY place"


@pytest.fixture
def anyio_backend() -> str:
    """Nothing here depends on the event loop."""
    return "asyncio"


class Work:
    """A workspace, those who edit it, and a mirror whose receiver gets what a test delivers."""

    def __init__(self, fake: FakeAttio, where: Path | str, **options: Any) -> None:
        self.fake = fake
        self.where = where
        self.options = options or ONLY
        self.log: list[Any] = []
        fake.changes.subscribe(self.log.append)
        self.others: Attio = fake.client()
        self.reports: Any = None
        self.token = fake.token

    @contextlib.asynccontextmanager
    async def mirror(self, every: float = 900) -> AsyncGenerator[Mirror]:
        """Open the mirror and refresh it once."""
        self.receiver = WebhookReceiver(secret="s", clock=self.fake.clock)
        async with (
            self.fake.client(token=self.token) as attio,
            attio.mirror(self.where, **self.options) as mirror,
        ):
            self.reports = mirror.watch(every=every, receiver=self.receiver)
            assert not (await self.next()).is_partial
            yield mirror

    async def next(self) -> RefreshReport:
        with anyio.fail_after(20):
            report: RefreshReport = await anext(self.reports)
            return report

    async def deliver(self, *changes: Any) -> None:
        """Deliver events of the log; all that are left without arguments."""
        found = changes or tuple(self.log)
        self.log[:] = [each for each in self.log if each not in found]
        for change in found:
            body = msgspec.json.encode({"webhook_id": "w", "events": [change.event()]})
            key = f"{random.random()}"
            headers = {"Attio-Signature": sign(body, "s"), "Idempotency-Key": key}
            assert (await self.receiver.receive(headers, body)).status == 202
        await self.receiver.drain()


@pytest.fixture
def fake() -> FakeAttio:
    fake = FakeAttio(clock=VirtualClock())
    for name in "ABCD":
        fake.seed.add_record("companies", {"name": name})
    return fake


@pytest.fixture
def work(fake: FakeAttio, tmp_path: Path) -> Work:
    return Work(fake, tmp_path / "crm.duckdb")


def ids(fake: FakeAttio) -> list[str]:
    return [record["id"]["record_id"] for record in fake.records("companies")]


async def test_what_is_delivered_is_read_again_alone_and_written_as_a_refresh_would(work: Work) -> None:
    a, b, c, d = ids(work.fake)
    companies = work.others.companies
    async with work.mirror() as mirror:
        await companies.update(a, {"name": "A2"})
        await companies.update(a, {"name": "A3"})
        await work.deliver(*work.log, work.log[0])
        since = len(work.fake.calls)
        report = await work.next()
        assert (report.is_partial, report.is_published) == (True, True)
        assert [(table.read, table.rows.changed) for table in report.tables] == [(1, 1)]
        reads = [call.method for call in work.fake.calls[since:] if "/records/" in call.path]
        assert reads == ["GET", "POST"]  # by the feed, and by the mirror
        swept_at = (await mirror.status()).swept_at
        await companies.delete(b)
        merged = await companies.merge(c, d)
        made = await companies.create({"name": "E"})
        await work.deliver()
        rows = (await work.next()).tables[0].rows
        assert (rows.created, rows.deleted, rows.merged) == (2, 1, 2)
        status = await mirror.status()
        assert (status.swept_at, status.sweep) == (swept_at, 3)  # of the last complete one
        told = {(line["change"], line["id"]): line for line in await mirror.sql(CHANGES)}
        assert set(told) == {
            *(("changed", a), ("deleted", b), ("merged", c), ("merged", d)),
            *(("created", merged.id), ("created", made.id)),
        }
        assert told["changed", a]["after"] == '"A3"'
        assert told["merged", c]["merged_into"] == merged.id
        gone = await mirror.sql("SELECT id, _merged_into FROM _deleted ORDER BY id")
        assert gone == sorted(
            ({"id": id_, "_merged_into": into} for id_, into in ((b, None), (c, merged.id), (d, merged.id))),
            key=lambda row: str(row["id"]),
        )
        work.fake.clock.advance(900)
        report = await work.next()
        assert (report.is_partial, report.is_changed) == (False, False)
        assert (await mirror.status()).swept_at != swept_at
    assert replay(Path(work.where)) == tables_of(Path(work.where), as_json=True)


@pytest.mark.full
async def test_a_burst_becomes_one_sweep_half_a_second_after_its_first_delivery(work: Work) -> None:
    clock = work.fake.clock

    async def deliver() -> None:
        await clock.sleep(100)
        async with anyio.create_task_group() as busy:  # time stands still meanwhile
            busy.start_soon(spin)
            for number, id_ in enumerate(ids(work.fake)):
                await work.others.companies.update(id_, {"name": f"N{number}"})
                await work.deliver()
            busy.cancel_scope.cancel()

    async def spin() -> None:
        for _ in itertools.count():
            await anyio.lowlevel.checkpoint()

    async with work.mirror(), anyio.create_task_group() as group:
        await work.others.companies.update(ids(work.fake)[0], {"name": "N"})
        await work.deliver()
        await work.next()
        start = clock.monotonic()
        group.start_soon(deliver)
        report = await work.next()
        assert clock.monotonic() - start == pytest.approx(100.5)
        assert report.tables[0].rows.changed == 4


@pytest.mark.parametrize("name", [pytest.param("crm.duckdb", marks=pytest.mark.full), "crm/"])
async def test_a_crash_between_commit_and_acknowledgement_changes_nothing_twice(
    fake: FakeAttio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    work = Work(fake, f"{tmp_path}/{name}")

    async def crash(*_: object) -> None:
        raise StorageError("feed.db", None, "killed")

    first = ids(work.fake)[0]
    with monkeypatch.context() as patch, pytest.raises(StorageError):
        async with work.mirror():
            await work.others.companies.update(first, {"name": "A2"})
            await work.deliver()
            patch.setattr(Feed, "ack_through", crash)
            await work.next()
    async with work.mirror() as mirror:
        report = await work.next()
        assert (report.is_partial, report.is_changed, report.tables[0].read) == (True, False, 1)
        assert [line["id"] for line in await mirror.sql(CHANGES)] == [first]


@pytest.mark.full
class TestCompleteRefreshes:
    async def test_too_many_changes(self, work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_watch, "_FEW", 3)
        async with work.mirror():
            for id_ in ids(work.fake):
                await work.others.companies.update(id_, {"name": "N"})
            await work.deliver()
            report = await work.next()
            assert (report.is_partial, report.tables[0].rows.changed) == (False, 4)

    @pytest.mark.parametrize("is_told", [True, False])
    async def test_another_schema(self, work: Work, *, is_told: bool) -> None:
        async with work.mirror() as mirror:
            await work.others.attributes("companies").create("Size", type="number", api_slug="size")
            if not is_told:  # the answer shows it
                work.log.clear()
                await work.others.companies.update(ids(work.fake)[0], {"size": 5})
            await work.deliver()
            report = await work.next()
            assert not report.is_partial
            assert [change.column for change in report.schema_changes] == ["size"]
            assert (await mirror.sql("SELECT max(size) AS size FROM companies"))[0]["size"] == (
                None if is_told else 5
            )

    async def test_a_refresh_that_failed_is_done_first(
        self, work: Work, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def fail(*_: object) -> None:
            raise TransportError("the network is down", sent=False)

        async with work.mirror() as mirror:
            work.fake.clock.advance(900)
            with monkeypatch.context() as patch, pytest.raises(TransportError):
                patch.setattr(mirror, "_objects", fail)
                await work.next()
            await work.others.companies.update(ids(work.fake)[0], {"name": "A2"})
            await work.deliver()
            report = await work.next()
            assert (report.is_partial, report.tables[0].rows.changed) == (False, 1)


@pytest.mark.full
async def test_what_a_refresh_found_and_a_delivery_takes_back_is_told_again(work: Work) -> None:
    first, companies = ids(work.fake)[0], work.others.companies
    async with work.mirror() as mirror:
        await companies.update(first, {"description": None})
        await companies.update(first, {"description": "here"})
        await companies.update(first, {"description": None})
        await work.deliver()
        assert not (await work.next()).is_changed
        await companies.update(first, {"description": "here"})
        work.log.clear()
        work.fake.clock.advance(900)
        assert (await work.next()).is_changed
        await companies.update(first, {"description": None})
        await work.deliver()
        assert (await work.next()).is_partial
        assert (await mirror.sql("SELECT count(description) AS n FROM companies")) == [{"n": 0}]


@pytest.mark.full
async def test_what_the_token_may_not_read_is_not_followed(fake: FakeAttio, tmp_path: Path) -> None:
    work = Work(fake, tmp_path / "crm.duckdb", **{**ONLY, "also": ["tasks"]})
    work.token = "little"
    fake.auth.add_token("little", scopes=["record_permission:read", "object_configuration:read"])
    async with work.mirror():
        for is_allowed in (False, True):
            await work.others.tasks.create("Call")
            await work.others.companies.update(ids(fake)[0], {"name": f"{is_allowed}"})
            await work.deliver()
            report = await work.next()
            assert report.is_partial
            assert [table.table for table in report.tables] == ["objects.companies", "mirror.tasks"][
                : 1 + is_allowed
            ]
            fake.auth.add_token("little")
            fake.clock.advance(900)
            assert not (await work.next()).left_out


async def at_random(where: Path | str, seed: int, *, edits: int) -> FakeAttio:
    """Edit at random, deliver some of it, twice or late, and follow; then refresh once, and return the workspace."""
    chance = random.Random(seed)
    fake = workspace(clock=VirtualClock())
    work = Work(fake, where, lists=["sales"], objects=["companies"], also="all", history=["companies.score"])
    late: list[Any] = []
    async with work.mirror():
        editor = Editor(fake, work.others, chance)
        for _ in range(edits):
            for _ in range(chance.randrange(1, 5)):
                await editor.edit()
            arriving = [*late, *work.log]
            late = [each for each in arriving if chance.random() < 0.2]
            arriving = [each for each in arriving if each not in late and chance.random() < 0.8]
            arriving += [each for each in arriving if chance.random() < 0.3]
            chance.shuffle(arriving)
            work.log.clear()
            if arriving:
                await work.deliver(*arriving)
            with contextlib.suppress(AttioError):
                await work.next()
        fake.clock.advance(1000)
        while (await work.next()).is_partial:
            pass
        if late:
            await work.deliver(*late)
            assert not (await work.next()).is_changed
        fake.clock.advance(1000)
        while (report := await work.next()).is_partial:
            assert not report.is_changed
        assert not report.is_changed
    return fake


async def check(fake: FakeAttio, path: Path) -> None:
    async with fake.client() as fresh:
        expected = await state_of(fresh)
    found = tables_of(path)
    assert set(found) >= {"objects.companies", "lists.sales", "mirror.notes"}
    for name in found:
        assert found[name] == expected.get(name, found[name]), name
    assert replay(path) == tables_of(path, as_json=True)


@pytest.mark.full
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("kind", ["duckdb", "parquet"])
async def test_random_deliveries_and_one_refresh_make_the_mirror_equal(
    tmp_path: Path, seed: int, kind: str
) -> None:
    where = tmp_path / ("crm.duckdb" if kind == "duckdb" else "crm")
    fake = await at_random(f"{where}/" if kind == "parquet" else where, seed, edits=10)
    await check(fake, where if kind == "duckdb" else where / ".mirror" / "crm.duckdb")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running_postgres() as words:
        parts = dict(word.split("=", 1) for word in words.split())
        yield f"postgresql://{parts['user']}:secret@/{parts['dbname']}?host={quote(parts['host'])}"


@pytest.mark.full
@pytest.mark.parametrize("seed", range(3))
async def test_random_deliveries_and_one_refresh_make_postgresql_equal(server: str, seed: int) -> None:
    address = f"{server}#s{seed}_"
    fake = await at_random(address, seed, edits=8)
    async with fake.client() as fresh, MirrorFile(address) as mirror:
        expected = await state_of(fresh)
        for name in ("objects.companies", "lists.sales", "mirror.notes", "mirror.tasks"):
            schema, table = name.split(".")
            found = await mirror.sql(f'SELECT * FROM s{seed}_{schema}."{table}"')
            key = next(iter(found[0])) if found else ""
            assert {row[key] for row in found} == set(expected[name]), name
            for row in found:
                texts = {n: v for n, v in expected[name][row[key]].items() if isinstance(v, str)}
                assert {n: row[n] for n in texts} == texts, name
