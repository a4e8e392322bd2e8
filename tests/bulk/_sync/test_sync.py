"""A sync makes owned attributes equal to its source, and deals with what left it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.bulk.support import FlakyTransport, Killed, RivalTransport
from tests.postgres import running_postgres

from attio_async import Attio, F, Outcome, RateLimiter, Record, Ref, Row
from attio_async.bulk import PostgresSyncState, SyncPlan, SyncReport, flag, read_dead_letters
from attio_async.bulk._sync.operation import SyncOperation
from attio_async.bulk._sync.state import SyncState
from attio_async.bulk._write.decisions import Write
from attio_async.bulk._write.payload import Payload
from attio_async.errors import CoercionError, ConfigurationError, UnknownName
from attio_async.testing import FakeAttio, VirtualClock

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """Run most tests on one event loop; what differs between the two is below a sync."""
    return "asyncio"


State = Path | PostgresSyncState


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with running_postgres() as conninfo:
        yield conninfo


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.full)])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> State:
    if request.param == "sqlite":
        return tmp_path / "s.db"
    return PostgresSyncState(request.getfixturevalue("database"), name=request.node.name)


def workspace(**options: Any) -> tuple[FakeAttio, Attio]:
    fake = FakeAttio(clock=VirtualClock(), latency=0.01, **options)
    attio = fake.client(limiter=RateLimiter(reads=5_000, writes=5_000))
    fake.seed.add_attribute("companies", "plan", "text")
    fake.seed.add_attribute("companies", "mrr", "number")
    fake.seed.add_attribute("companies", "stale", "checkbox")
    return fake, attio


def source(count: int, start: int = 0, **more: object) -> list[dict[str, object]]:
    return [
        {"domains": f"c{number}.example.com", "plan": "Pro", "mrr": number, **more}
        for number in range(start, start + count)
    ]


def writes(fake: FakeAttio) -> int:
    return sum(call.method != "GET" and not call.path.endswith("/query") for call in fake.calls)


async def synced(attio: Attio, rows: Any, state: State | None = None, **options: Any) -> SyncReport:
    options = {"missing": "ignore" if state is None else "clear", "max_missing_ratio": 1} | options
    return await attio.companies.sync_to(rows, match="domains", owned=["plan", "mrr"], state=state, **options)


async def found(attio: Attio, number: int) -> Any:
    return await attio.companies.first(F.domains == f"c{number}.example.com")


@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_the_plan_counts_and_lists_and_writes_nothing(tmp_path: Path) -> None:
    fake, attio = workspace()
    await synced(attio, source(12), tmp_path / "s.db")
    rows = [*source(9), {"domains": "c9.example.com", "plan": "Team"}, *source(2, 100)]
    before = writes(fake)
    sync = attio.companies.sync_to(
        rows, match="domains", owned=["plan", "mrr"], missing="clear", state=tmp_path / "s.db",
        max_missing_ratio=0.2,
    )  # fmt: skip
    async with await sync.plan() as plan:
        assert isinstance(plan, SyncPlan)
        assert str(plan) == "sync companies: 2 create, 1 update, 2 clear, 9 equal"
        assert "row c10.example.com: clear plan: Pro -> nothing; mrr: 10 -> nothing" in await plan.table()
        assert {row.action async for row in plan.rows()} == {"create", "update", "clear"}
        as_dict = plan.to_dict()
        assert (as_dict["create"], as_dict["clear"], as_dict["withheld"]) == (2, 2, None)
        assert writes(fake) == before
        report = await plan.apply()
        with pytest.raises(ConfigurationError, match="was applied already"):
            await plan.apply()
    assert (report.created, report.updated, report.cleared, report.unchanged) == (2, 1, 2, 9)
    assert report.total == report.done == 14
    assert (await found(attio, 10))["plan"] is None


async def test_only_owned_attributes_are_written(tmp_path: Path) -> None:
    fake, attio = workspace()
    await attio.companies.create(
        {"domains": ["c0.example.com", "c0.example.org"], "name": "Hand", "plan": "Free", "mrr": 3}
    )
    rows = source(1, name="Source", mrr=None)
    rows[0]["domains"] = ["c0.example.com", "new.example.com"]
    report = await synced(attio, rows, tmp_path / "s.db")
    record = await found(attio, 0)
    assert (record["name"], record["plan"], record["mrr"]) == ("Hand", "Pro", 3)
    assert record["domains"] == ["c0.example.com", "c0.example.org"]
    assert report.notes == {"name is not owned, and left alone": 1}
    assert writes(fake) == 2


@pytest.mark.parametrize("empty", [None, "", "  ", []])
async def test_empty_values_are_left_alone_unless_nulls_are_to_clear(empty: object) -> None:
    _, attio = workspace()
    await synced(attio, source(1))
    await synced(attio, source(1, plan=empty))
    assert (await found(attio, 0))["plan"] == "Pro"
    await synced(attio, [{"domains": "c0.example.com"}], nulls="clear")
    assert (await found(attio, 0))["plan"] == "Pro"  # the row does not name it
    report = await synced(attio, source(1, plan=empty), nulls="clear")
    assert report.updated == 1
    assert (await found(attio, 0))["plan"] is None


async def test_only_what_the_sync_created_is_deleted_and_the_rest_is_cleared(state: State) -> None:
    fake, attio = workspace()
    await attio.companies.create({"domains": "c0.example.com", "name": "Hand", "plan": "Pro"})
    await attio.companies.create({"domains": "other.example.com", "plan": "Pro"})
    await synced(attio, source(3), state, missing="delete")
    report = await synced(attio, source(1, 2), state, missing="delete")
    assert (report.deleted, report.cleared, report.unchanged) == (1, 1, 1)
    assert await found(attio, 1) is None
    record = await found(attio, 0)
    assert (record["name"], record["plan"], record["mrr"]) == ("Hand", None, None)
    other = await attio.companies.first(F.domains == "other.example.com")
    assert other is not None
    assert other["plan"] == "Pro"
    assert len(fake.records("companies")) == 3


async def test_a_record_that_others_made_anew_is_not_deleted(state: State) -> None:
    _, attio = workspace()
    await synced(attio, source(2), state, missing="delete")
    await attio.companies.delete((await found(attio, 0)).id)
    await attio.companies.create({"domains": "c0.example.com", "plan": "Hand"})
    report = await synced(attio, source(1, 1), state, missing="delete")
    assert (report.deleted, report.cleared) == (0, 1)
    assert (await found(attio, 0))["plan"] is None


async def test_a_flag_is_set_and_unset(state: State) -> None:
    _, attio = workspace()
    stale = flag("stale")
    await synced(attio, source(3), state, missing=stale)
    assert (await synced(attio, source(2), state, missing=stale)).flagged == 1
    assert [(await found(attio, n))["stale"] for n in range(3)] == [None, None, True]
    assert (await found(attio, 2))["plan"] == "Pro"
    assert (await synced(attio, source(2), state, missing=stale)).flagged == 0
    assert (await synced(attio, source(3), state, missing=stale)).updated == 1
    assert (await found(attio, 2))["stale"] is False


async def test_records_out_of_the_scope_are_left_alone(state: State) -> None:
    _, attio = workspace()
    await synced(attio, source(4), state)
    await attio.companies.update((await found(attio, 0)).id, {"name": "Keep"})
    report = await synced(attio, source(2, 2), state, scope=~(F.name == "Keep"))
    assert report.cleared == 1
    assert [(await found(attio, n))["plan"] for n in range(2)] == ["Pro", None]
    await attio.companies.update((await found(attio, 0)).id, {"name": "Other"})
    assert (await synced(attio, source(2, 2), state, scope=~(F.name == "Keep"))).cleared == 1


async def test_what_left_the_source_is_kept_clear(state: State) -> None:
    _, attio = workspace()
    await synced(attio, source(3), state)
    await synced(attio, source(2), state)
    await attio.companies.update((await found(attio, 2)).id, {"plan": "Hand", "name": "Hand"})
    report = await synced(attio, source(2), state)
    assert report.cleared == 1
    assert ((await found(attio, 2))["plan"], (await found(attio, 2))["name"]) == (None, "Hand")


async def test_a_source_that_shrank_too_much_writes_nothing(state: State) -> None:
    fake, attio = workspace()
    await synced(attio, source(20), state)
    before = writes(fake)
    for rows in ([], source(17, plan="Team")):
        sync = attio.companies.sync_to(rows, match="domains", owned=["plan"], missing="clear", state=state)
        report = await sync
        assert "20 rows left the source, and max_missing_ratio is 0.1" in str(report.stop_reason)
        assert report.cleared == report.updated == 0
        assert report.pending >= 3
    assert writes(fake) == before
    sync = attio.companies.sync_to(source(18), match="domains", owned=["plan"], missing="clear", state=state)
    assert (await sync).cleared == 2


@pytest.mark.full
async def test_max_deletes_is_on_by_default(state: State) -> None:
    _, attio = workspace()
    await synced(attio, source(120), state, missing="delete")
    report = await synced(attio, source(19), state, missing="delete")
    assert report.stop_reason == "101 records would be deleted, and max_deletes is 100"
    assert report.deleted == 0
    report = await synced(attio, source(19), state, missing="delete", max_deletes=101)
    assert report.deleted == 101


async def test_rows_missing_for_long_count_for_the_guard_when_they_are_to_be_written(state: State) -> None:
    _, attio = workspace()
    await synced(attio, source(20), state, missing="ignore")
    await synced(attio, source(5), state, missing="ignore")
    report = await synced(attio, source(5), state, max_missing_ratio=0.5)
    assert report.stop_reason == "15 of 20 rows left the source, and max_missing_ratio is 0.5"


async def test_a_source_that_raises_applies_nothing(state: State) -> None:
    fake, attio = workspace()
    await synced(attio, source(5), state)
    before = writes(fake)

    def broken() -> Iterator[dict[str, object]]:
        yield from source(3, plan="Team")
        raise OSError("the connection was lost")

    async def broken_too() -> AsyncIterator[dict[str, object]]:
        for row in broken():
            yield row

    for rows in (broken(), broken_too()):
        with pytest.raises(OSError, match="was lost"):
            await synced(attio, rows, state)
    assert writes(fake) == before
    assert (await synced(attio, source(5), state)).unchanged == 5


async def test_a_row_that_fails_keeps_its_record(state: State) -> None:
    _, attio = workspace()
    await synced(attio, source(3), state, missing="delete")
    rows = [*source(1), *source(1, 1, mrr="many")]
    report = await synced(attio, rows, state, missing="delete")
    assert (report.failed, report.deleted, report.unchanged) == (1, 1, 1)
    assert (await found(attio, 1))["mrr"] == 1


@pytest.mark.parametrize("key", [None, "", "not a domain"])
async def test_without_a_valid_key_in_every_row_nothing_is_done_about_what_left(
    key: object, state: State
) -> None:
    _, attio = workspace()
    await synced(attio, source(3), state, missing="delete")
    rows = [*source(2, plan="Team"), {"domains": key, "plan": "Pro"}]
    report = await synced(attio, rows, state, missing="delete")
    assert (report.updated, report.failed, report.deleted) == (2, 1, 0)
    assert "1 row of the source has no valid key" in str(report.withheld)
    assert (await found(attio, 2))["plan"] == "Pro"


async def test_what_changed_since_the_plan_is_reported(state: State) -> None:
    _, attio = workspace()
    await attio.companies.create({"domains": "c1.example.com"})
    await synced(attio, source(8), state, missing="delete")
    sync = attio.companies.sync_to(
        source(3, 5), match="domains", owned=["plan", "mrr"], missing="delete", state=state,
        max_missing_ratio=1,
    )  # fmt: skip
    ids = {number: (await found(attio, number)).id for number in range(5)}
    async with await sync.plan() as plan:
        assert (plan.delete, plan.clear) == (4, 1)
        await attio.companies.update(ids[0], {"name": "Hand"})
        await attio.companies.update(ids[1], {"plan": "Hand"})
        await attio.companies.delete(ids[2])
        await attio.companies.update(ids[3], {"domains": "c5.example.org"}, multiselect="overwrite")
        report = await plan.apply()
    drift = {each.id: each for each in report.drift}
    assert drift.keys() == {ids[0], ids[1], ids[2], ids[3]}
    assert [str(change) for change in drift[ids[0]].changes] == ["name: nothing -> Hand"]
    assert "plan: Pro -> Hand" in str(drift[ids[1]])
    assert "does not exist any more" in str(drift[ids[2]].reason)
    assert "its key is another" in str(drift[ids[3]].reason)
    assert (report.deleted, report.cleared) == (2, 1)
    assert await found(attio, 0) is None
    assert (await found(attio, 1))["plan"] is None


@pytest.mark.parametrize("missing", ["clear", "delete"])
@pytest.mark.parametrize("merge_delay", [0, 5])
async def test_a_record_that_is_merged_at_the_moment_of_its_write_stays_known(
    missing: Any, merge_delay: float, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake, attio = workspace()
    fake.merge_delay = merge_delay
    other = await attio.companies.create({"name": "Other"})
    await synced(attio, source(4), state, missing=missing)
    left = await found(attio, 3)
    send = SyncOperation.write

    async def merge_first(self: SyncOperation, payload: Payload, write: Write) -> Any:
        monkeypatch.setattr(SyncOperation, "write", send)
        await attio.companies.merge(left, other, wait=False)
        return await send(self, payload, write)

    monkeypatch.setattr(SyncOperation, "write", merge_first)
    report = await synced(attio, source(3), state, missing=missing)
    assert (report.deleted, report.cleared, report.failed) == (0, 0, 0)
    assert [each.reason for each in report.drift] == ["left as it is, since it does not exist any more"]
    assert (await found(attio, 3))["plan"] == "Pro"
    report = await synced(attio, source(3), state, missing=missing)
    assert report.cleared == 1
    assert (await found(attio, 3))["plan"] is None


async def test_a_record_that_has_another_key_of_the_source_is_present(state: State) -> None:
    _, attio = workspace()
    await synced(attio, source(2), state, missing="delete")
    await attio.companies.update((await found(attio, 0)).id, {"domains": ["c7.example.com"]})
    report = await synced(attio, [*source(1, 1), *source(1, 7)], state, missing="delete")
    assert (report.deleted, report.updated, report.created) == (0, 1, 0)


async def test_a_record_that_got_the_key_of_another_row_since_the_plan_is_no_duplicate() -> None:
    _, attio = workspace()
    await attio.companies.create({"domains": "c0.example.com", "plan": "Pro", "mrr": 0})
    sync = attio.companies.sync_to(source(2), match="domains", owned=["plan", "mrr"])
    async with await sync.plan() as plan:
        await attio.companies.update(
            (await found(attio, 0)).id, {"domains": "c1.example.com"}, multiselect="overwrite"
        )
        report = await plan.apply()
    assert (report.updated, report.failed) == (1, 0)


async def test_two_rows_about_one_record_do_not_undo_each_other() -> None:
    _, attio = workspace()
    await attio.companies.create({"domains": ["c0.example.com", "c1.example.com"]})
    report = await synced(attio, source(2))
    assert (report.updated, report.failed) == (1, 1)
    assert "belongs to the same record as the row with c0.example.com" in str(report.failures[0].error)
    assert (await synced(attio, source(2))).unchanged == 1


async def test_the_state_is_bound_to_object_and_match(tmp_path: Path) -> None:
    fake, attio = workspace()
    state = tmp_path / "s.db"
    await synced(attio, source(1), state)
    assert state.stat().st_mode & 0o777 == 0o600
    people = attio.people.sync_to(
        [{"email_addresses": "a@example.com"}], match="email_addresses", owned=["job_title"], state=state
    )
    with pytest.raises(ConfigurationError, match="is the state of another sync: the object and match differ"):
        await people
    other, elsewhere = workspace(seed=1)
    with pytest.raises(ConfigurationError, match="the state of another sync"):
        await synced(elsewhere, source(1), state)
    assert not other.records("companies")
    async with await attio.companies.sync_to(source(1), match="domains", owned=["plan"], state=state).plan():
        with pytest.raises(ConfigurationError, match="in use by another process"):
            await synced(attio, source(1), state)
    assert len(fake.records("companies")) == 1


async def test_dead_letters_are_exported(tmp_path: Path) -> None:
    _, attio = workspace()
    rows = [Row({"domains": "c0.example.com", "mrr": "many"}, label="line 2"), *source(1, 1)]
    sync = attio.companies.sync_to(rows, match="domains", owned=["mrr"], state=tmp_path / "s.db")
    async with await sync.plan() as plan:
        report = await plan.apply()
        assert await plan.export_dead_letters(tmp_path / "failed.jsonl") == 1
    assert [letter.label for letter in report.dead_letters] == ["line 2"]
    (row,) = read_dead_letters(tmp_path / "failed.jsonl")
    assert (row.label, row.values) == ("line 2", {"domains": "c0.example.com", "mrr": "many"})


async def test_what_cannot_work_is_rejected_before_anything_is_sent(tmp_path: Path) -> None:
    fake, attio = workspace()
    rows = source(1)
    for missing in ("clear", "delete", flag("stale")):
        with pytest.raises(ConfigurationError, match="needs a state file"):
            attio.companies.sync_to(rows, match="domains", owned=["plan"], missing=missing)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="missing must be one of"):
        attio.companies.sync_to(rows, match="domains", owned=["plan"], missing="drop")  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="max_missing_ratio must be from 0 to 1"):
        attio.companies.sync_to(rows, match="domains", owned=["plan"], max_missing_ratio=10)
    with pytest.raises(ConfigurationError, match="unknown option 'guards'"):
        attio.companies.sync_to(rows, match="domains", owned=["plan"], guards="x")  # type: ignore[call-arg]
    with pytest.raises(ConfigurationError, match="journal must be a PostgresJournal, not 'x'"):
        attio.companies.sync_to(rows, match="domains", owned=["plan"], journal="x")  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="state must be a path or a PostgresSyncState, not 3"):
        attio.companies.sync_to(rows, match="domains", owned=["plan"], state=3)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="owned"):
        attio.companies.sync_to(rows, match="domains", owned="plan")
    for options, error, message in (
        ({"match": "name"}, CoercionError, "is not unique"),
        ({"owned": ["nope"]}, UnknownName, "nope"),
        ({"owned": ["created_at"]}, ConfigurationError, "cannot be written"),
        ({"missing": flag("plan")}, ConfigurationError, "plan is not a checkbox"),
        ({"missing": flag("stale"), "owned": ["stale"]}, ConfigurationError, "stale is owned"),
        ({"missing": "clear", "owned": ["domains"]}, ConfigurationError, "none of the owned attributes"),
    ):
        arguments: dict[str, Any] = {
            "match": "domains",
            "owned": ["plan"],
            "state": tmp_path / "x.db",
        } | options
        with pytest.raises(error, match=message):
            await attio.companies.sync_to(rows, **arguments)
    assert writes(fake) == 0


async def test_the_members_of_a_list_follow_a_query(state: State) -> None:
    fake, attio = workspace()
    fake.seed.add_list("accounts", "Accounts", "companies")
    fake.seed.add_attribute("accounts", "tier", "text")
    await synced(attio, source(6))
    records = {n: await found(attio, n) for n in range(6)}
    by_hand = await attio.entries("accounts").create(records[5])
    await attio.entries("accounts").create(records[0])

    async def follow(minimum: int) -> SyncReport:
        members = [
            {"parent_record": record, "tier": "A"}
            async for record in attio.companies.query((F.mrr >= minimum) & (F.mrr <= 3))
        ]
        return await attio.entries("accounts").sync_to(
            members, owned=["tier"], missing="delete", state=state, max_missing_ratio=1
        )

    report = await follow(0)
    assert (report.created, report.updated) == (3, 1)
    report = await follow(2)
    assert (report.deleted, report.cleared, report.unchanged) == (1, 1, 2)
    entries = {entry.parent_record_id: entry for entry in await attio.entries("accounts").query()}
    assert entries.keys() == {records[n].id for n in (0, 2, 3, 5)}
    assert entries[records[5].id].id == by_hand.id
    assert entries[records[0].id]["tier"] is None
    assert entries[records[2].id]["tier"] == "A"


async def test_parents_may_be_named_by_a_unique_value_in_every_row(state: State) -> None:
    fake, attio = workspace()
    fake.seed.add_list("accounts", "Accounts", "companies")
    fake.seed.add_attribute("accounts", "score", "number")
    await synced(attio, source(3))
    rows = [{"parent_record": Ref("companies", domains=f"c{n}.example.com"), "score": n} for n in range(3)]

    async def follow() -> SyncReport:
        return await attio.entries("accounts").sync_to(
            rows, owned=["score"], missing="delete", state=state, max_missing_ratio=1
        )

    assert (await follow()).created == 3
    rows[:] = [{**rows[0], "score": 5}, {**rows[1], "score": "many"}]
    report = await follow()
    assert (report.updated, report.failed, report.deleted, report.withheld) == (1, 1, 1, None)


@pytest.mark.parametrize("seed", [0, pytest.param(6, marks=pytest.mark.full)])
async def test_lost_responses_change_nothing_about_the_result(seed: int, tmp_path: Path) -> None:
    fake, attio = workspace()
    flaky = FlakyTransport(fake, share=0.35, seed=seed)
    unsteady = fake.client(transport=flaky, limiter=RateLimiter(reads=5_000, writes=5_000))
    await attio.companies.create({"domains": "c0.example.com"})
    outcomes: list[Outcome] = []
    report = await synced(
        unsteady, source(20), tmp_path / "s.db", missing="delete", on_outcome=outcomes.append
    )
    created = {outcome.index for outcome in outcomes if outcome.status == "created"}
    assert report.failed == 0
    assert 10 < len(created) == report.created < 19  # of the others nothing tells who created them
    report = await synced(attio, source(10, 10), tmp_path / "s.db", missing="delete")
    left = set(range(10)) - created
    assert (report.deleted, report.cleared, report.failed) == (10 - len(left), len(left), 0)
    assert flaky.faults > 5
    plans = {record["domains"][0]: record["plan"] for record in await attio.companies.query()}
    assert plans == {f"c{n}.example.com": "Pro" if n >= 10 else None for n in {*left, *range(10, 20)}}


async def test_what_others_created_in_the_same_moment_is_cleared_and_not_deleted(tmp_path: Path) -> None:
    fake, attio = workspace()
    racing = fake.client(transport=RivalTransport(fake), limiter=RateLimiter(reads=5_000, writes=5_000))
    report = await synced(racing, source(4), tmp_path / "s.db", missing="delete")
    assert (report.created, report.updated) == (0, 4)
    report = await synced(attio, source(1), tmp_path / "s.db", missing="delete")
    assert (report.deleted, report.cleared) == (0, 3)
    assert [record["plan"] async for record in attio.companies.scan()] == ["Pro", None, None, None]

    fake.seed.add_list("accounts", "Accounts", "companies")
    companies = await attio.companies.query()

    async def follow(client: Attio, *members: Record) -> SyncReport:
        rows = [{"parent_record": member} for member in members]
        return await client.entries("accounts").sync_to(
            rows, missing="delete", state=tmp_path / "list.db", max_missing_ratio=1
        )

    report = await follow(racing, *companies[:3])
    assert (report.created, report.updated, report.failed) == (0, 3, 0)
    report = await follow(attio, companies[3])
    assert (report.created, report.deleted) == (1, 0)
    report = await follow(attio, companies[0])
    assert (report.created, report.deleted, report.unchanged) == (0, 1, 1)
    parents = [entry.parent_record_id async for entry in attio.entries("accounts").query()]
    assert sorted(parents) == sorted(company.id for company in companies[:3])


class KillingCreates(httpx.AsyncBaseTransport):
    """Ends the process at the first create: before it is carried out, or between that and its response."""

    def __init__(self, fake: FakeAttio, *, carried_out: bool) -> None:
        self._inner = fake.transport()
        self._carried_out = carried_out

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method != "POST" or not request.url.path.endswith("/records"):
            return await self._inner.handle_async_request(request)
        if self._carried_out:
            await self._inner.handle_async_request(request)
        raise Killed


@pytest.mark.parametrize("carried_out", [False, True])
async def test_what_was_in_flight_at_a_kill_is_cleared_and_not_deleted(
    carried_out: Any, state: State
) -> None:
    fake, attio = workspace()
    with pytest.raises(Killed):
        killed = fake.client(transport=KillingCreates(fake, carried_out=carried_out))
        await synced(killed, source(1), state, missing="delete")
    if not carried_out:  # others may create the record at once, or a long time after
        await attio.companies.create({"domains": "c0.example.com", "plan": "Hand"})
    report = await synced(attio, [], state, missing="delete")
    assert (report.deleted, report.cleared) == (0, 1)
    assert (await found(attio, 0))["plan"] is None


async def test_a_row_that_was_equal_at_the_plan_is_compared_again() -> None:
    fake, attio = workspace()
    await synced(attio, source(3))
    sync = attio.companies.sync_to(source(3), match="domains", owned=["plan", "mrr"])
    async with await sync.plan() as plan:
        assert (plan.unchanged, plan.update) == (3, 0)
        assert [row async for row in plan.rows()] == []
        await attio.companies.update((await found(attio, 0)).id, {"plan": "Hand"})
        await attio.companies.delete((await found(attio, 1)).id)
        report = await plan.apply()
    assert (report.created, report.updated, report.unchanged) == (1, 1, 1)
    assert [(await found(attio, n))["plan"] for n in range(3)] == ["Pro"] * 3
    assert len(fake.records("companies")) == 3


async def test_a_sync_that_is_told_to_stop_reads_no_further() -> None:
    _, attio = workspace()
    given = 0

    def rows() -> Iterator[dict[str, object]]:
        nonlocal given
        for row in source(5_000):
            given += 1
            if given == 10:
                sync.stop("enough")
            yield row

    sync = attio.companies.sync_to(rows(), match="domains", owned=["plan"])
    report = await sync
    assert (report.stop_reason, report.created) == ("enough", 0)
    assert given < 1_000


@pytest.mark.full
@pytest.mark.parametrize("carried_out", [False, True])
@pytest.mark.parametrize("step", ["add_source", "add_missing", "start_applying", "take_in"])
async def test_a_sync_that_was_killed_at_its_state_is_continued(
    step: str, carried_out: Any, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, attio = workspace()
    original = getattr(SyncState, step)

    async def dying(self: SyncState, *arguments: Any, **options: Any) -> None:
        if carried_out:
            await original(self, *arguments, **options)
        raise Killed

    await synced(attio, source(5), state, missing="delete")
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(SyncState, step, dying)
        await synced(attio, source(5, 3), state, missing="delete")
    report = await synced(attio, source(5, 3), state, missing="delete")
    assert report.failed == 0
    assert {record["domains"][0] for record in await attio.companies.query()} == {
        f"c{number}.example.com" for number in range(3, 8)
    }
    assert (await synced(attio, source(1, 7), state, missing="delete")).deleted == 4
