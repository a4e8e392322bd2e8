"""Records, pages and schemas cross processes, and are copied."""

import copy
import json
import pickle
from typing import Any

import pytest
from tests.integrations.support import workspace

from attio_async import Entry, F, Record, asc, errors
from attio_async._records.models import decode_many, decode_one

pytestmark = pytest.mark.anyio


def round_trip(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


@pytest.mark.parametrize("again", [round_trip, copy.deepcopy, copy.copy])
async def test_results_are_the_same_again(again: Any) -> None:
    async with workspace() as (attio, person, task):
        record = again(person)
        assert record == person
        assert type(record) is Record
        assert record.to_dict() == person.to_dict()
        assert record["name"] == person["name"]
        assert record.values("name") == person.values("name")
        assert again(task) == task
        assert again(task).raw == task.raw
        assert again(task.id).workspace_id == task.id.workspace_id
        page = await attio.people.query().page()
        assert again(page) == page
        results = await attio.people.query(limit=5)
        assert again(results) == results
        assert again(results).has_more is False
        found = await attio.people.get_many([person.id])
        assert again(found) == found
        schema = await attio.people.schema()
        assert again(schema).to_dict() == schema.to_dict()
        assert again(schema).find("Job title").slug == "job_title"
        report = await attio.people.create_many([{"name": "New"}])
        assert again(report) == report
        me = await attio.identify()
        assert again(me).scopes == me.scopes
        condition = (F.name == "Ada") & ~F.company.domains.contains("example")
        assert again(condition) == condition
        assert repr(again(asc("name"))) == repr(asc("name"))


async def test_errors_are_the_same_again() -> None:
    async with workspace() as (attio, _, _):
        with pytest.raises(errors.NotFound) as caught:
            await attio.people.get("00000000-0000-4000-8000-000000000000")
    again = round_trip(caught.value)
    assert again.to_dict() == caught.value.to_dict()
    assert again.response == caught.value.response


def test_a_record_does_not_take_its_page_along() -> None:
    page = [{"id": {"record_id": str(number)}, "new": "x" * 1_000, "values": {}} for number in range(50)]
    records = decode_many(json.dumps({"data": page}).encode(), Record)
    assert len(pickle.dumps(records[7])) < 2_000
    assert round_trip(records[7]).raw == page[7]


def test_every_digit_and_odd_text_survives() -> None:
    body = b'{"data":[{"id":{"entry_id":"e"},"entry_values":{"a":[{"attribute_type":"currency","currency_value":1.1000},5],"b":[{"x":"\xff"}]}}]}'
    entry = decode_many(body, Entry)[0]
    again = round_trip(entry)
    assert again.encoded("a") == entry.encoded("a")
    assert str(again.first("a")) == str(entry.first("a"))
    assert again.raw == entry.raw
    alone = decode_one(b'{"data":{"id":{"entry_id":"e"}}}', Entry)
    assert round_trip(alone) == alone
