"""Paging in every way that the API has, without losing a result."""

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
from tests.support import Scripted, data, error_of, trio_when_full

pytestmark = pytest.mark.anyio
anyio_backend = trio_when_full

ONE = "5f0e3b1c-0000-4000-8000-000000000001"
ADA = RecordRef("people", ONE)


def paged_by_offset(total: int, *, cap: int | None = None, item: Any = None) -> Any:
    """Return a handler that pages by offset, with at most `cap` results in a page."""

    def answer(request: httpx.Request) -> httpx.Response:
        limit, offset = (int(request.url.params[name]) for name in ("limit", "offset"))
        stop = min(total, offset + min(limit, cap or limit))
        return httpx.Response(200, json={"data": [item(n) for n in range(offset, stop)]})

    return answer


def note(number: int) -> dict[str, Any]:
    return {"id": {"workspace_id": "w", "note_id": f"n{number}"}}


async def test_a_short_page_is_the_last() -> None:
    cases = [(0, 1), (49, 1), (50, 2), (120, 3)]
    for total, requests in cases:
        http = Scripted()
        route = http.router.get("/v2/notes").mock(side_effect=paged_by_offset(total, item=note))
        found = [note.id async for note in http.attio.notes.list()]
        assert found == [f"n{number}" for number in range(total)]
        assert (total, route.call_count) == (total, requests)


async def test_an_undocumented_page_size_that_the_server_reduces_loses_nothing() -> None:
    cases = [(0, None, 1), (3, None, 1), (10, None, 2), (250, 100, 4), (1000, 500, 3)]
    for total, cap, requests in cases:
        http = Scripted()
        values = paged_by_offset(total, cap=cap, item=lambda n: {"attribute_type": "number", "value": n})
        route = http.router.get(url__regex=".*/values").mock(side_effect=values)
        found = await http.attio.deals.history(ONE, "value")
        assert [value.native for value in found] == list(range(total))
        assert (total, cap, route.call_count) == (total, cap, requests)


async def test_results_without_an_id_are_not_duplicates_of_each_other() -> None:
    http = Scripted()
    http.router.get("/v2/notes").mock(side_effect=paged_by_offset(70, item=lambda _: {}))
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
        results, cursor = pages[request.url.params.get("cursor")]
        return httpx.Response(200, json={"data": results, "pagination": {"next_cursor": cursor}})

    route = http.router.get("/v2/emails").mock(side_effect=answer)
    found = await http.attio.emails.list(domain="example.com")
    assert [email.subject_line for email in found] == ["1", "2"]
    assert route.call_count == 4


async def test_a_page_without_a_cursor_is_the_last() -> None:
    tails: list[dict[str, Any]] = [
        {},
        {"pagination": None},
        {"pagination": {}},
        {"pagination": {"next_cursor": ""}},
    ]
    for tail in tails:
        http = Scripted()
        route = http.router.get("/v2/meetings").mock(return_value=data([{}], **tail))
        assert len(await http.attio.meetings.list()) == 1
        assert (tail, route.call_count) == (tail, 1)


async def test_a_cursor_that_names_its_own_page_is_an_error() -> None:
    http = Scripted()
    answer = {"data": [{}], "pagination": {"next_cursor": "same"}}
    route = http.router.get("/v2/meetings").mock(return_value=httpx.Response(200, json=answer))
    with pytest.raises(DecodeError, match="its own"):
        await http.attio.meetings.list()
    assert route.call_count == 2


async def test_a_response_that_is_not_a_list_is_a_decode_error() -> None:
    http = Scripted()
    for body in ({"data": {}}, {"data": [1]}, {}, [], {"data": None}):
        http.router.get("/v2/notes").mock(return_value=httpx.Response(200, json=body))
        with pytest.raises(DecodeError):
            await http.attio.notes.list()


async def test_a_response_that_is_not_an_object_is_a_decode_error() -> None:
    http = Scripted()
    for body in ({"data": []}, {"data": "x"}, {}, {"data": None}):
        http.router.get("/v2/notes/n").mock(return_value=httpx.Response(200, json=body))
        with pytest.raises(DecodeError):
            await http.attio.notes.get("n")


def test_the_default_page_is_the_largest() -> None:
    sizes = {
        LIST_NOTES: 50,
        LIST_WEBHOOKS: 100,
        LIST_RECORD_ENTRIES: 1000,
        LIST_TASKS: 500,
        LIST_OBJECTS: None,
    }
    assert {operation: max_page_size(operation) for operation in sizes} == sizes


def test_the_page_size_is_checked_for_each_operation() -> None:
    misfits = []
    for operation in OPERATIONS.values():
        least, most = operation.min_limit or 1, operation.max_limit
        if not most:
            continue
        allowed = [check_page_size(operation, size) for size in (least, most)]
        errors = [str(error_of(check_page_size, operation, size)) for size in (0, -1, least - 1, most + 1)]
        if allowed != [least, most] or any(f"{least} to {most}" not in each for each in errors):
            misfits.append((operation.id, allowed, errors))
    assert misfits == []


def test_an_invalid_page_size_is_rejected_when_it_is_given() -> None:
    attio = Scripted().attio
    for call, size in itertools.product([attio.notes.list, attio.webhooks.list], [0, 101]):
        with pytest.raises(ConfigurationError, match=f"not {size}"):
            call(page_size=size)
