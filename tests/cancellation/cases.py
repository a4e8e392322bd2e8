"""The operations that are cancelled, in groups that share a process."""

import asyncio
import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import pytest

from attio_async import Attio, AttioPool, RateLimiter, RedisRateLimiter
from attio_async._limits.limiter import limits_of
from attio_async._storage.files import try_lock
from attio_async._transport import http1
from attio_async.bulk import Journal, PostgresJournal, PostgresSyncState, SQLiteJournal
from attio_async.engine import Engine, Job
from attio_async.mirror import Mirror
from attio_async.oauth import OAuth, SQLiteTokens, TokenKeys
from attio_async.testing import FakeAttio, SystemClock
from attio_async.webhooks import (
    Delivery,
    DeliveryFile,
    DeliveryStore,
    Event,
    FileSecrets,
    HandlerRetry,
    MemoryStore,
    PostgresStore,
    RedisStore,
    SavingStore,
    SQLiteStore,
    WebhookReceiver,
    sign,
)
from tests.engine.support import Fakes
from tests.postgres import running_postgres
from tests.redis_server import redis_server, running_redis

from .points import Case

_SECRET = "c0ffee" * 10
_ROWS = 6


def _limiter() -> RateLimiter:
    return RateLimiter(reads=100_000, writes=100_000)


def check_idle(attio: Attio) -> None:
    """Check that the client holds no connection and no permit."""
    gate = attio._shared.gate
    assert (gate._free, gate._waiting) == (gate.connections, 0)
    for lane in limits_of(attio.limiter)._lanes.values():
        for quota in lane.quotas:
            assert not getattr(quota, "_flying", ())
            assert not getattr(quota, "_running", 0)


class _FastClock(SystemClock):
    """The time of this machine, ten times as fast: one file may be uploaded per second."""

    __slots__ = ()

    def monotonic(self) -> float:
        return 10 * super().monotonic()

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds / 10)


class _ClientCase(Case):
    """A client of a workspace with some companies."""

    clock: SystemClock | None = None

    def __init__(self, folder: Path, number: int, *, base_url: str | None = None) -> None:
        super().__init__(folder, number)
        self.base_url = base_url
        self.fake = FakeAttio(latency=0.0005, keep_calls=0)

    async def open(self) -> None:
        if self.base_url is None:
            self.seed()
            self.attio = self.fake.client(limiter=_limiter(), max_connections=5, clock=self.clock)
        else:
            self.attio = Attio(
                self.fake.token,
                base_url=self.base_url,
                limiter=_limiter(),
                max_connections=5,
                clock=self.clock,
            )

    def seed(self) -> None:
        for number in range(_ROWS):
            self.fake.seed.add_record(
                "companies", {"name": [f"C{number}"], "domains": [f"c{number}.example.com"]}
            )

    def check_idle(self) -> None:
        check_idle(self.attio)

    async def close(self) -> None:
        await self.attio.aclose()


class Request(_ClientCase):
    async def act(self) -> None:
        await self.attio.identify()


class Pages(_ClientCase):
    async def act(self) -> None:
        found: list[object] = []
        async with self.attio.companies.query(page_size=2).pages(prefetch=3) as pages:
            async for company in pages.items():
                found.append(company.id)
        assert len(set(found)) == len(found) >= _ROWS


class ShiftedClock(SystemClock):
    """The time of this machine, and some hours."""

    __slots__ = ("hours",)

    def __init__(self) -> None:
        self.hours = 0

    def time(self) -> float:
        return super().time() + 3600 * self.hours


class Scans(_ClientCase):
    """A scan that goes on after a cancellation, in the same block or with its token."""

    def __init__(self, folder: Path, number: int, *, ordered: bool) -> None:
        super().__init__(folder, number)
        self.ordered = ordered
        self.clock = ShiftedClock()
        self.fake = FakeAttio(latency=0.0005, keep_calls=0, clock=self.clock)
        self.token: str | None = None
        self.found: list[str] = []

    def seed(self) -> None:
        for hour in range(-3 * _ROWS, 0):
            self.clock.hours = hour
            self.fake.seed.add_record("companies", {"name": [f"C{hour}"]})
        self.clock.hours = 0

    async def act(self) -> None:
        scan = self.attio.companies.scan(page_size=3, parallel=4, ordered=self.ordered, resume=self.token)
        try:
            async with scan:
                async for company in scan:
                    self.found.append(company.id)
        finally:
            self.token = scan.token

    async def check(self) -> None:
        assert len(set(self.found)) == len(self.found) == 3 * _ROWS


