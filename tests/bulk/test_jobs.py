"""Jobs: what becomes of rows, whatever goes wrong; planned, guarded, with duplicates. Time is virtual."""

from collections import Counter
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from tests.bulk.jobs import (
    Dying,
    Faulty,
    Killed,
    companies,
    quick,
)

from attio_async import (
    Guards,
    MatchOn,
    Outcome,
    OutcomeUnknown,
    Progress,
    RecordRef,
    Row,
    SQLiteJournal,
)
from attio_async.errors import CoercionError, ConfigurationError

pytestmark = pytest.mark.anyio


async def test_what_is_as_it_should_be_is_left_alone() -> None:
    fake, attio = quick()
    rows = list(companies(300, categories=["SaaS"]))
    first = await attio.companies.upsert_many(rows, match="domains")
    assert (first.created, first.total) == (300, 300)
    rows[7]["name"] = "Renamed"
    before = len(fake.calls)
    outcomes: list[Outcome] = []
    again = await attio.companies.upsert_many(rows, match="domains", on_outcome=outcomes.append)
    assert (again.created, again.updated, again.unchanged) == (0, 1, 299)
    assert [outcome.index for outcome in outcomes] == list(range(300))
    assert outcomes[7].record["name"] == "Renamed"
    assert outcomes[8].record["name"] == "Company 8"
    calls = Counter(call.operation_id for call in fake.calls[before:])
    assert calls["assert_record"] == 1
    assert calls["query_records"] <= 10


async def test_create_update_and_delete() -> None:
    fake, attio = quick()
    created = await attio.companies.create_many(companies(30))
    assert (created.created, created.total) == (30, 30)
    found = await attio.companies.query()
    clash = await attio.companies.create_many(companies(3))
    assert (clash.failed, clash.created) == (3, 0)
    rows = [{"record_id": record.id, "description": "changed"} for record in found]
    updated = await attio.companies.update_many(rows)
    assert (updated.updated, updated.total) == (30, 30)
    assert (await attio.companies.update_many(rows)).unchanged == 30
    gone = found[0].id
    deleted = await attio.companies.delete_many([*found[:10], {"record_id": found[10].id}])
    assert (deleted.deleted, deleted.total) == (11, 11)
    missing = await attio.companies.update_many([Row({"name": "x"}, id=gone)])
    assert missing.failed == 1
    assert len(fake.records("companies")) == 19


async def test_entries() -> None:
    fake, attio = quick()
    fake.seed.add_list("sales", parent="companies")
    found = [await attio.companies.create(row) for row in companies(12)]
    sales = attio.entries("sales")
    first = await sales.upsert_many([{"parent_record": record} for record in found])
    assert (first.created, first.total) == (12, 12)
    again = await sales.upsert_many([Row({}, parent=record) for record in found])
    assert again.unchanged == 12
    twice = await sales.create_many([{"parent_record": found[0]}])
    assert twice.created == 1
    entries = await sales.query()
    gone = await sales.delete_many(entries[:5])
    assert gone.deleted == 5
    assert len(await sales.query()) == 8


async def test_a_plan_says_what_would_be_done_and_does_nothing() -> None:
    fake, attio = quick()
    await attio.companies.upsert_many(companies(20), match="domains")
    rows: list[dict[str, Any]] = [
        *companies(10),
        {"domains": "c10.example", "name": "Another"},
        {"domains": "new.example", "name": "New"},
        {"domains": "no domain"},
        {"domains": ["c11.example", "c12.example"], "name": "Two at once"},
    ]
    before = len([call for call in fake.calls if call.method in {"PUT", "PATCH"}])
    async with await attio.companies.upsert_many(rows, match="domains").plan() as plan:
        assert (plan.create, plan.update, plan.unchanged, plan.invalid) == (1, 1, 10, 2)
        planned = [row async for row in plan.rows()]
        assert [row.action for row in planned] == ["update", "create", "invalid", "invalid"]
        assert str(planned[0]) == "row 10: update name: Company 10 -> Another"
        assert "matches 2" in (planned[3].reason or "")
        assert "1 to create, 1 to update, 10 unchanged, 2 invalid" in await plan.table()
        assert len([call for call in fake.calls if call.method in {"PUT", "PATCH"}]) == before
        report = await plan.apply()
    assert (report.created, report.updated, report.unchanged, report.failed) == (1, 1, 10, 2)
    assert len([call for call in fake.calls if call.method == "PUT"]) == before + 2
    assert len(fake.records("companies")) == 21


