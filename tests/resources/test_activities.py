"""Records of activities: rows without a schema."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from attio_async import WriteOptions
from attio_async.errors import CoercionError
from tests.support import Scripted, data

pytestmark = pytest.mark.anyio


async def test_records_of_an_activity_never_use_the_schema_of_an_object() -> None:
    http = Scripted()
    schema = http.router.get("/v2/objects/people/attributes").mock(
        return_value=data([{"api_slug": "size", "type": "number"}])
    )
    writes = http.router.post("/v2/activities/people/records").mock(return_value=data({}))
    await http.attio.schema("people")
    with pytest.raises(CoercionError, match="size"):
        await http.attio.people.create({"size": "large"})
    await http.attio.activities.records("people").create({"size": "large"})
    assert writes.calls.last.request.read() == b'{"data":{"values":{"size":["large"]}}}'
    assert schema.call_count == 1


async def test_the_write_options_of_the_client_hold_for_records_of_activities() -> None:
    naive = datetime(2026, 1, 31, 12)  # noqa: DTZ001 - that is the point
    http = Scripted()
    writes = http.router.post("/v2/activities/visits/records").mock(return_value=data({}))
    with pytest.raises(CoercionError, match="time zone"):
        await http.attio.activities.records("visits").create({"at": naive})
    zone = timezone(timedelta(hours=2))
    zoned = http.attio.with_options(write_options=WriteOptions(assume_tz=zone))
    await zoned.activities.records("visits").create({"at": naive})
    expected = naive.replace(tzinfo=zone).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    assert expected in writes.calls.last.request.read().decode()


def test_records_of_an_activity_have_a_representation() -> None:
    assert repr(Scripted().attio.activities.records("visits")) == "<ActivityRecords of visits>"