class GetMany(_ClientCase):
    async def act(self) -> None:
        ids = await self.attio.companies.query(limit=_ROWS).ids()
        assert len((await self.attio.companies.get_many(ids)).records) == _ROWS


class Upsert(_ClientCase):
    async def act(self) -> None:
        await self.attio.companies.upsert(
            {"name": "X", "domains": f"x{self.number}.example.com"}, match="domains"
        )

    async def check(self) -> None:
        found = await self.attio.companies.query({"domains": f"x{self.number}.example.com"})
        assert len(found) == 1


class Merge(_ClientCase):
    async def act(self) -> None:
        first = await self.attio.companies.create({"name": "A"})
        second = await self.attio.companies.create({"name": "B"})
        merged = await self.attio.companies.merge(first, second)
        assert merged.id not in {first.id, second.id}


class EnsureWebhook(_ClientCase):
    """The secret is shown once, when the webhook is created: a loop that ends in the middle of this request loses it."""

    modes = ("native", "late", "scope", "trio")

    async def act(self) -> None:
        await self.attio.webhooks.ensure(
            "https://example.com/hooks", ["record.created"], secrets=FileSecrets(self.folder / "secrets.json")
        )

    async def check(self) -> None:
        assert len(await self.attio.webhooks.list()) == 1


class Upload(_ClientCase):
    clock = _FastClock()

    async def open(self) -> None:
        await super().open()
        self.path = self.folder / "source.bin"
        self.path.write_bytes(b"x" * 200_000)
        self.company = (await self.attio.companies.query(limit=1))[0]

    async def act(self) -> None:
        file = await self.attio.files.upload(self.company, self.path)
        assert file.id

    async def check(self) -> None:
        file = await self.attio.files.upload(self.company, self.path)
        target = await self.attio.files.download(file, self.folder / "copy.bin")
        assert target.read_bytes() == self.path.read_bytes()


class Download(Upload):
    async def open(self) -> None:
        await super().open()
        self.file = await self.attio.files.upload(self.company, self.path)

    async def act(self) -> None:
        await self.attio.files.download(self.file, self.folder / "copy.bin")

    async def check(self) -> None:
        assert {each.name for each in self.folder.iterdir()} == {"source.bin", "copy.bin"}
        assert (self.folder / "copy.bin").read_bytes() == self.path.read_bytes()


class UpsertMany(_ClientCase):
    """A bulk job with a journal, resumed after the cancellation."""

    def __init__(self, folder: Path, number: int, *, journal: Callable[[Path, int], Any]) -> None:
        super().__init__(folder, number)
        self.journal = journal(folder, number)
        self.told: Counter[int] = Counter()

    async def act(self) -> None:
        rows = [{"name": f"N{number}", "domains": f"n{number}.example.com"} for number in range(_ROWS)]
        report = await self.attio.companies.upsert_many(
            rows,
            match="domains",
            journal=self.journal,
            on_outcome=lambda outcome: self.told.update([outcome.index]),
        )
        assert report.done == _ROWS
        assert report.failed == report.pending == 0

    async def check(self) -> None:
        names = Counter(str(company["name"]) for company in await self.attio.companies.query())
        assert all(names[f"N{number}"] == 1 for number in range(_ROWS)), names
        if self.journal is not None:
            assert all(count == 1 for count in self.told.values()), self.told

    async def close(self) -> None:
        if hasattr(self.journal, "aclose"):
            await self.journal.aclose()
        await super().close()


class Sync(_ClientCase):
    """A sync with a state, run again after the cancellation."""

    def __init__(
        self, folder: Path, number: int, *, state: Callable[[Path, int], Path | PostgresSyncState]
    ) -> None:
        super().__init__(folder, number)
        self.state = state(folder, number)

    async def act(self) -> None:
        for count in (_ROWS, _ROWS - 1):
            rows = [{"name": f"N{number}", "domains": f"n{number}.example.com"} for number in range(count)]
            report = await self.attio.companies.sync_to(
                rows, match="domains", owned=["name"], missing="clear", state=self.state, max_missing_ratio=1
            )
            assert report.failed == report.pending == 0

    async def check(self) -> None:
        names = Counter(str(company["name"]) for company in await self.attio.companies.query())
        assert all(names[f"N{number}"] == (number < _ROWS - 1) for number in range(_ROWS)), names

    async def close(self) -> None:
        if isinstance(self.state, PostgresSyncState):
            await self.state.delete()
        await super().close()