@pytest.mark.parametrize(
    ("duplicates", "written", "left_out"),
    [("first", ("one", "A"), 2), ("last", ("three", None), 2), ("merge", ("three", "B"), 2)],
)
async def test_rows_with_the_same_key(duplicates: Any, written: tuple[str, str], left_out: int) -> None:
    _, attio = quick()
    rows = [
        {"domains": "a.example", "name": "one", "description": "A"},
        {"domains": "other.example"},
        {"domains": ["a.example", "b.example"], "name": "two", "description": "B"},
        {"domains": "b.example" if duplicates != "first" else "a.example", "name": "three"},
    ]
    outcomes: list[Outcome] = []
    report = await attio.companies.upsert_many(
        rows, match="domains", duplicates=duplicates, on_outcome=outcomes.append
    )
    assert (report.created, report.duplicate, report.failed, report.total) == (2, left_out, 0, 4)
    assert [outcome.index for outcome in outcomes] == [0, 1, 2, 3]
    key = "b.example" if duplicates == "last" else "a.example"
    record = next(r for r in await attio.companies.query() if key in r["domains"])
    assert (record["name"], record["description"]) == written
    if duplicates == "merge":
        assert sorted(record["domains"]) == ["a.example", "b.example"]


async def test_matching_on_what_is_not_unique() -> None:
    fake, attio = quick()
    one = await attio.companies.create({"name": "Twin", "domains": "t1.example"})
    await attio.companies.create({"name": "Twin", "domains": "t2.example"})
    rows = [{"name": "Twin", "description": "x"}, {"name": "Lone", "description": "y"}]
    with pytest.raises(CoercionError, match="not unique"):
        await attio.companies.upsert_many(rows, match="name")
    report = await attio.companies.upsert_many(rows, match=MatchOn("name"))
    assert (report.created, report.failed) == (1, 1)
    assert "matches 2" in str(report.failures[0].error)
    skipped = await attio.companies.upsert_many(rows, match=MatchOn("Name", "skip"))
    assert (skipped.unchanged, skipped.failed) == (2, 0)
    report = await attio.companies.upsert_many(rows, match=MatchOn("name", "first"))
    assert (report.updated, report.unchanged) == (1, 1)
    assert (await attio.companies.get(one.id))["description"] == "x"
    assert len(fake.records("companies")) == 3


@pytest.mark.parametrize("make", [False, True])
async def test_references_to_what_is_not_there(make: Any) -> None:
    _, attio = quick()
    await attio.companies.create({"domains": "there.example"})
    people = [
        {"email_addresses": f"p{n}@mail.test", "company": {"target_object": "companies", "domains": domain}}
        for n, domain in enumerate(["there.example", "new.example", "new.example", "new.example"])
    ]
    report = await attio.people.upsert_many(people, match="email_addresses", create_references=make)
    assert (report.created, report.failed) == ((4, 0) if make else (1, 3))
    domains = [r["domains"] for r in await attio.companies.query()]
    assert domains.count(["new.example"]) == (1 if make else 0)
    if make:
        again = await attio.people.upsert_many(people, match="email_addresses")
        assert again.unchanged == 4  # a reference by domain is compared with the record it leads to


async def test_guards() -> None:
    fake, attio = quick()
    await attio.companies.upsert_many(companies(20), match="domains")
    ids = [record.id for record in await attio.companies.query()]
    refused = await attio.companies.delete_many(ids[:6], guards=Guards(max_deletes=5))
    assert (refused.deleted, refused.pending) == (0, 6)
    assert "6 rows would be deleted, and max_deletes is 5" in str(refused.stop_reason)
    assert len(fake.records("companies")) == 20
    changed = list(companies(20, description="new"))
    refused = await attio.companies.upsert_many(
        changed[:3] + list(companies(17, 3)), match="domains", guards=Guards(max_change_ratio=0.1)
    )
    assert "3 of 20" in str(refused.stop_reason)
    assert refused.updated == 0
    done = await attio.companies.upsert_many(
        changed[:2] + list(companies(18, 2)), match="domains", guards=Guards(max_change_ratio=0.1)
    )
    assert (done.updated, done.unchanged, done.stop_reason) == (2, 18, None)
    dry = await attio.companies.delete_many(ids, guards=Guards(dry_run=True))
    assert (dry.deleted, dry.dry_run, len(fake.records("companies"))) == (20, True, 20)
    bad = [{"domains": "not a domain"} for _ in range(5)]
    stopped = await attio.companies.upsert_many(
        [*bad, *companies(5, 100)], match="domains", guards=Guards(max_failures=3)
    )
    assert stopped.stop_reason
    assert stopped.failed > 3
    assert stopped.total <= 10
    with pytest.raises(ConfigurationError, match="max_change_ratio"):
        Guards(max_change_ratio=2)


