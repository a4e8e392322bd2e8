"""Webhooks of all tenants: verified, stored before they are answered, and handled by workers."""

import asyncio
import hashlib
import hmac
import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import psycopg
import pytest
from psycopg.rows import dict_row

from attio_async.engine import Engine, Job
from attio_async.errors import ConfigurationError, UnknownName
from attio_async.webhooks import RecordCreated, RecordUpdated

from .support import Fakes, new_engine

pytestmark = [pytest.mark.anyio, pytest.mark.full]

SECRETS = {"acme": "the secret of acme", "globex": "the secret of globex"}


@pytest.fixture
def anyio_backend() -> str:
    """Engines run on asyncio alone."""
    return "asyncio"


@pytest.fixture
async def engine(database: str, fakes: Fakes) -> AsyncIterator[Engine]:
    async with new_engine(database, fakes) as engine:
        for tenant in SECRETS:
            await engine.tenants.add(tenant)
        yield engine


async def secrets(tenant: str) -> str | None:
    return SECRETS[tenant]


def event(record: str = "", kind: str = "record.created") -> dict[str, Any]:
    ids = {
        "workspace_id": str(uuid.uuid4()),
        "object_id": str(uuid.uuid4()),
        "record_id": record or str(uuid.uuid4()),
    }
    if kind == "record.updated":
        ids["attribute_id"] = str(uuid.uuid4())
    return {"event_type": kind, "id": ids, "actor": {"type": "system", "id": None}}


def body_of(*events: dict[str, Any]) -> bytes:
    return json.dumps({"webhook_id": str(uuid.uuid4()), "events": events}).encode()


async def post(
    app: Any,
    tenant: str = "acme",
    body: bytes | None = None,
    *,
    key: str = "",
    secret: str = "",
    **headers: str,
) -> httpx.Response:
    body = body_of(event()) if body is None else body
    signature = hmac.new((secret or SECRETS.get(tenant, "x")).encode(), body, hashlib.sha256).hexdigest()
    given = {
        "Content-Type": "application/json",
        "Attio-Signature": signature,
        "Idempotency-Key": key or str(uuid.uuid4()),
    }
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://example.com") as client:
        return await client.post(f"/{tenant}", content=body, headers={**given, **headers})


async def work(engine: Engine) -> None:
    await asyncio.wait_for(engine.work(wait=False, signals=False), 30)