class Export(_ClientCase):
    def __init__(self, folder: Path, number: int, *, format: Any, resume: bool) -> None:
        super().__init__(folder, number)
        self.format = format
        self.resume = resume
        self.target = folder / f"out.{format}"

    async def act(self) -> None:
        result = await self.attio.companies.export(self.target, format=self.format, resume=self.resume)
        assert result.records == _ROWS

    async def check(self) -> None:
        assert [each.name for each in self.folder.iterdir()] == [self.target.name]
        if self.format == "jsonl":
            lines = [json.loads(line) for line in self.target.read_text("utf-8").splitlines()]
            assert len({line["record_id"] for line in lines}) == len(lines) == _ROWS


class Changes(_ClientCase):
    async def open(self) -> None:
        await super().open()
        self.told: Counter[str] = Counter()

    async def act(self) -> None:
        async with self.attio.feed(self.folder / "state.db", objects=["companies"]) as feed:
            async for change in feed:
                await change.ack()
                self.told[change.record_id] += 1

    async def check(self) -> None:
        assert len(self.told) == _ROWS
        assert set(self.told.values()) == {1}


class ChangesKeptOpen(Changes):
    """The feed is used further after the cancellation of one step, as a polling consumer does."""

    async def open(self) -> None:
        await super().open()
        self.feed = self.attio.feed(self.folder / "state.db", objects=["companies"])

    async def act(self) -> None:
        async for change in self.feed:
            self.told[change.record_id] += 1
            await change.ack()

    async def close(self) -> None:
        await self.feed.aclose()
        await super().close()


class MirrorRefresh(_ClientCase):
    def mirror(self) -> Mirror:
        path = self.folder / "crm.duckdb"
        return self.attio.mirror(path, objects=["companies"], lists=(), also=(), history=["companies.name"])

    async def act(self) -> None:
        async with self.mirror() as mirror:
            await mirror.refresh()
            assert len(await mirror.sql("SELECT name FROM companies")) == _ROWS
            assert (await mirror.status()).rows["history.companies_name"] == _ROWS
            await mirror.forget("nobody")

    def check_idle(self) -> None:
        super().check_idle()
        lock = self.folder / ".crm.duckdb.mirror" / "lock"
        if lock.exists():
            with lock.open("rb") as file:
                assert try_lock(file.fileno())

    async def check(self) -> None:
        async with self.mirror() as mirror:
            assert not (await mirror.refresh()).is_changed


class MirrorWatch(_ClientCase):
    """A mirror takes a delivery, and is used further after the cancellation of a step."""

    async def open(self) -> None:
        await super().open()
        path = self.folder / "crm.duckdb"
        self.mirror = self.attio.mirror(
            path, objects=["companies"], lists=(), also=(), history=["companies.name"]
        )
        self.receiver = WebhookReceiver(secret=_SECRET)
        self.reports = self.mirror.watch(every=3600, receiver=self.receiver)
        self.attempts = itertools.count()
        self.has_begun = False

    async def act(self) -> None:
        record, name = self.fake.records("companies")[0], f"New {next(self.attempts)}"
        if not self.has_begun:
            await anext(self.reports)
            self.has_begun = True
        await self.attio.companies.update(record["id"]["record_id"], {"name": name})
        body = json.dumps(
            {"webhook_id": "w", "events": [{"event_type": "record.updated", "id": record["id"]}]}
        )
        headers = {"Attio-Signature": sign(body.encode(), _SECRET)}
        await self.receiver.receive(headers, body.encode())
        await self.receiver.drain()
        while not await self.mirror.sql(f"SELECT 1 FROM companies WHERE name = '{name}'"):
            await anext(self.reports)

    async def check(self) -> None:
        found = await self.mirror.sql(
            "SELECT after FROM _changes WHERE change = 'changed' AND attribute = 'name'"
        )
        assert len({line["after"] for line in found}) == len(found) > 0
        assert not (await self.mirror.refresh()).is_changed

    async def close(self) -> None:
        await self.mirror.aclose()
        await super().close()


