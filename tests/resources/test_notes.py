"""The newest notes on a record."""

from typing import Any

import httpx
import pytest

from attio_async import RecordRef, Ref
from attio_async.errors import CoercionError
from attio_async.testing import FakeAttio
from tests.support import Scripted, data

pytestmark = pytest.mark.anyio

ADA = RecordRef("people", "5f0e3b1c-0000-4000-8000-000000000001")


def note(number: int, created_at: str | None) -> dict[str, Any]:
    return {"id": {"note_id": f"n{number}"}, "created_at": created_at}


async def test_the_newest_notes_come_from_the_last_page() -> None:
    notes = [note(n, f"2026-01-01T00:{n:02}:00Z") for n in range(60)]
    pages = {"0": notes[:50], "50": [*notes[50:], note(99, None)]}

    def respond(request: httpx.Request) -> httpx.Response:
        return data(pages[request.url.params["offset"]])

    http = Scripted()
    route = http.router.get("/v2/notes").mock(side_effect=respond)
    assert [n.id for n in await http.attio.notes.recent(ADA, limit=2)] == ["n59", "n58"]
    assert route.call_count == 2
    everything = await http.attio.notes.recent(ADA)
    assert [n.id for n in everything[-2:]] == ["n0", "n99"]


async def test_a_record_is_given_as_for_a_new_note() -> None:
    fake = FakeAttio()
    async with fake.client() as attio:
        company = await attio.companies.create({"name": "Acme", "domains": "acme.example.com"})
        reference = Ref("companies", domain="acme.example.com")
        await attio.notes.create(reference, title="Call", content="Hello")
        for record in (company, reference, company.web_url):
            (found,) = await attio.notes.recent(record)
            assert found.title == "Call"
        with pytest.raises(CoercionError, match="does not say which object"):
            await attio.notes.recent(company.id)


async def test_notes_of_the_same_time_keep_the_reversed_order_of_the_api() -> None:
    http = Scripted()
    notes = [note(n, "2026-01-01T00:00:00Z") for n in range(3)]
    http.router.get("/v2/notes").mock(return_value=data(notes))
    assert [n.id for n in await http.attio.notes.recent(ADA)] == ["n2", "n1", "n0"]