async def test_progress() -> None:
    _, attio = quick()
    seen: list[Progress] = []
    await attio.companies.upsert_many(list(companies(10)), match="domains", progress=seen.append)
    assert [progress.done for progress in seen] == list(range(1, 11))
    assert seen[-1].total == 10
    assert seen[-1].left == 0
    assert seen[0].left is not None
    assert seen[0].rate > 0
    assert str(seen[-1]).startswith("10 of 10 rows, ")


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_report_adds_up_with_five_percent_of_faults(seed: int) -> None:
    fake, _ = quick()
    transport = Faulty(fake, 0.05, seed)
    attio = fake.client(transport=transport)
    rows = list(companies(250))
    report = await attio.companies.upsert_many(rows, match="domains")
    assert transport.faults > 5
    assert (report.failed, report.total) == (0, 250)
    assert report.created + report.updated == 250
    assert sorted(r["name"] for r in await quick_read(fake)) == sorted(row["name"] for row in rows)
    created = await attio.companies.create_many(companies(100, 1000))
    assert (created.created, created.failed) == (100, 0)
    keyless = await attio.companies.create_many({"name": f"n{n}"} for n in range(100))
    assert keyless.created + keyless.failed == 100
    assert all(isinstance(failure.error, OutcomeUnknown) for failure in keyless.failures)
    assert len(await quick_read(fake)) <= 450


async def quick_read(fake: Any) -> list[Any]:
    return await fake.client().companies.query()


@pytest.mark.parametrize("carried_out", [False, True])
@pytest.mark.parametrize("at", [3, 5, 9, 14, 20, 25])
async def test_killed_at_any_request_it_goes_on_where_it_was(
    at: int, carried_out: Any, tmp_path: Path
) -> None:
    fake, attio = quick()
    rows = list(companies(24))
    outcomes: list[Outcome] = []
    journal = tmp_path / "job.db"
    dying = fake.client(transport=Dying(fake, at, carried_out=carried_out))
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
    assert len(await quick_read(fake)) == 24
    once_more = await attio.companies.upsert_many(rows, match="domains", journal=journal)
    assert (once_more.created, once_more.resumed, once_more.requests <= 2) == (24, 24, True)


@pytest.mark.parametrize("keyed", [True, False])
@pytest.mark.parametrize("carried_out", [False, True])
async def test_a_create_that_was_cut_off_is_settled_or_reported(
    carried_out: Any, keyed: Any, tmp_path: Path
) -> None:
    fake, attio = quick()
    rows = list(companies(10)) if keyed else [{"name": f"n{n}"} for n in range(10)]
    dying = fake.client(transport=Dying(fake, 8, carried_out=carried_out))
    with pytest.raises(Killed):
        await dying.companies.create_many(rows, journal=tmp_path / "job.db", workers=1)
    report = await attio.companies.create_many(rows, journal=tmp_path / "job.db")
    there = await quick_read(fake)
    assert report.total == 10
    if keyed:
        assert (report.created, len(there)) == (10, 10)
    else:
        assert (report.created, report.failed) == (9, 1)
        assert len(there) == (10 if carried_out else 9)
        assert report.dead_letters[0].failure.kind == "OutcomeUnknown"
        assert b'"name"' in report.dead_letters[0].payload


async def test_another_input_or_job_is_noticed(tmp_path: Path) -> None:
    fake, attio = quick()
    journal = tmp_path / "job.db"
    dying = fake.client(transport=Dying(fake, 12, carried_out=True))
    rows = list(companies(10))
    with pytest.raises(Killed):
        await dying.companies.upsert_many(rows, match="domains", journal=journal, workers=1)
    writes = len(fake.calls)
    with pytest.raises(ConfigurationError, match="row 3 of the input has changed"):
        await attio.companies.upsert_many(
            [*rows[:3], {"domains": "x.example"}, *rows[4:]], match="domains", journal=journal
        )
    with pytest.raises(ConfigurationError, match="the input has 4 rows"):
        await attio.companies.upsert_many(rows[:4], match="domains", journal=journal)
    with pytest.raises(ConfigurationError, match="operation was 'upsert' and is 'create'"):
        await attio.companies.create_many(rows, journal=journal)
    assert not [call for call in fake.calls[writes:] if call.operation_id == "assert_record"]
    longer = await attio.companies.upsert_many([*rows, *companies(2, 50)], match="domains", journal=journal)
    assert (longer.created, longer.total) == (12, 12)


