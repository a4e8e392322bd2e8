"""Merging two records, and waiting until the merge is complete."""

import json

import httpx
import pytest

from attio_async import RecordRef
from attio_async.errors import MergeInProgress, NotFound, OutcomeUnknown
from tests.support import data, error, in_turn, trio_when_full

from .support import DROP, KEEP, NEW, Companies, record

pytestmark = pytest.mark.anyio
anyio_backend = trio_when_full

BUSY = error(404, "invalid_request_error", "merge_in_progress")


async def test_a_merge_returns_the_new_record() -> None:
    http = Companies()
    merged = await http.companies.merge(KEEP, RecordRef("companies", DROP))
    assert merged.id == NEW
    sent = json.loads(http.merges.calls.last.request.content)["data"]
    assert sent == {"primary_record_id": KEEP, "secondary_record_id": DROP}
    assert http.clock.monotonic() == 0


async def test_a_merge_waits_until_the_new_record_can_be_read() -> None:
    http = Companies()
    http.merges.mock(side_effect=in_turn(BUSY, data({"new_record_id": NEW}, 202)))
    http.merged.mock(side_effect=in_turn(BUSY, BUSY, BUSY, data(record(NEW))))
    assert (await http.companies.merge(KEEP, DROP)).id == NEW
    assert http.clock.monotonic() == pytest.approx(0.25 + 0.25 + 0.5 + 1)
    assert http.merges.call_count == 2


async def test_a_merge_need_not_wait() -> None:
    http = Companies()
    http.merges.mock(return_value=data({"new_record_id": NEW}, 202))
    assert await http.companies.merge(KEEP, DROP, wait=False) == RecordRef("companies", NEW)
    assert http.merged.call_count == 0
    http.merges.mock(return_value=BUSY)
    with pytest.raises(MergeInProgress):
        await http.companies.merge(KEEP, DROP, wait=False)
    assert http.clock.monotonic() == 0


async def test_waiting_for_a_merge_ends_after_a_minute() -> None:
    http = Companies()
    http.merged.mock(return_value=BUSY)
    with pytest.raises(MergeInProgress):
        await http.companies.merge(KEEP, DROP)
    assert 50 < http.clock.monotonic() <= 60
    assert http.merged.call_count < 20


async def test_a_merge_whose_response_was_lost_is_not_sent_again() -> None:
    http = Companies()
    http.merges.mock(side_effect=httpx.ReadTimeout("lost"))
    with pytest.raises(OutcomeUnknown):
        await http.companies.merge(KEEP, DROP)
    assert http.merges.call_count == 1


async def test_another_error_is_not_waited_for() -> None:
    http = Companies()
    http.merges.mock(return_value=error(404, "invalid_request_error", "not_found"))
    with pytest.raises(NotFound):
        await http.companies.merge(KEEP, DROP)
    assert http.clock.monotonic() == 0