def rows(
    database: str, statement: str = "SELECT * FROM attio_engine.deliveries ORDER BY id"
) -> list[dict[str, Any]]:
    with psycopg.connect(database, row_factory=dict_row, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def make_due(database: str) -> None:
    rows(
        database,
        "UPDATE attio_engine.deliveries SET due_at = now() - interval '1 second' WHERE due_at IS NOT NULL",
    )
    rows(
        database, "UPDATE attio_engine.runs SET due_at = now() - interval '1 second' WHERE state = 'waiting'"
    )


async def test_a_delivery_is_stored_answered_handled_and_forgotten(engine: Engine, database: str) -> None:
    seen: list[tuple[str, str]] = []

    @engine.on(RecordCreated)
    async def on_created(job: Job, event: RecordCreated) -> None:
        seen.append((job.tenant, event.record_id))

    app = engine.webhooks(secrets=secrets)
    for tenant, record in (("acme", "a"), ("globex", "b"), ("acme", "c")):
        answer = await post(app, tenant, body_of(event(record)))
        assert (answer.status_code, answer.text) == (202, "accepted")
    assert len(rows(database)) == 3
    jobs = rows(database, "SELECT args, queue_name FROM procrastinate_jobs")
    assert sorted(job["args"]["tenant"] for job in jobs) == ["acme", "globex"]
    assert {tuple(sorted(job["args"])) for job in jobs} == {("run", "tenant")}
    await work(engine)
    assert sorted(seen) == [("acme", "a"), ("acme", "c"), ("globex", "b")]
    assert [(row["body"], row["handled_at"] is not None) for row in rows(database)] == [(None, True)] * 3
    runs = (await engine.overview()).runs
    assert sorted((run.tenant, run.state, dict(run.counts)) for run in runs) == [
        ("acme", "succeeded", {"handled": 2}),
        ("globex", "succeeded", {"handled": 1}),
    ]


async def test_a_repeated_delivery_is_answered_and_not_handled_again(engine: Engine, database: str) -> None:
    seen: list[str] = []

    @engine.on("record.created")
    async def on_created(job: Job, event: RecordCreated) -> None:
        seen.append(event.record_id)

    app = engine.webhooks(secrets=secrets)
    body = body_of(event("a"))
    statuses = [(await post(app, "acme", body, key="k")).status_code for _ in range(3)]
    await work(engine)
    statuses.append((await post(app, "acme", body, key="k")).status_code)
    await work(engine)
    assert statuses == [202, 200, 200, 200]
    assert seen == ["a"]
    assert (
        await post(app, "globex", body_of(event("b")), key="k")
    ).status_code == 202  # another tenant's key


async def test_what_is_not_signed_stores_nothing(engine: Engine, database: str) -> None:
    app = engine.webhooks(secrets=secrets)
    answers = [
        await post(app, "acme", secret=SECRETS["globex"]),
        await post(app, "nobody"),
        await post(app, "", secret="x"),
        await post(app, "acme/globex"),
        await post(app, "a" * 500),
        await post(app, "acme", **{"Attio-Signature": ""}),
        await post(app, "acme", **{"Attio-Signature": "x" * 64}),
    ]
    assert {(answer.status_code, answer.text) for answer in answers} == {
        (401, "the signature is wrong or missing")
    }
    assert rows(database) == []


async def test_bodies_are_bounded(engine: Engine, database: str) -> None:
    app = engine.webhooks(secrets=secrets, max_body=1000)
    large = body_of(*(event() for _ in range(20)))
    assert (await post(app, "acme", large)).status_code == 413

    async def chunks() -> AsyncIterator[bytes]:  # without a Content-Length
        for start in range(0, len(large), 100):
            yield large[start : start + 100]

    signature = hmac.new(SECRETS["acme"].encode(), large, hashlib.sha256).hexdigest()
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://example.com"
    ) as client:
        answer = await client.post("/acme", content=chunks(), headers={"Attio-Signature": signature})
    assert answer.status_code == 413
    assert rows(database) == []


async def test_a_signed_delivery_of_a_tenant_that_was_removed_is_refused(
    engine: Engine, database: str
) -> None:
    app = engine.webhooks(secrets=secrets)
    assert (await post(app, "acme")).status_code == 202
    await engine.tenants.remove("acme")
    assert rows(database) == []
    assert (await post(app, "acme")).status_code == 410
    assert rows(database) == []


async def test_nothing_is_accepted_that_could_not_be_stored(engine: Engine, database: str) -> None:
    app = engine.webhooks(secrets=secrets)
    rows(database, "ALTER TABLE attio_engine.deliveries RENAME TO gone")
    assert (await post(app)).status_code == 503
    rows(database, "ALTER TABLE attio_engine.gone RENAME TO deliveries")
    rows(database, "ALTER TABLE attio_engine.runs RENAME TO gone")
    assert (await post(app)).status_code == 503
    rows(database, "ALTER TABLE attio_engine.gone RENAME TO runs")
    assert rows(database) == []

    async def failing(tenant: str) -> str:
        raise OSError("the store of secrets is down")

    assert (await post(engine.webhooks(secrets=failing))).status_code == 503