class FeedOfEverything(_ClientCase):
    """A feed that reads histories, lists tasks, and hears of each company from a receiver as well."""

    async def open(self) -> None:
        await super().open()
        await self.attio.tasks.create("Call")
        self.told: Counter[str] = Counter()

    async def act(self) -> None:
        receiver = WebhookReceiver(secret=_SECRET)
        feed = self.attio.feed(
            self.folder / "all.db",
            objects=["companies"],
            also=["tasks"],
            history=["companies.name", "companies.domains"],
            receiver=receiver,
        )
        async with feed:
            await self._deliver(receiver)
            async for change in feed:
                await change.ack()
                self.told[change.record_id] += 1

    async def _deliver(self, receiver: WebhookReceiver) -> None:
        for number, record in enumerate(self.fake.records("companies")):
            event = {"event_type": "record.updated", "id": record["id"]}
            body = json.dumps({"webhook_id": "w", "events": [event]}).encode()
            headers = {"Attio-Signature": sign(body, _SECRET), "Idempotency-Key": str(number)}
            await receiver.receive(headers, body)
        await receiver.drain()

    async def check(self) -> None:
        assert len(self.told) == _ROWS + 1
        assert set(self.told.values()) == {1}


class _ReceiverCase(Case):
    def __init__(self, folder: Path, number: int, *, store: Callable[[Path, int], DeliveryStore]) -> None:
        super().__init__(folder, number)
        self.store = store(folder, number)
        self.receiver = WebhookReceiver(
            secret=_SECRET, store=self.store, retry=HandlerRetry(attempts=3, base=0.001)
        )
        self.accepted: set[str] = set()
        self.handled: Counter[str] = Counter()
        self.numbers = itertools.count()

        @self.receiver.on()
        async def on_event(event: Event) -> None:
            await anyio.lowlevel.checkpoint()
            await anyio.sleep(0.0005)
            self.handled[event.message_id] += 1

    async def deliver(self) -> None:
        number = next(self.numbers)
        body = json.dumps(
            {
                "webhook_id": "w",
                "events": [{"event_type": "record.created", "id": {"record_id": str(number % 2)}}],
            }
        ).encode()
        headers = {"attio-signature": sign(body, _SECRET), "idempotency-key": str(number)}
        response = await self.receiver.receive(headers, body)
        assert response.status == 202, response
        self.accepted.add(str(number))

    async def check(self) -> None:
        await self.receiver.drain()
        assert self.accepted <= set(self.handled)
        assert self.receiver.pending_count == 0
        assert await self.store.pending() == type(await self.store.pending())()

    async def close(self) -> None:
        await self.store.aclose()


class Receive(_ReceiverCase):
    async def act(self) -> None:
        for _ in range(2):
            await self.deliver()

    async def check(self) -> None:
        await super().check()
        assert set(self.handled.values()) == {1}


class Drain(_ReceiverCase):
    """Handlers that were cancelled are called again; those that have ended are not."""

    async def open(self) -> None:
        for _ in range(4):
            await self.deliver()

    async def act(self) -> None:
        await self.receiver.drain()


class Running(_ReceiverCase):
    """The receiver as a context manager."""

    async def act(self) -> None:
        async with self.receiver:
            await self.deliver()
            while not self.accepted <= set(self.handled):  # noqa: ASYNC110 - nothing tells of it
                await anyio.sleep(0.0005)


class StoreCalls(Case):
    """Each method of a store."""

    def __init__(self, folder: Path, number: int, *, store: Callable[[Path, int], DeliveryStore]) -> None:
        super().__init__(folder, number)
        self.store = store(folder, number)
        self.added: list[str] = []
        self.numbers = itertools.count()

    async def act(self) -> None:
        delivery = Delivery(key=str(next(self.numbers)), body=b"{}", received_at=1.0)
        assert await self.store.add(delivery)
        self.added.append(delivery.key)
        assert delivery.key in await self.store.pending()
        assert [each.key for each in await self.store.load([delivery.key])] == [delivery.key]
        await self.store.save(delivery)
        await self.store.bury(delivery)
        assert delivery.key in [each.key for each in await self.store.dead_letters()]
        await self.store.revive(delivery.key)

    async def check(self) -> None:
        known = {*await self.store.pending(), *(each.key for each in await self.store.dead_letters())}
        assert set(self.added) <= known

    async def close(self) -> None:
        await self.store.aclose()


class Tokens(Case):
    def __init__(self, folder: Path, number: int) -> None:
        super().__init__(folder, number)
        self.tokens = SQLiteTokens(folder / "tokens.db", keys=TokenKeys(TokenKeys.generate()))
        self.put: set[str] = set()
        self.numbers = itertools.count()

    async def act(self) -> None:
        tenant = f"t{next(self.numbers)}"
        await self.tokens.put(tenant, "token")
        self.put.add(tenant)
        assert await self.tokens.get(tenant) == "token"
        await self.tokens.rotate()

    async def check(self) -> None:
        assert self.put <= set(await self.tokens.tenants())

    async def close(self) -> None:
        await self.tokens.aclose()


