"""The score of a query and its limits."""

from typing import Any

import pytest

from attio_async import (
    F,
    QueryTooComplex,
    RateLimited,
    RetryPolicy,
)
from attio_async.testing import (
    FakeAttio,
    Limits,
    ScoreLimits,
    VirtualClock,
)
from attio_async.testing._query_cost import score_of

CHEAP = {"filter": {"name": "Acme"}, "limit": 100}


def limited(clock: VirtualClock, **scores: float) -> FakeAttio:
    return FakeAttio(clock=clock, limits=Limits(scores=ScoreLimits(**scores)))


def test_a_query_without_filter_and_sorts_has_no_score() -> None:
    plain = [None, [], {}, {"limit": 500, "offset": 1000}, {"filter": {}}, {"sorts": []}]
    assert [body for body in plain if score_of(body) != 0] == []


COMPARISONS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"filter": {"a": 1}}, {"filter": {"a": 1, "b": 1}}),
    ({"filter": {"a": 1}}, {"filter": {"$not": {"a": 1}}}),
    ({"filter": {"a": {"$eq": 1}}}, {"filter": {"a": {"$contains": "x"}}}),
    ({"filter": {"$or": [{"a": 1}]}}, {"filter": {"$or": [{"a": 1}, {"a": 2}]}}),
    ({"filter": {"a": {"$in": ["1"]}}}, {"filter": {"a": {"$in": [str(n) for n in range(100)]}}}),
    (
        {"filter": {"path": [["people", "a"]], "constraints": {"value": 1}}},
        {"filter": {"path": [["people", "a"], ["companies", "b"]], "constraints": {"value": 1}}},
    ),
    ({"sorts": [{"attribute": "a"}]}, {"sorts": [{"attribute": "a"}, {"attribute": "b"}]}),
    ({"sorts": [{"attribute": "a"}], "limit": 1}, {"sorts": [{"attribute": "a"}], "limit": 100}),
]


def test_a_more_complex_query_has_a_higher_score() -> None:
    misfits = [pair for pair in COMPARISONS if not 0 < score_of(pair[0]) < score_of(pair[1])]
    assert misfits == []


def test_only_answers_to_queries_have_a_score(api) -> None:
    answer = api.query("people", filter={"name": "x"})
    assert answer.headers["x-attio-record-query-score"] == str(score_of({"filter": {"name": "x"}}))
    assert api.query("people").headers["x-attio-record-query-score"] == "0"
    assert "x-attio-record-query-score" not in api("GET", "/v2/objects").headers


def test_an_invalid_body_has_no_score(fake: FakeAttio) -> None:
    headers = {"authorization": f"Bearer {fake.token}"}
    fake.limits = Limits(scores=ScoreLimits())
    answer = fake.handle("POST", "/v2/objects/people/records/query", headers, b"{")
    assert answer.status == 400
    assert "x-attio-record-query-score" not in answer.headers


def test_a_complex_query_is_refused_forever(api, clock: VirtualClock) -> None:
    call = type(api)(limited(clock, per_query=20))
    for _ in range(3):
        refused = call.query("companies", **CHEAP)
        assert refused.refusal == (429, "rate_limit_exceeded")
        assert "too complex" in refused.json["message"]
        assert "Retry-After" in refused.headers
        clock.advance(60)
    assert call.query("companies").status == 200


def test_scores_add_up_over_ten_seconds_and_all_tokens(api, clock: VirtualClock) -> None:
    cost = score_of(CHEAP)
    fake = limited(clock, per_query=cost, per_window=2 * cost)
    call = type(api)(fake)
    assert call.query("companies", **CHEAP).status == 200
    clock.advance(3.5)
    assert call.query("companies", **CHEAP).status == 200
    fake.auth.add_token("other")
    fake.token = "other"
    refused = call.query("companies", **CHEAP)
    assert refused.status == 429
    assert refused.headers["Retry-After"] == "Thu, 01 Jan 2026 00:00:10 GMT"
    assert call.query("companies").status == 200  # a query without a score passes
    clock.advance(6.5)
    assert [call.query("companies", **CHEAP).status for _ in range(2)] == [200, 429]
    assert call.query("companies", **CHEAP).headers["Retry-After"] == "Thu, 01 Jan 2026 00:00:14 GMT"


def test_a_rate_limited_query_does_not_count(api, clock: VirtualClock) -> None:
    cost = score_of(CHEAP)
    limits = Limits(reads=1, scores=ScoreLimits(per_query=cost, per_window=2 * cost))
    call = type(api)(FakeAttio(clock=clock, limits=limits))
    statuses = []
    for _ in range(3):
        statuses.append([call.query("companies", **CHEAP).status for _ in range(3)])
        clock.advance(1)
    assert statuses == [[200, 429, 429], [200, 429, 429], [429, 429, 429]]


def test_invalid_score_limits_are_refused() -> None:
    for options in ({"per_query": 0}, {"seconds": -1}, {"per_query": 10, "per_window": 9}):
        with pytest.raises(ValueError, match="must"):
            ScoreLimits(**options)


@pytest.mark.anyio
async def test_the_client_gives_up_a_complex_query(clock: VirtualClock) -> None:
    fake = limited(clock, per_query=20)
    async with fake.client() as attio:
        with pytest.raises(QueryTooComplex):
            await attio.companies.query(F.name == "Acme")
        assert await attio.companies.query() == []
    assert len(fake.calls.where(operation="query_records", status=429)) == 3


@pytest.mark.anyio
async def test_the_client_waits_for_the_window(clock: VirtualClock) -> None:
    cost = score_of({"filter": {"name": "Acme"}, "limit": 500})
    fake = limited(clock, per_query=cost, per_window=2 * cost)
    async with fake.client() as attio:
        for _ in range(6):
            await attio.companies.query(F.name == "Acme")
    assert len(fake.calls.where(operation="query_records", status=200)) == 6
    assert 20 <= clock.monotonic() < 40


@pytest.mark.anyio
async def test_a_client_without_retries_raises_the_delay(clock: VirtualClock) -> None:
    cost = score_of({"filter": {"name": "Acme"}, "limit": 500})
    fake = limited(clock, per_query=cost, per_window=cost)
    async with fake.client(retry=RetryPolicy(rate_limit_attempts=1)) as attio:
        await attio.companies.query(F.name == "Acme")
        with pytest.raises(RateLimited) as caught:
            await attio.companies.query(F.name == "Acme")
    assert 8 < caught.value.retry_after <= 12