async def test_a_failed_delivery_waits_while_others_are_handled(engine: Engine, database: str) -> None:
    seen: list[str] = []
    is_broken = True

    @engine.on("record.created", "record.updated")
    async def handle(job: Job, event: RecordCreated | RecordUpdated) -> None:
        if event.record_id == "poison" and is_broken:
            raise ValueError("ada@example.com is not valid")
        seen.append(f"{event.record_id} {event.event_type}")

    app = engine.webhooks(secrets=secrets)
    for record, kind in (("poison", "created"), ("a", "created"), ("poison", "updated"), ("b", "created")):
        await post(app, "acme", body_of(event(record, f"record.{kind}")))
    await work(engine)
    assert sorted(seen) == ["a record.created", "b record.created"]
    (run,) = (await engine.overview()).runs
    assert (run.state, run.attempt) == ("waiting", 0)
    assert run.due_at is not None
    await post(app, "acme", body_of(event("c")))  # brings the run forward, and not the retry
    await work(engine)
    assert seen[2:] == ["c record.created"]
    is_broken = False
    make_due(database)
    await work(engine)
    assert seen[3:] == ["poison record.created", "poison record.updated"]
    assert all(row["body"] is None for row in rows(database))


async def test_a_delivery_that_fails_for_good_is_a_dead_letter_and_can_be_retried(
    engine: Engine, database: str
) -> None:
    seen: list[str] = []
    calls = 0
    is_broken = True

    @engine.on("record.created")
    async def first(job: Job, event: RecordCreated) -> None:
        seen.append(f"first {event.record_id}")

    @engine.on("record.created")
    async def second(job: Job, event: RecordCreated) -> None:
        nonlocal calls
        calls += 1
        if is_broken:
            raise ValueError("ada@example.com is not valid")
        seen.append(f"second {event.record_id}")

    app = engine.webhooks(secrets=secrets)
    await post(app, "acme", body_of(event("a")))
    for _ in range(10):
        await work(engine)
        make_due(database)
    await work(engine)
    assert calls == 10
    (dead,) = await engine.dead()
    assert (dead.job, dead.tenant, dead.error, dead.attempt) == ("webhooks", "acme", "ValueError", 10)
    assert dead.reason == "a handler of webhooks failed 10 times"
    (row,) = rows(database)
    assert row["body"] is not None
    is_broken = False
    await engine.retry(dead)
    await work(engine)
    assert seen == ["first a", "second a"]  # the first one was done, and is not called again
    assert await engine.dead() == []
    assert [row["body"] for row in rows(database)] == [None]


async def test_an_invalid_body_is_a_dead_letter_at_once(engine: Engine, database: str) -> None:
    app = engine.webhooks(secrets=secrets)
    assert (await post(app, "acme", b'{"events": 7}')).status_code == 202
    (dead,) = await engine.dead()
    assert (dead.job, dead.tenant, dead.error) == ("webhooks", "acme", "InvalidDelivery")
    assert rows(database, "SELECT * FROM procrastinate_jobs") == []


async def test_a_revoked_token_pauses_the_tenant_and_keeps_its_deliveries(
    engine: Engine, fakes: Fakes, database: str
) -> None:
    seen: list[str] = []

    @engine.on("record.created")
    async def handle(job: Job, event: RecordCreated) -> None:
        await job.attio.identify()
        await job.attio.companies.first()
        seen.append(event.record_id)

    app = engine.webhooks(secrets=secrets)
    fakes["acme"].auth.revoke_token("token-of-acme")
    await post(app, "acme", body_of(event("a")))
    await work(engine)
    (paused,) = [each for each in await engine.tenants.list() if each.is_paused]
    assert paused.tenant == "acme"
    assert (await post(app, "acme", body_of(event("b")))).status_code == 202
    await work(engine)
    assert seen == []
    fakes["acme"].auth.add_token("token-of-acme")
    await engine.tenants.resume("acme")
    await work(engine)
    assert sorted(seen) == ["a", "b"]
    assert all(row["body"] is None for row in rows(database))


