"""Bulk upserts against the strict fake: 25 writes a second, 40 ms away. Time is virtual."""

import weakref
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from attio_async import Attio, Outcome, Row
from attio_async.errors import (
    AuthenticationFailed,
    CoercionError,
    ConfigurationError,
    NotFound,
    PermissionDenied,
)
from attio_async.testing import FakeAttio, FixedResponse, Limits, VirtualClock

pytestmark = pytest.mark.anyio


def strict() -> tuple[FakeAttio, Attio]:
    fake = FakeAttio(clock=VirtualClock(), limits=Limits(reads=100, writes=25, window="fixed"), latency=0.04)
    return fake, fake.client()


def companies(count: int) -> Iterator[dict[str, str]]:
    for number in range(count):
        yield {"name": f"Company {number}", "domains": f"c{number}.example"}


async def test_rows_go_in_at_the_allowed_rate_and_again_without_a_duplicate() -> None:
    fake, attio = strict()
    report = await attio.companies.upsert_many(companies(300), match="domains")
    assert (report.created, report.updated, report.failed, report.rate_limited) == (300, 0, 0, 0)
    assert 300 < report.requests < 320  # what is there is read for many rows at once
    writes = [call.time for call in fake.calls if call.method == "PUT"]
    late = [time for time in writes if time >= writes[0] + 1]
    assert len(late) / (late[-1] - late[0]) >= 0.9 * 25
    again = await attio.companies.upsert_many(companies(300), match="domains", compare=False)
    assert (again.created, again.updated, again.failed, again.rate_limited) == (0, 300, 0, 0)
    assert again.requests == 300
    found = await attio.companies.query()
    assert {(record["name"], *record["domains"]) for record in found} == {
        (row["name"], row["domains"]) for row in companies(300)
    }
    assert len(found) == 300


async def test_outcomes_come_in_the_order_of_the_rows_with_their_labels() -> None:
    _, attio = strict()
    outcomes: list[Outcome] = []
    rows = [Row(row, label=f"line {number}") for number, row in enumerate(companies(60), 2)]
    await attio.companies.upsert_many(rows, match="Domains", on_outcome=outcomes.append)
    assert [outcome.index for outcome in outcomes] == list(range(60))
    assert [outcome.label for outcome in outcomes] == [f"line {number}" for number in range(2, 62)]
    assert [outcome.record["name"] for outcome in outcomes if outcome.record] == [
        f"Company {n}" for n in range(60)
    ]


BAD_ROWS: list[Mapping[str, object]] = [
    {"name": "No domain"},
    {"domains": "spaces in.it"},
    {"domains": "ok.example", "nme": "typo"},
    {"domains": "c1.example", "name": "the same key as row 1"},
    {"domains": "ok2.example", "foundation_date": "yesterday"},
    {"domains": "ok3.example", "categories": ["No such option"]},
]


async def test_a_row_that_fails_is_reported_and_the_others_are_written() -> None:
    fake, attio = strict()
    rows = [*companies(20), *BAD_ROWS, {"domains": "after.example"}]
    report = await attio.companies.upsert_many(rows, match="domains")
    assert (report.created, report.updated, report.failed, report.total) == (21, 0, 6, 27)
    assert [failure.index for failure in report.failures] == [20, 21, 22, 23, 24, 25]
    assert "row 1 has the same value" in str(report.failures[3].error)
    assert "name" in str(report.failures[2].error)  # what the unknown slug was probably meant to be
    assert len(fake.records("companies")) == 21


async def test_a_row_known_to_be_bad_is_reported_in_its_place_and_not_sent() -> None:
    _, attio = strict()
    bad = CoercionError.single("name", "text", None, "the line is cut short")
    outcomes: list[Outcome] = []
    rows = [{"domains": "a.example"}, Row({}, label="line 3", error=bad), {"domains": "b.example"}]
    report = await attio.companies.upsert_many(rows, match="domains", on_outcome=outcomes.append)
    assert [outcome.status for outcome in outcomes] == ["created", "failed", "created"]
    assert outcomes[1].error is bad
    assert (report.created, report.failed) == (2, 1)


async def test_stop_reads_no_further_row_after_the_first_failure() -> None:
    fake, attio = strict()
    read = 0

    def rows() -> Iterator[dict[str, Any]]:
        nonlocal read
        for row in [{"name": "no key"}, *companies(500)]:
            read += 1
            yield row

    report = await attio.companies.upsert_many(rows(), match="domains", on_error="stop", compare=False)
    assert report.stop_reason
    assert report.failed == 1
    assert read < 150
    assert report.done == report.created + 1 == len(fake.records("companies")) + 1
    assert report.total == report.done + report.pending <= read


@pytest.mark.parametrize("status", [401, 403])
async def test_a_token_that_is_refused_stops_the_job(status: int) -> None:
    fake, attio = strict()
    await attio.companies.upsert_many([], match="domains")  # what it wants to know beforehand is known
    body = b'{"type": "auth_error", "code": "unauthorized", "message": "no"}'
    fake.fault(FixedResponse(status, body), times=1000)
    report = await attio.companies.upsert_many(companies(1000), match="domains")
    assert report.stop_reason
    assert isinstance(report.stop_reason, AuthenticationFailed | PermissionDenied)
    assert (report.failed, report.done) == (0, 0)  # the rows are as good as ever
    assert report.pending > 0


async def test_transient_failures_cost_repeats_not_rows() -> None:
    fake, attio = strict()
    await attio.companies.upsert_many([], match="domains")
    fake.fault(FixedResponse(503, b"<html>"), times=3)
    fake.fault(FixedResponse(429, b"{}", headers={"Retry-After": "1"}), times=2)
    report = await attio.companies.upsert_many(companies(50), match="domains", compare=False)
    assert (report.created + report.updated, report.failed) == (50, 0)
    assert (report.requests, report.rate_limited) == (55, 2)
    assert len(fake.records("companies")) == 50


async def test_what_cannot_work_is_said_before_anything_is_written() -> None:
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


async def test_memory_does_not_grow_with_the_rows() -> None:
    _, attio = strict()
    alive: weakref.WeakSet[object] = weakref.WeakSet()
    most = 0

    class Tracked(dict[str, object]):
        """A row that can be watched."""

        __hash__ = object.__hash__

    def rows() -> Iterator[Tracked]:
        nonlocal most
        for row in companies(400):
            tracked = Tracked(row)
            alive.add(tracked)
            most = max(most, len(alive))
            yield tracked

    job = attio.companies.upsert_many(rows(), match="domains", workers=4, on_outcome=alive.add, compare=False)
    await job
    assert most <= 20  # a row is kept as bytes from the moment it is read
