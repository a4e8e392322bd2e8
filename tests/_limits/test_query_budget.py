"""The limit on the cost of queries: how it is told from a rate limit, what slows down, and what is given up."""

import math

import anyio
import httpx
import pytest

from attio_async import BucketPaused, Response
from attio_async._limits.limiter import limits_of
from attio_async._limits.query_budget import QueryBudget, scored_object, speaks_of_score
from attio_async.errors import QueryTooComplex, RateLimited
from tests.support import Scripted, in_turn

pytestmark = pytest.mark.anyio

PEOPLE = "/v2/objects/people/records/query"
COMPANIES = "/v2/objects/companies/records/query"
OK = httpx.Response(200, json={"data": []})


def too_costly(http: Scripted) -> httpx.Response:
    refusal = http.refuse("1")
    return httpx.Response(
        429, headers=refusal.headers, json={"code": "rate_limit_exceeded", "message": "Score too high"}
    )


def test_the_cap_on_concurrent_queries_is_halved_and_grows_again() -> None:
    budget = QueryBudget()
    tickets = [budget.take(0.0) for _ in range(40)]
    assert budget.rate_limited(tickets[0], 1.0, 5.0)
    assert budget.stats().max_concurrent == 8
    budget.rate_limited(tickets[1], 1.1, 5.0)  # sent before the cap changed
    assert budget.stats().max_concurrent == 8
    for ticket in tickets[2:]:
        budget.answered(ticket, 2.0)
    assert budget.ready_at(2.0) == 5.0
    running = [budget.take(5.0) for _ in range(8)]
    assert budget.ready_at(5.0) == math.inf
    budget.rate_limited(running[0], 6.0, 7.0)
    assert budget.stats().max_concurrent == 4
    for ticket in running[1:]:
        budget.answered(ticket, 6.0)
    caps = []
    for now in range(7, 200):
        budget.answered(budget.take(now), now)
        caps.append(budget.stats().max_concurrent)
    assert list(dict.fromkeys(caps)) == [*range(4, 16), math.inf]


def test_an_unsent_query_counts_nowhere() -> None:
    budget = QueryBudget()
    budget.unsent(budget.take(1.0))
    assert budget.was_alone(budget.take(1.5))


def test_rate_limited_queries_do_not_count_as_running_beside_another() -> None:
    budget = QueryBudget()
    first, second = budget.take(0.0), budget.take(1.0)
    budget.rate_limited(first, 1.5, 2.0)
    assert budget.was_alone(second)
    third = budget.take(5.0)
    assert not budget.was_alone(third)  # the second query was accepted
    assert budget.was_alone(budget.take(15.1))


def test_a_429_that_speaks_of_scores_is_recognised() -> None:
    cases: list[tuple[dict[str, str], bytes, bool]] = [
        (
            {},
            b'{"code": "rate_limit_exceeded", "message": "Rate limit exceeded, please try again later"}',
            False,
        ),
        ({}, b'{"message": "Query score limit exceeded"}', True),
        ({}, b'{"message": "This query is too Complex"}', True),
        ({"x-attio-record-query-score": "900"}, b"", True),
        ({}, b"", False),
    ]
    misfits = [
        (headers, body)
        for headers, body, expected in cases
        if speaks_of_score(Response(status=429, headers=headers, body=body)) is not expected
    ]
    assert not misfits


def test_a_score_belongs_to_the_object_or_list_in_the_path() -> None:
    assert scored_object("/v2/lists/sales/entries/query") == "sales"
    assert scored_object("/short") == "/short"


async def test_a_query_that_is_rate_limited_alone_is_given_up() -> None:
    http = Scripted()
    route = http.router.post(PEOPLE).mock(return_value=too_costly(http))
    with pytest.raises(QueryTooComplex) as caught:
        await http.attio.request("POST", PEOPLE, json={})
    assert route.call_count == caught.value.attempts == 3
    assert caught.value.status == 429
    assert http.attio.limiter.stats().queries.rate_limited == 3


async def test_a_query_that_is_rate_limited_among_others_uses_all_its_attempts() -> None:
    http = Scripted()
    http.router.post(PEOPLE).mock(return_value=too_costly(http))
    http.router.post(COMPANIES).mock(return_value=OK)

    async def others() -> None:
        while True:
            await http.attio.request("POST", COMPANIES, json={})
            await http.clock.sleep(0.5)

    async with anyio.create_task_group() as group:
        group.start_soon(others)
        await http.clock.sleep(0.1)
        with pytest.raises(RateLimited) as caught:
            await http.attio.request("POST", PEOPLE, json={})
        group.cancel_scope.cancel()
    assert caught.value.attempts == 10


async def test_a_429_for_the_score_pauses_queries_only() -> None:
    events: list[object] = []
    http = Scripted(hooks=[events.append])
    http.router.post(PEOPLE).mock(side_effect=in_turn(too_costly(http), OK))
    http.router.post(COMPANIES).mock(return_value=OK)
    http.router.get("/v2/self").mock(return_value=OK)
    done: dict[str, float] = {}

    async def send(method: str, path: str) -> None:
        await http.attio.request(method, path)
        done[path] = http.clock.monotonic()

    async with anyio.create_task_group() as group:
        group.start_soon(send, "POST", PEOPLE)
        await http.clock.sleep(0.1)
        group.start_soon(send, "POST", COMPANIES)
        group.start_soon(send, "GET", "/v2/self")
    assert done["/v2/self"] == 0.1
    assert done[COMPANIES] >= 1
    assert limits_of(http.attio.limiter).pools["read"].governor.margin == pytest.approx(0.04)
    assert next(event for event in events if isinstance(event, BucketPaused)).bucket == "query"


async def test_429s_for_queries_at_the_full_rate_are_blamed_on_the_rate() -> None:
    http = Scripted()
    answers = [OK] * 90 + [http.refuse("1")] * 6
    http.router.post(PEOPLE).mock(side_effect=in_turn(*answers, OK))
    async with anyio.create_task_group() as group:
        for _ in range(96):
            group.start_soon(http.attio.request, "POST", PEOPLE)
    stats = http.attio.limiter.stats()
    assert stats.queries.rate_limited == 0
    assert (stats.reads.rate_limited, stats.reads.pauses) == (6, 1)


async def test_the_last_score_of_each_object_is_kept() -> None:
    http = Scripted()

    def scored(score: str) -> httpx.Response:
        return httpx.Response(200, headers={"x-attio-record-query-score": score}, json={"data": []})

    http.router.post(PEOPLE).mock(side_effect=in_turn(scored("84"), scored("125")))
    http.router.post(COMPANIES).mock(return_value=scored("odd"))
    for path in (PEOPLE, PEOPLE, COMPANIES):
        await http.attio.request("POST", path)
    assert http.attio.limiter.stats().queries.scores == {"people": 125.0}
