"""Call recordings, which are named by their meeting too, and their transcripts."""

import httpx
import pytest

from tests.support import Scripted, data

pytestmark = pytest.mark.anyio


async def test_a_transcript_has_the_segments_of_all_pages() -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        is_first = request.url.params.get("cursor") is None
        part = {"transcript": [{"speech": "Hello" if is_first else "Bye"}]}
        return data(part, pagination={"next_cursor": "a" if is_first else None})

    http = Scripted()
    http.router.get("/v2/meetings/m/call_recordings/r/transcript").mock(side_effect=respond)
    speech = [segment.speech async for segment in http.attio.call_recordings.transcript("r", meeting="m")]
    assert speech == ["Hello", "Bye"]


async def test_a_returned_recording_includes_its_meeting() -> None:
    http = Scripted()
    recording = {"id": {"meeting_id": "m", "call_recording_id": "r"}, "status": "of tomorrow"}
    http.router.get("/v2/meetings/m/call_recordings").mock(return_value=data([recording]))
    route = http.router.delete("/v2/meetings/m/call_recordings/r").mock(return_value=httpx.Response(204))
    found = await http.attio.call_recordings.list("m").first()
    assert found is not None
    await http.attio.call_recordings.delete(found)
    await http.attio.call_recordings.delete(found.id)
    assert route.call_count == 2