class Exchange(Case):
    async def open(self) -> None:
        async def endpoint(request: httpx.Request) -> httpx.Response:
            await request.aread()
            await anyio.sleep(0.0005)
            return httpx.Response(200, json={"access_token": "token", "token_type": "Bearer"})

        transport = httpx.MockTransport(endpoint)
        self.oauth = OAuth("client", "secret", "https://example.com/callback", transport=transport)

    async def act(self) -> None:
        state = await self.oauth.new_state("session")
        grant = await self.oauth.exchange("code", state=state, session="session")
        assert grant.access_token == "token"

    async def close(self) -> None:
        await self.oauth.aclose()


class Pool(Case):
    async def open(self) -> None:
        self.fake = FakeAttio(latency=0.0005)
        self.tokens = SQLiteTokens(self.folder / "tokens.db", keys=TokenKeys(TokenKeys.generate()))
        for tenant in ("a", "b", "c"):
            await self.tokens.put(tenant, self.fake.token)
        self.pool = AttioPool(self.tokens.get, max_clients=2, transport=self.fake.transport())

    async def act(self) -> None:
        for tenant in ("a", "b", "c"):
            async with self.pool.client(tenant) as attio:
                await attio.identify()

    def check_idle(self) -> None:
        assert all(slot.users == 0 for slot in self.pool._slots.values())
        assert len(self.pool) <= 2

    async def close(self) -> None:
        await self.pool.aclose()
        await self.tokens.aclose()


class Limiter(_ClientCase):
    def __init__(self, folder: Path, number: int, *, url: str) -> None:
        super().__init__(folder, number)
        self.limiter = RedisRateLimiter(url, scope=f"s{number}", reads=500, writes=500)

    async def open(self) -> None:
        self.seed()
        self.attio = self.fake.client(limiter=self.limiter, max_connections=5)

    async def act(self) -> None:
        for _ in range(3):
            await self.attio.identify()

    def check_idle(self) -> None:
        gate = self.attio._shared.gate
        assert (gate._free, gate._waiting) == (gate.connections, 0)


class Secrets(Case):
    async def open(self) -> None:
        self.secrets = FileSecrets(self.folder / "secrets.json")
        self.put: set[str] = set()
        self.numbers = itertools.count()

    async def act(self) -> None:
        name = f"w{next(self.numbers)}"
        await self.secrets.put(name, "secret")
        self.put.add(name)
        assert await self.secrets.get(name) == "secret"

    async def check(self) -> None:
        assert self.put <= set(await self.secrets.known())
        assert [each.name for each in self.folder.iterdir()] == ["secrets.json"]


Make = Callable[[Path, int], Case]


def _stores() -> dict[str, Callable[[Path, int], DeliveryStore]]:
    return {
        "memory": lambda _folder, _number: MemoryStore(),
        "sqlite": lambda folder, _number: SQLiteStore(folder / "hooks.db"),
        "saving": lambda folder, _number: SavingStore(
            SQLiteStore(folder / "hooks.db"), DeliveryFile(folder / "saved.jsonl")
        ),
    }


def _receivers(stores: dict[str, Callable[[Path, int], DeliveryStore]]) -> Iterator[tuple[str, Make]]:
    for name, store in stores.items():
        for kind in (Receive, Drain, Running, StoreCalls):
            yield f"{kind.__name__.lower()}-{name}", partial(kind, store=store)


def _journals(_stack: ExitStack) -> dict[str, Make]:
    journals: dict[str, Callable[[Path, int], Journal | Path | None]] = {
        "none": lambda _folder, _number: None,
        "path": lambda folder, _number: folder / "j.db",
        "object": lambda folder, _number: SQLiteJournal(folder / "j.db"),
    }
    return {f"upsert-many-{name}": partial(UpsertMany, journal=make) for name, make in journals.items()}


def _postgres(stack: ExitStack) -> dict[str, Make]:
    database = stack.enter_context(running_postgres())
    return {
        "upsert-many-postgres": partial(
            UpsertMany, journal=lambda _folder, number: PostgresJournal(database, job=f"j{number}", lease=1)
        ),
        "sync-postgres": partial(
            Sync, state=lambda _folder, number: PostgresSyncState(database, name=f"s{number}")
        ),
        "storecalls-postgres": partial(
            StoreCalls, store=lambda _folder, number: PostgresStore(database, name=f"d{number}")
        ),
    }


