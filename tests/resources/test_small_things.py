"""What the areas do beyond sending one request: helpers, results, and what a change makes the client forget."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from attio_async import RecordRef
from attio_async.errors import DecodeError, NotFound, TokenInactive
from tests.support import Scripted, error

pytestmark = pytest.mark.anyio

ONE, TWO = (f"5f0e3b1c-0000-4000-8000-00000000000{number}" for number in (1, 2))
ADA = RecordRef("people", ONE)


def data(body: Any, **more: Any) -> httpx.Response:
    return httpx.Response(200, json={"data": body, **more})


def note(number: int, created_at: str | None) -> dict[str, Any]:
    return {"id": {"note_id": f"n{number}"}, "created_at": created_at}


async def test_the_newest_notes_come_from_the_last_page() -> None:
    http = Scripted()
    notes = [note(n, f"2026-01-01T00:{n:02}:00Z") for n in range(60)]
    answers = {"0": notes[:50], "50": [*notes[50:], note(99, None)]}
    route = http.router.get("/v2/notes").mock(side_effect=lambda r: data(answers[r.url.params["offset"]]))
    assert [n.id for n in await http.attio.notes.newest(ADA, limit=2)] == ["n59", "n58"]
    assert route.call_count == 2
    everything = await http.attio.notes.newest(ADA)
    assert [n.id for n in everything[-2:]] == ["n0", "n99"]


async def test_notes_of_one_moment_keep_the_order_of_the_api() -> None:
    http = Scripted()
    same = [note(n, "2026-01-01T00:00:00Z") for n in range(3)]
    http.router.get("/v2/notes").mock(return_value=data(same))
    assert [n.id for n in await http.attio.notes.newest(ADA)] == ["n2", "n1", "n0"]


async def test_due_on_a_day_is_a_matter_of_where() -> None:
    http = Scripted()
    deadlines = ["2026-01-31T23:30:00Z", None, "2026-01-31T12:00:00Z", "2026-01-30T23:30:00Z", "nonsense"]
    tasks = [{"id": {"task_id": str(n)}, "deadline_at": d} for n, d in enumerate(deadlines)]
    http.router.get("/v2/tasks").mock(return_value=data(tasks))
    day = dt.date(2026, 1, 31)
    assert [t.id for t in await http.attio.tasks.due_on(day)] == ["2", "0"]
    paris = await http.attio.tasks.due_on(day, tz=ZoneInfo("Europe/Paris"), is_completed=None)
    assert [t.id for t in paris] == ["3", "2"]


async def test_members_by_email() -> None:
    http = Scripted()
    members = [{"email_address": None}, {"email_address": "Ada@Example.com", "first_name": "Ada"}]
    http.router.get("/v2/workspace_members").mock(return_value=data(members))
    ada = await http.attio.workspace_members.by_email(" ada@example.COM")
    assert ada is not None
    assert ada.first_name == "Ada"
    assert await http.attio.workspace_members.by_email("bob@example.com") is None


async def test_a_thread_has_all_its_comments() -> None:
    http = Scripted()

    def answer(request: httpx.Request) -> httpx.Response:
        cursor = request.url.params.get("cursor")
        text, following = {None: ("first", "a"), "a": ("second", "b"), "b": ("third", None)}[cursor]
        thread = {"id": {"thread_id": "t"}, "comments": [{"content_plaintext": text}], "new": 1}
        return data(thread, pagination={"next_cursor": following})

    route = http.router.get("/v2/threads/t").mock(side_effect=answer)
    thread = await http.attio.threads.get("t")
    assert [c.content_plaintext for c in thread.comments] == ["first", "second", "third"]
    assert (thread.id, thread.raw["new"]) == ("t", 1)
    assert route.call_count == 3
    some = await http.attio.threads.comments(thread).collect(limit=2)
    assert [c.content_plaintext for c in some] == ["first", "second"]
    assert route.call_count == 5


async def test_a_transcript_is_read_to_its_end() -> None:
    http = Scripted()

    def answer(request: httpx.Request) -> httpx.Response:
        cursor = request.url.params.get("cursor")
        part = {"transcript": [{"speech": "Hello" if cursor is None else "Bye"}]}
        return data(part, pagination={"next_cursor": "a" if cursor is None else None})

    http.router.get("/v2/meetings/m/call_recordings/r/transcript").mock(side_effect=answer)
    said = [segment.speech async for segment in http.attio.call_recordings.transcript("r", meeting="m")]
    assert said == ["Hello", "Bye"]


async def test_a_recording_that_was_read_knows_its_meeting() -> None:
    http = Scripted()
    recording = {"id": {"meeting_id": "m", "call_recording_id": "r"}, "status": "of tomorrow"}
    http.router.get("/v2/meetings/m/call_recordings").mock(return_value=data([recording]))
    route = http.router.delete("/v2/meetings/m/call_recordings/r").mock(return_value=httpx.Response(204))
    found = await http.attio.call_recordings.list("m").first()
    assert found is not None
    await http.attio.call_recordings.delete(found)
    await http.attio.call_recordings.delete(found.id)
    assert route.call_count == 2


async def test_rows_of_sql() -> None:
    http = Scripted()
    rows = [{"name": "Ada", "count": 3}, {"name": None, "count": 0}]
    http.router.post("/v2/sql").mock(return_value=data({"rows": rows}))
    assert await http.attio.sql("select name, count(*) from people") == rows


async def test_what_was_read_can_be_given_back() -> None:
    http = Scripted()
    subscription = {"event_type": "record.created", "filter": {"$and": []}}
    webhook = {"id": {"webhook_id": "h"}, "target_url": "https://x.com", "subscriptions": [subscription]}
    http.router.get("/v2/webhooks").mock(return_value=data([webhook]))
    route = http.router.patch("/v2/webhooks/h").mock(return_value=data(webhook))
    found = await http.attio.webhooks.list().one()
    await http.attio.webhooks.update(found, subscriptions=found.subscriptions)
    assert route.calls.last.request.read() == (
        b'{"data":{"subscriptions":[{"event_type":"record.created","filter":{"$and":[]}}]}}'
    )


async def test_ids_that_were_read_can_be_put_into_a_body() -> None:
    http = Scripted()
    http.router.get("/v2/notes").mock(return_value=data([note(1, None)]))
    route = http.router.post("/v2/brand/new").mock(return_value=data({}))
    found = await http.attio.notes.list().one()
    await http.attio.request("POST", "/v2/brand/new", json={"note": found.id})
    assert route.calls.last.request.read() == b'{"note":"n1"}'
    with pytest.raises(TypeError, match="object cannot be written"):
        await http.attio.request("POST", "/v2/brand/new", json={"note": object()})


async def test_the_secret_of_a_new_webhook_is_given_once_and_never_shown() -> None:
    http = Scripted()
    http.router.post("/v2/webhooks").mock(return_value=data({"id": {"webhook_id": "h"}, "secret": "s3cret"}))
    created = await http.attio.webhooks.create("https://x.com", ["record.created"])
    assert created.secret == "s3cret"
    assert "s3cret" not in repr(created)


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a.create("Mood", api_slug="mood", type="text"),
        lambda a: a.update("name", title="Full name"),
        lambda a: a.options("mood").create("Good"),
        lambda a: a.options("mood").update("good", title="Better"),
        lambda a: a.statuses("mood").create("Good"),
        lambda a: a.statuses("mood").update("good", title="Better"),
    ],
)
async def test_a_changed_attribute_is_read_again(change: Any) -> None:
    http = Scripted()
    schema = http.router.get("/v2/objects/people/attributes").mock(return_value=data([]))
    http.router.route().mock(return_value=data({}))
    await http.attio.schema("people")
    await http.attio.schema("people")
    assert schema.call_count == 1
    await change(http.attio.attributes("people"))
    await http.attio.schema("people")
    assert schema.call_count == 2


async def test_an_object_without_names_has_empty_ones() -> None:
    http = Scripted()
    http.router.get("/v2/objects").mock(return_value=data([{"api_slug": None}, {}]))
    assert [found.api_slug for found in await http.attio.objects.list()] == ["", ""]


async def test_who_the_token_is() -> None:
    http = Scripted()
    http.router.get("/v2/self").mock(return_value=httpx.Response(200, json={"active": True, "scope": None}))
    me = await http.attio.identify()
    assert me.scopes == ()
    http.router.get("/v2/self").mock(return_value=httpx.Response(200, json={"active": False}))
    with pytest.raises(TokenInactive):
        await http.attio.identify()
    http.router.get("/v2/self").mock(return_value=httpx.Response(200, json=[]))
    with pytest.raises(DecodeError):
        await http.attio.identify()


async def test_gone_is_told() -> None:
    http = Scripted()
    http.router.delete("/v2/tasks/t").mock(return_value=error(404, "invalid_request_error", "not_found"))
    with pytest.raises(NotFound):
        await http.attio.tasks.delete("t")
