"""Jobs over many rows: what each operation does with a row, and the options of a job."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import anyio
import pytest
from tests.bulk.support import companies, fast, strict
from tests.support import trio_when_full

from attio_async import (
    F,
    Guards,
    MatchOn,
    Outcome,
    Progress,
    RecordRef,
    Request,
    Row,
)
from attio_async.errors import (
    CoercionError,
    ConfigurationError,
    NotFound,
)

pytestmark = pytest.mark.anyio
anyio_backend = trio_when_full


async def test_unchanged_rows_are_not_written() -> None:
    fake, attio = fast()
    rows = list(companies(300, categories=["SAAS"]))
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
    calls = Counter(call.operation for call in fake.calls[before:])
    assert calls["assert_record"] == 1
    assert calls["query_records"] <= 10


async def test_records_are_created_updated_and_deleted() -> None:
    fake, attio = fast()
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


@pytest.mark.parametrize("merged", [False, True])
async def test_a_record_that_is_gone_since_it_was_compared_gets_all_values_of_its_row(
    *, merged: bool
) -> None:
    _, attio = fast()
    gone = await attio.companies.create({"name": "Company 0", "domains": "c0.example.com"})
    other = await attio.companies.create({"name": "Other"})
    moments: list[str] = []

    async def go_first(request: Request, send: Any) -> Any:
        if request.method == "PUT" and not moments:
            moments.append("now")
            await (attio.companies.merge(other, gone) if merged else attio.companies.delete(gone))
        return await send(request)

    job = attio.with_options(middleware=[go_first]).companies.upsert_many(
        companies(1, description="New"), match="domains"
    )
    report = await job
    assert (moments, report.done, report.failed) == (["now"], 1, 0)
    assert merged or report.created == 1
    found = await attio.companies.first(F.domains == "c0.example.com")
    assert found is not None
    assert (found["name"], found["description"]) == ("Company 0", "New")


async def test_entries_are_written_by_their_parents() -> None:
    fake, attio = fast()
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


async def test_match_on_an_attribute_that_is_not_unique() -> None:
    fake, attio = fast()
    one = await attio.companies.create({"name": "Twin", "domains": "t1.example.com"})
    await attio.companies.create({"name": "Twin", "domains": "t2.example.com"})
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


async def test_missing_references_fail_or_are_created() -> None:
    people = [
        {
            "email_addresses": f"p{n}@mail.example.com",
            "company": {"target_object": "companies", "domains": domain},
        }
        for n, domain in enumerate(
            ["there.example.com", "new.example.com", "new.example.com", "new.example.com"]
        )
    ]
    for create, created, failed in ((False, 1, 3), (True, 4, 0)):
        _, attio = fast()
        await attio.companies.create({"domains": "there.example.com"})
        report = await attio.people.upsert_many(people, match="email_addresses", create_references=create)
        assert (report.created, report.failed) == (created, failed)
        domains = [record["domains"] for record in await attio.companies.query()]
        assert domains.count(["new.example.com"]) == int(create)
    again = await attio.people.upsert_many(people, match="email_addresses")
    assert again.unchanged == 4  # a reference by domain is compared with the record it leads to


async def test_guards_stop_a_job_before_it_does_harm() -> None:
    fake, attio = fast()
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
    assert str(stopped.stop_reason) == "4 rows failed, and max_failures is 3"
    assert stopped.failed > 3
    assert stopped.total <= 10
    first = await attio.companies.upsert_many(bad, match="domains", on_error="stop", workers=1)
    assert "failed, and on_error is 'stop'" in str(first.stop_reason)


async def test_progress_is_reported_after_each_row() -> None:
    _, attio = fast()
    seen: list[Progress] = []
    await attio.companies.upsert_many(list(companies(10)), match="domains", progress=seen.append)
    assert [progress.done for progress in seen] == list(range(1, 11))
    assert seen[-1].total == 10
    assert seen[-1].left == 0
    assert seen[0].left is not None
    assert seen[0].rate > 0
    assert str(seen[-1]).startswith("10 of 10 rows, ")


async def test_rows_may_be_async_or_empty() -> None:
    _, attio = fast()

    async def source() -> Any:
        for row in companies(3):
            await anyio.lowlevel.checkpoint()
            yield row

    report = await attio.companies.upsert_many(source(), match="domains")
    assert (report.created, report.total) == (3, 3)
    assert (await attio.companies.upsert_many([], match="domains")).total == 0


@pytest.mark.parametrize("where", ["source", "deliver"])
async def test_an_error_of_the_caller_is_raised_as_it_is(where: str) -> None:
    _, attio = fast()

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


async def test_a_row_with_an_invalid_id_fails_alone() -> None:
    _, attio = fast()
    report = await attio.companies.update_many([Row({"name": "x"}, id=RecordRef("companies", "nope"))])
    assert report.failed == 1


BAD_ROWS: list[Mapping[str, object]] = [
    {"name": "No domain"},
    {"domains": "spaces in.it"},
    {"domains": "ok.example.com", "nme": "typo"},
    {"domains": "c1.example.com", "name": "the same key as row 1"},
    {"domains": "ok2.example.com", "foundation_date": "yesterday"},
    {"domains": "ok3.example.com", "categories": ["No such option"]},
]


async def test_a_row_that_fails_is_reported_and_the_others_are_written() -> None:
    fake, attio = strict()
    rows = [*companies(20), *BAD_ROWS, {"domains": "after.example.com"}]
    report = await attio.companies.upsert_many(rows, match="domains")
    assert (report.created, report.updated, report.failed, report.total) == (21, 0, 6, 27)
    assert [failure.index for failure in report.failures] == [20, 21, 22, 23, 24, 25]
    assert "row 1 has the same value, and only the first such row is tried" in str(report.failures[3].error)
    assert "name" in str(report.failures[2].error)  # what the unknown slug was probably meant to be
    assert len(fake.records("companies")) == 21


async def test_a_row_with_an_error_is_reported_in_its_place_and_not_sent() -> None:
    _, attio = strict()
    bad = CoercionError.single("name", "text", None, "the line is cut short")
    outcomes: list[Outcome] = []
    rows = [{"domains": "a.example.com"}, Row({}, label="line 3", error=bad), {"domains": "b.example.com"}]
    report = await attio.companies.upsert_many(rows, match="domains", on_outcome=outcomes.append)
    assert [outcome.status for outcome in outcomes] == ["created", "failed", "created"]
    assert outcomes[1].error is bad
    assert (report.created, report.failed) == (2, 1)


async def test_invalid_calls_are_rejected_before_anything_is_written() -> None:
    fake, attio = strict()
    with pytest.raises(CoercionError, match=r"unique attributes: .*domains"):
        await attio.companies.upsert_many(companies(3), match="name")
    with pytest.raises(CoercionError, match="domains"):
        await attio.companies.upsert_many(companies(3), match="domain")
    with pytest.raises(NotFound):
        await attio.records("nothing").upsert_many(companies(3), match="domains")
    with pytest.raises(ConfigurationError):
        await attio.companies.upsert_many(companies(3), match="domains", workers=0)
    with pytest.raises(ConfigurationError):
        await attio.companies.upsert_many(companies(3), match="domains", on_error="ignore")
    assert fake.records("companies") == []


async def test_a_job_says_that_it_was_not_run() -> None:
    _, attio = fast()
    job = attio.companies.upsert_many([], match="domains")
    assert repr(job) == "<upsert companies: not run; await it>"
    await job
    assert repr(job) == "<upsert companies>"
    with pytest.warns(RuntimeWarning, match="delete people was never run; await the job"):
        attio.people.delete_many([])
    with pytest.raises(ConfigurationError):  # which is no job to be run
        attio.people.delete_many([], workers=0)
    plan = await attio.people.create_many([{"name": "Ada"}]).plan()
    await plan.aclose()
    del plan