class EngineRun(Case):
    """A run of an engine: its tenant is added, it is filed, and a worker does it."""

    modes = ("native", "late", "scope")

    def __init__(self, folder: Path, number: int, *, database: str, fakes: Fakes) -> None:
        super().__init__(folder, number)
        self.engine = Engine(database, tokens=fakes.token, tenant_options=fakes.options, lease=1)
        self.fake = fakes[self.tenant]

        @self.engine.job()
        async def push(job: Job) -> None:
            rows = [{"name": f"N{number}", "domains": f"n{number}.example.com"} for number in range(_ROWS)]
            await job.attio.companies.upsert_many(rows, match="domains", **job.durable)

    @property
    def tenant(self) -> str:
        return f"t{self.number}"

    async def act(self) -> None:
        await self.engine.tenants.add(self.tenant)
        await self.engine.run("push", self.tenant)
        await self.engine.work(wait=False, signals=False)

    async def check(self) -> None:
        runs = [run for run in (await self.engine.overview()).runs if run.tenant == self.tenant]
        while any(run.state == "running" for run in runs):  # whose worker was cut off; it is taken over
            await anyio.sleep(0.2)
            await self.engine.work(wait=False, signals=False)
            runs = [run for run in (await self.engine.overview()).runs if run.tenant == self.tenant]
        assert {run.state for run in runs} == {"succeeded"}, runs
        names = [record["values"]["name"][0]["value"] for record in self.fake.records("companies")]
        assert sorted(names) == [f"N{number}" for number in range(_ROWS)]

    async def close(self) -> None:
        await self.engine.aclose()


def _engine(stack: ExitStack) -> dict[str, Make]:
    database, fakes = stack.enter_context(running_postgres()), Fakes()

    async def init() -> None:
        async with Engine(database, tokens=fakes.token) as engine:
            await engine.init()

    asyncio.run(init())
    return {"engine-run": partial(EngineRun, database=database, fakes=fakes)}


def _redis(stack: ExitStack) -> dict[str, Make]:
    if redis_server is None:
        pytest.skip("redis-server is not installed")
    server = stack.enter_context(running_redis())
    store = {"redis": lambda _folder, number: RedisStore(server.url, name=f"r{number}")}
    return {**dict(_receivers(store)), "limiter": partial(Limiter, url=server.url)}


def _served(stack: ExitStack, *, syntax: type[http1.Syntax]) -> dict[str, Make]:
    stack.enter_context(pytest.MonkeyPatch.context()).setattr(http1, "SYNTAXES", (syntax,))
    fake = FakeAttio(keep_calls=0)
    for number in range(_ROWS):
        fake.seed.add_record("companies", {"name": [f"C{number}"], "domains": [f"c{number}.example.com"]})
    url = stack.enter_context(fake.serve()).url
    kinds = (Request, Pages, GetMany, Upsert, Merge, Upload, Download)
    return {f"served-{kind.__name__.lower()}": partial(kind, base_url=url) for kind in kinds}


GROUPS: dict[str, Callable[[ExitStack], dict[str, Make]]] = {
    "requests": lambda _stack: {
        kind.__name__.lower(): kind
        for kind in (Request, Pages, GetMany, Upsert, Merge, EnsureWebhook, Upload, Download)
    },
    **{f"served-{syntax.__name__}": partial(_served, syntax=syntax) for syntax in http1.SYNTAXES},
    "scans": lambda _stack: {
        f"scan{'-ordered' * ordered}": partial(Scans, ordered=ordered) for ordered in (False, True)
    },
    "journals": _journals,
    "syncs": lambda _stack: {"sync": partial(Sync, state=lambda folder, _number: folder / "s.db")},
    "postgres": _postgres,
    "engine": _engine,
    "exports": lambda _stack: {
        f"export-{name}{'-resume' * resume}": partial(Export, format=name, resume=resume)
        for name in ("jsonl", "csv", "parquet")
        for resume in (False, True)
    },
    "changes": lambda _stack: {"changes": Changes, "changes-kept-open": ChangesKeptOpen},
    "feeds": lambda _stack: {"feed-of-everything": FeedOfEverything},
    "mirrors": lambda _stack: {"refresh": MirrorRefresh, "watch": MirrorWatch},
    "webhooks": lambda _stack: dict(_receivers(_stores())),
    "redis": _redis,
    "tokens": lambda _stack: {"tokens": Tokens, "exchange": Exchange, "pool": Pool, "secrets": Secrets},
}
"""Cases by name, each made with an empty folder and a number, for an open stack of servers."""