async def test_dead_letters_are_repeated_when_what_was_wrong_is_right(tmp_path: Path) -> None:
    fake, attio = quick()
    rows = [{"domains": "a.example", "categories": ["New one"]}, {"domains": "b.example"}]
    async with SQLiteJournal(tmp_path / "job.db") as journal:
        first = await attio.companies.upsert_many(rows, match="domains", journal=journal)
        assert (first.created, first.failed) == (1, 1)
        letter = first.dead_letters[0]
        assert (letter.label, letter.failure.attribute) == (0, "categories")
        fake.seed.add_option("companies", "categories", "New one")
        fresh = fake.client()
        assert await journal.revive() == 1
        again = await fresh.companies.upsert_many(rows, match="domains", journal=journal)
    assert (again.created, again.failed, again.dead_letters) == (2, 0, [])


async def test_an_outage_costs_time_not_rows() -> None:
    fake, _ = quick()
    down = {"until": 200.0}

    class Out(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if 1.0 < fake.clock.monotonic() < down["until"]:
                raise httpx.ConnectError("no network", request=request)
            return await fake.transport().handle_async_request(request)

    attio = fake.client(transport=Out())
    report = await attio.companies.upsert_many(companies(60), match="domains")
    assert (report.created, report.failed) == (60, 0)
    assert report.seconds > 100


async def test_async_sources_and_empty_ones() -> None:
    _, attio = quick()

    async def source() -> Any:
        for row in companies(3):
            await anyio.lowlevel.checkpoint()
            yield row

    report = await attio.companies.upsert_many(source(), match="domains")
    assert (report.created, report.total) == (3, 3)
    assert (await attio.companies.upsert_many([], match="domains")).total == 0


async def test_never_far_ahead_of_the_slowest_row() -> None:
    fake, _ = quick()
    clock, read, most, busy = fake.clock, 0, 0, 0

    def rows() -> Any:
        nonlocal read
        for row in companies(300):
            read += 1
            yield row

    class Slow(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            nonlocal most, busy
            if request.method == "PUT":
                busy += 1
                most = max(most, busy)
                first = b"c0.example" in request.content
                await clock.sleep(20.0 if first else 0.01)
                if first:
                    assert read < 60  # the rows that wait for the first one are bounded
                busy -= 1
            return await fake.transport().handle_async_request(request)

    attio = fake.client(transport=Slow())
    outcomes: list[Outcome] = []
    await attio.companies.upsert_many(
        rows(), match="domains", compare=False, workers=5, on_outcome=outcomes.append
    )
    assert most == 5
    assert [outcome.index for outcome in outcomes] == list(range(300))


@pytest.mark.parametrize("where", ["source", "deliver"])
async def test_a_failure_of_the_caller_is_raised_plainly(where: str) -> None:
    _, attio = quick()

    def fail(place: str) -> None:
        if place == where:
            raise ZeroDivisionError(place)

    def source() -> Any:
        yield from companies(1)
        fail("source")

    with pytest.raises(ZeroDivisionError, match=where):
        await attio.companies.upsert_many(
            source(), match="domains", on_outcome=lambda _: fail("deliver"), workers=3
        )


@pytest.mark.parametrize("verb", ["upsert", "create", "update"])
async def test_lost_answers_are_settled_where_nothing_was_read_before(verb: str) -> None:
    fake, attio = quick()
    rows: list[Any] = list(companies(8))
    if verb == "update":
        await attio.companies.upsert_many(rows, match="domains")
        found = await attio.companies.query()
        rows = [{"record_id": record.id, "categories": ["SaaS"]} for record in found]
    lost = {"left": 30}

    class Losing(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            response = await fake.transport().handle_async_request(request)
            is_write = request.method in {"PUT", "PATCH"} or request.url.path.endswith("/records")
            if is_write and lost["left"]:
                lost["left"] -= 1
                raise httpx.ReadTimeout("lost", request=request)
            return response

    attio = fake.client(transport=Losing())
    if verb == "upsert":
        report = await attio.companies.upsert_many(rows, match="domains", compare=False)
    elif verb == "create":
        report = await attio.companies.create_many(rows)
    else:
        report = await attio.companies.update_many(rows, compare=False)
    assert (report.failed, report.total) == (0, 8), report.failures
    there = await quick_read(fake)
    assert len(there) == 8
    if verb == "update":
        assert [record["categories"] for record in there] == [["SaaS"]] * 8


async def test_a_row_that_names_a_record_of_another_kind_fails_alone() -> None:
    _, attio = quick()
    report = await attio.companies.update_many([Row({"name": "x"}, id=RecordRef("companies", "nope"))])
    assert report.failed == 1
