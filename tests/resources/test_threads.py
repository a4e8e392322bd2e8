"""Threads whose comments come in several pages."""

import httpx
import pytest

from tests.support import Scripted, data

pytestmark = pytest.mark.anyio


async def test_a_thread_has_the_comments_of_all_pages() -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        cursor = request.url.params.get("cursor")
        text, following = {None: ("first", "a"), "a": ("second", "b"), "b": ("third", None)}[cursor]
        thread = {"id": {"thread_id": "t"}, "comments": [{"content_plaintext": text}], "new": 1}
        return data(thread, pagination={"next_cursor": following})

    http = Scripted()
    route = http.router.get("/v2/threads/t").mock(side_effect=respond)
    thread = await http.attio.threads.get("t")
    assert [c.content_plaintext for c in thread.comments] == ["first", "second", "third"]
    assert (thread.id, thread.raw["new"]) == ("t", 1)
    assert route.call_count == 3
    some = await http.attio.threads.comments(thread).collect(limit=2)
    assert [c.content_plaintext for c in some] == ["first", "second"]
    assert route.call_count == 5