async def test_conditions_are_looked_up_in_the_workspace_of_the_tenant(engine: Engine, fakes: Fakes) -> None:
    seen: list[str] = []

    @engine.on(RecordCreated, object="companies", hydrate=True)
    async def handle(job: Job, event: RecordCreated) -> None:
        assert event.record is not None
        seen.append(f"{job.tenant} {event.record['name']}")

    app = engine.webhooks(secrets=secrets)
    for tenant, secret in SECRETS.items():
        fakes[tenant].fill(
            {
                "webhooks": [
                    {
                        "target_url": "https://example.com/hooks",
                        "secret": secret,
                        "subscriptions": [{"event_type": "record.created", "filter": None}],
                    }
                ]
            }
        )
        async with fakes[tenant].client() as attio:
            await attio.companies.create({"name": "Acme"})
            await attio.people.create({"name": "Lovelace, Ada"})
        for message in fakes[tenant].webhooks.queued:
            assert (await post(app, tenant, message.body, key=message.key)).status_code == 202
    await work(engine)
    assert sorted(seen) == ["acme Acme", "globex Acme"]


async def test_bursts_come_together(engine: Engine) -> None:
    bursts: list[int] = []

    @engine.on_burst(RecordUpdated)
    async def handle(job: Job, events: Any) -> None:
        bursts.append(len(events))

    app = engine.webhooks(secrets=secrets)
    for _ in range(4):
        await post(app, "acme", body_of(event("a", "record.updated")))
    await work(engine)
    assert bursts == [4]


async def test_what_is_left_when_a_worker_stops_is_handled_by_the_next_one(engine: Engine) -> None:
    seen: list[str] = []
    began = asyncio.Event()

    @engine.on("record.created")
    async def handle(job: Job, event: RecordCreated) -> None:
        began.set()
        await asyncio.sleep(0.1)
        seen.append(event.record_id)

    app = engine.webhooks(secrets=secrets)
    for number in range(30):
        await post(app, "acme", body_of(event(str(number))))
    working = asyncio.create_task(engine.work(signals=False))
    await asyncio.wait_for(began.wait(), 20)
    engine._worker.stop()
    await asyncio.wait_for(working, 20)
    assert 0 < len(seen) < 30
    await work(engine)
    assert sorted(seen, key=int) == [str(number) for number in range(30)]


async def test_old_keys_are_forgotten(engine: Engine, database: str) -> None:
    app = engine.webhooks(secrets=secrets)
    await post(app, "acme", key="old")
    await work(engine)
    rows(database, "UPDATE attio_engine.deliveries SET handled_at = now() - interval '8 days'")
    await post(app, "acme", key="new")
    await work(engine)
    assert [row["key"] for row in rows(database)] == ["new"]


async def test_mistakes_are_told_when_they_are_made(engine: Engine) -> None:
    @engine.on("record.created", name="mine")
    async def handle(job: Job, event: RecordCreated) -> None: ...

    with pytest.raises(ConfigurationError, match="another handler is named 'mine'"):
        engine.on(name="mine")(handle)
    with pytest.raises(UnknownName):
        engine.on("record.craeted")
    with pytest.raises(ConfigurationError, match="could be any object's"):
        engine.on("record.updated", attribute="stage")(handle)
    with pytest.raises(ConfigurationError, match="must be an async function"):
        engine.on("record.created")(lambda job, event: None)  # type: ignore[arg-type,return-value]
    with pytest.raises(ConfigurationError, match="secrets"):
        engine.webhooks(secrets=lambda tenant: SECRETS[tenant])  # type: ignore[arg-type,return-value]
    with pytest.raises(ConfigurationError, match="max_body"):
        engine.webhooks(secrets=secrets, max_body=0)


