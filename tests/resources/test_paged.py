"""Pages: every style the API has, and sizes that never lose a result."""

import itertools
from typing import Any

import httpx
import pytest

from attio_async import RecordRef
from attio_async._workspace.list_page import check_page_size, max_page_size
from attio_async.errors import ConfigurationError, DecodeError
from attio_async_api.operations import (
    LIST_NOTES,
    LIST_OBJECTS,
    LIST_RECORD_ENTRIES,
    LIST_TASKS,
    LIST_WEBHOOKS,
    OPERATIONS,
)
from tests.support import Scripted

pytestmark = pytest.mark.anyio

ONE = "5f0e3b1c-0000-4000-8000-000000000001"
ADA = RecordRef("people", ONE)


def counted(total: int, *, cap: int | None = None, item: Any = None) -> Any:
    """A server that counts results off, and gives at most `cap` of them whatever it is asked for."""

    def answer(request: httpx.Request) -> httpx.Response:
        limit, offset = (int(request.url.params[name]) for name in ("limit", "offset"))
        stop = min(total, offset + min(limit, cap or limit))
        return httpx.Response(200, json={"data": [item(n) for n in range(offset, stop)]})

    return answer


def note(number: int) -> dict[str, Any]:
    return {"id": {"workspace_id": "w", "note_id": f"n{number}"}}


@pytest.mark.parametrize(("total", "requests"), [(0, 1), (49, 1), (50, 2), (120, 3)])
async def test_counted_pages(total: int, requests: int) -> None:
    http = Scripted()
    route = http.router.get("/v2/notes").mock(side_effect=counted(total, item=note))
    found = [note.id async for note in http.attio.notes.list()]
    assert found == [f"n{number}" for number in range(total)]
    assert route.call_count == requests


@pytest.mark.parametrize(
    ("total", "cap", "requests"), [(0, None, 1), (3, None, 1), (10, None, 2), (250, 100, 4), (1000, 500, 3)]
)
async def test_where_no_page_size_is_documented_a_server_that_cuts_pages_short_loses_nothing(
    total: int, cap: int | None, requests: int
) -> None:
    http = Scripted()
    values = counted(total, cap=cap, item=lambda n: {"attribute_type": "number", "value": n})
    route = http.router.get(url__regex=".*/values").mock(side_effect=values)
    found = await http.attio.deals.history(ONE, "value")
    assert [value.native for value in found] == list(range(total))
    assert route.call_count == requests


async def test_results_without_an_id_are_never_taken_for_one_another() -> None:
    http = Scripted()
    http.router.get("/v2/notes").mock(side_effect=counted(70, item=lambda _: {}))
    assert len(await http.attio.notes.list()) == 70


async def test_a_cursor_is_followed_through_empty_pages() -> None:
    http = Scripted()
    pages = {
        None: ([], "a"),
        "a": ([{"subject_line": "1"}], "b"),
        "b": ([], "c"),
        "c": ([{"subject_line": "2"}], None),
    }

    def answer(request: httpx.Request) -> httpx.Response:
        data, cursor = pages[request.url.params.get("cursor")]
        return httpx.Response(200, json={"data": data, "pagination": {"next_cursor": cursor}})

    route = http.router.get("/v2/emails").mock(side_effect=answer)
    found = await http.attio.emails.list(domain="acme.com")
    assert [email.subject_line for email in found] == ["1", "2"]
    assert route.call_count == 4


@pytest.mark.parametrize(
    "tail", [{}, {"pagination": None}, {"pagination": {}}, {"pagination": {"next_cursor": ""}}]
)
async def test_a_missing_cursor_is_the_end(tail: dict[str, Any]) -> None:
    http = Scripted()
    route = http.router.get("/v2/meetings").mock(
        return_value=httpx.Response(200, json={"data": [{}], **tail})
    )
    assert len(await http.attio.meetings.list()) == 1
    assert route.call_count == 1


async def test_a_cursor_that_leads_nowhere_ends() -> None:
    http = Scripted()
    answer = {"data": [{}], "pagination": {"next_cursor": "same"}}
    route = http.router.get("/v2/meetings").mock(return_value=httpx.Response(200, json=answer))
    with pytest.raises(DecodeError, match="its own"):
        await http.attio.meetings.list()
    assert route.call_count == 2


@pytest.mark.parametrize("body", [{"data": {}}, {"data": [1]}, {}, [], {"data": None}])
async def test_what_is_no_list_is_told_so(body: Any) -> None:
    http = Scripted()
    http.router.get("/v2/notes").mock(return_value=httpx.Response(200, json=body))
    with pytest.raises(DecodeError):
        await http.attio.notes.list()


@pytest.mark.parametrize("body", [{"data": []}, {"data": "x"}, {}, {"data": None}])
async def test_what_is_no_object_is_told_so(body: Any) -> None:
    http = Scripted()
    http.router.get("/v2/notes/n").mock(return_value=httpx.Response(200, json=body))
    with pytest.raises(DecodeError):
        await http.attio.notes.get("n")


@pytest.mark.parametrize(
    ("operation", "size"),
    [
        (LIST_NOTES, 50),
        (LIST_WEBHOOKS, 100),
        (LIST_RECORD_ENTRIES, 1000),
        (LIST_TASKS, 500),
        (LIST_OBJECTS, None),
    ],
    ids=lambda case: getattr(case, "id", case),
)
def test_the_largest_page_is_asked_for(operation: Any, size: int | None) -> None:
    assert max_page_size(operation) == size


@pytest.mark.parametrize("operation", [o for o in OPERATIONS.values() if o.max_limit], ids=lambda o: o.id)
def test_sizes_that_the_endpoint_refuses_are_not_sent(operation: Any) -> None:
    least = operation.min_limit or 1
    assert check_page_size(operation, least) == least
    assert check_page_size(operation, operation.max_limit) == operation.max_limit
    for wrong in (0, -1, least - 1, operation.max_limit + 1):
        with pytest.raises(ConfigurationError, match=f"{least} to {operation.max_limit}"):
            check_page_size(operation, wrong)


async def test_a_wrong_size_is_refused_where_it_is_given() -> None:
    http = Scripted()
    for call, limit in itertools.product([http.attio.notes.list, http.attio.webhooks.list], [0, 101]):
        with pytest.raises(ConfigurationError):
            call(page_size=limit)