async def test_a_sender_that_disconnects_leaves_all_of_a_delivery_or_nothing(
    engine: Engine, database: str
) -> None:
    seen: list[str] = []

    @engine.on("record.created")
    async def handle(job: Job, event: RecordCreated) -> None:
        seen.append(event.record_id)

    app = engine.webhooks(secrets=secrets)
    await post(app, "acme", body_of(event("first")))
    for number in range(60):
        tenant = ("acme", "globex")[number % 2]
        posting = asyncio.create_task(post(app, tenant, body_of(event(str(number))), key=str(number)))
        for _ in range(number):
            await asyncio.sleep(0)
        posting.cancel()
        await asyncio.wait([posting])
    waiting = {row["tenant"] for row in rows(database) if row["handled_at"] is None}
    filed = rows(database, "SELECT tenant FROM attio_engine.runs WHERE state IN ('queued', 'waiting')")
    assert waiting == {row["tenant"] for row in filed} != set()
    stored = len(rows(database))
    assert 1 < stored < 61
    await work(engine)
    assert len(seen) == len(set(seen)) == stored
    assert all(row["handled_at"] is not None for row in rows(database))


async def test_a_superseded_worker_handles_nothing_more(engine: Engine, database: str) -> None:
    seen: list[str] = []

    @engine.on("record.created")
    async def handle(job: Job, event: RecordCreated) -> None:
        seen.append(event.record_id)
        if len(seen) == 1:  # as if another worker had taken the run over
            rows(database, "UPDATE attio_engine.runs SET epoch = epoch + 1")

    app = engine.webhooks(secrets=secrets)
    for number in range(3):
        await post(app, "acme", body_of(event("a"), event(str(number))))  # one after the other
    await asyncio.wait_for(engine.work(wait=False, signals=False), 60)
    assert len(seen) == 2  # the events of one delivery


async def test_a_dead_letter_is_retried_beside_others(engine: Engine, database: str) -> None:
    seen: list[str] = []
    is_broken = True

    @engine.on("record.created")
    async def handle(job: Job, event: RecordCreated) -> None:
        if is_broken:
            raise ValueError
        seen.append(event.record_id)

    app = engine.webhooks(secrets=secrets)
    await post(app, "acme", body_of(event("a")))
    rows(database, "UPDATE attio_engine.deliveries SET attempts = 9")
    await work(engine)
    (dead,) = await engine.dead()
    is_broken = False
    await post(app, "acme", body_of(event("b")))  # its run is queued
    assert (await engine.retry(dead)).state == "superseded"
    await work(engine)
    assert sorted(seen) == ["a", "b"]
    assert await engine.dead() == []


async def test_nothing_is_left_behind_while_a_worker_takes_deliveries_as_they_come(engine: Engine) -> None:
    seen: list[str] = []

    @engine.on("record.created")
    async def handle(job: Job, event: RecordCreated) -> None:
        seen.append(event.record_id)

    app = engine.webhooks(secrets=secrets)
    working = asyncio.create_task(engine.work(signals=False))

    async def send(lane: int) -> None:
        for number in range(40):
            answer = await post(app, ("acme", "globex")[lane % 2], body_of(event(f"{lane} {number}")))
            assert answer.status_code == 202
            await asyncio.sleep(0.002 * lane)

    await asyncio.gather(*map(send, range(5)))
    async with asyncio.timeout(60):
        while len(seen) < 200:  # noqa: ASYNC110 - several handlers add to it
            await asyncio.sleep(0.05)
    engine._worker.stop()
    await asyncio.wait_for(working, 30)
    assert len(set(seen)) == len(seen) == 200


async def test_a_page_whose_database_is_silent_says_so(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from attio_async.engine import _page

    monkeypatch.setattr(_page, "_PATIENCE_S", 0.05)
    monkeypatch.setattr(engine, "overview", lambda: asyncio.sleep(60))
    transport = httpx.ASGITransport(app=engine.status(auth=lambda request: True))
    async with httpx.AsyncClient(transport=transport, base_url="http://example.com") as client:
        answer = await client.get("/")
    assert (answer.status_code, answer.text) == (503, "The state of the engine cannot be read now.\n")


async def test_the_page_needs_to_know_who_may_look(engine: Engine) -> None:
    with pytest.raises(ConfigurationError, match="auth must be a function"):
        engine.status(auth=True)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        engine.status()  # type: ignore[call-arg]
