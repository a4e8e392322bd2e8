"""Generated classes: what is read never fails, what is sent says what is unset."""

import datetime as dt
import importlib
import inspect
import json
import pickle
import pkgutil

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attio_async_api import models
from attio_async_api.api.records.create_record import build_request as create_record
from attio_async_api.api.tasks.update_task import build_request as update_task
from attio_async_api.json_data import JsonData
from attio_async_api.models.attribute_description import AttributeDescription
from attio_async_api.models.create_note import CreateNote
from attio_async_api.models.create_record import CreateRecord
from attio_async_api.models.created_webhook import CreatedWebhook
from attio_async_api.models.token_description import TokenDescription
from attio_async_api.models.list_ import List
from attio_async_api.models.meeting import Meeting
from attio_async_api.models.task import Task
from attio_async_api.models.update_task import UpdateTask
from attio_async_api.types import UNSET, CompositeId

CLASSES = [
    found
    for info in pkgutil.iter_modules(models.__path__)
    for found in vars(importlib.import_module(f"attio_async_api.models.{info.name}")).values()
    if inspect.isclass(found) and attrs.has(found) and found.__module__.endswith(f".{info.name}")
]
READ = [found for found in CLASSES if hasattr(found, "from_dict")]
IDS = [
    found
    for info in pkgutil.iter_modules(models.__path__)
    for found in vars(importlib.import_module(f"attio_async_api.models.{info.name}")).values()
    if inspect.isclass(found)
    and issubclass(found, CompositeId)
    and found.__module__.endswith(f".{info.name}")
]
SENT = [found for found in CLASSES if not issubclass(found, JsonData) and not issubclass(found, str)]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def names_of(found):
    """Return the fields that a class reads."""
    return [field.name for field in attrs.fields(found) if field.name != "raw"]


def test_there_are_classes_of_both_kinds():
    assert len(READ) > 40
    assert len(SENT) > 20
    assert len(IDS) > 15
    assert len(READ) + len(SENT) == len(CLASSES)


def test_nothing_at_all_is_read():
    misfits = {}
    for found in READ:
        empty = found.from_dict({})
        if not all(getattr(empty, field.name) in (None, [], {}) for field in attrs.fields(found)):
            misfits[found.__name__] = empty
    assert misfits == {}


def test_nulls_are_read():
    misfits = {}
    for found in READ:
        read = found.from_dict(dict.fromkeys(names_of(found)))
        if not all(getattr(read, name) in (None, []) for name in names_of(found)):
            misfits[found.__name__] = read
    assert misfits == {}


@given(st.data())
def test_any_json_is_read_and_nothing_is_lost(data):
    found = data.draw(st.sampled_from(READ))
    source = {name: data.draw(JSON) for name in [*names_of(found), "brand_new"]}
    read = found.from_dict(source)
    assert read.raw == source
    assert " raw=" not in repr(read)
    assert "(raw=" not in repr(read)


@pytest.mark.parametrize("found", IDS, ids=lambda found: found.__name__)
def test_an_id_is_text_and_knows_its_parts(found):
    parts = [name for name, member in vars(found).items() if isinstance(member, property)]
    assert found.own in parts
    assert "workspace_id" in parts
    whole = found.from_dict({name: f"the {name}" for name in parts})
    assert whole == f"the {found.own}"
    assert json.loads(json.dumps(whole)) == whole
    assert {whole: 1}[f"the {found.own}"] == 1
    again = pickle.loads(pickle.dumps(whole))
    assert [getattr(again, name) for name in parts] == [f"the {name}" for name in parts]
    nothing = found.from_dict({"brand_new": 1})
    assert nothing == ""
    assert {getattr(nothing, name) for name in parts} == {""}
    assert nothing.raw == {"brand_new": 1}


def test_a_secret_is_not_shown():
    webhook = CreatedWebhook.from_dict({"secret": "s3cret", "target_url": "https://example.com"})
    assert webhook.secret == "s3cret"
    assert "s3cret" not in repr(webhook)
    assert "example.com" in repr(webhook)


def test_a_task_as_it_comes():
    task = Task.from_dict(
        {
            "id": {"workspace_id": "w", "task_id": "t"},
            "content_plaintext": "Call",
            "deadline_at": "2026-01-01T15:00:00.123456789Z",
            "is_completed": False,
            "linked_records": [{"target_object_id": "people", "target_record_id": "r"}],
            "assignees": [],
            "created_by_actor": {"type": "robot-of-tomorrow", "id": None},
            "created_at": "2026-01-01T15:00:00",
        }
    )
    assert task.id == task.id.task_id == "t"
    assert task.id.workspace_id == "w"
    assert task.deadline_at == dt.datetime(2026, 1, 1, 15, 0, 0, 123456, tzinfo=dt.UTC)
    assert task.created_at == dt.datetime(2026, 1, 1, 15, tzinfo=dt.UTC)
    assert task.completed_at is None
    assert task.linked_records[0].target_record_id == "r"
    assert task.created_by_actor.type == "robot-of-tomorrow"


def test_a_moment_nobody_can_read_stays_readable():
    task = Task.from_dict({"created_at": "yesterday", "deadline_at": 5})
    assert task.created_at is None
    assert task.raw == {"created_at": "yesterday", "deadline_at": 5}


def test_nested_drift():
    attribute = AttributeDescription.from_dict(
        {
            "type": "hologram",
            "relationship": None,
            "config": {"currency": {"default_currency_code": "XXX", "display_type": None}, "hologram": {}},
        }
    )
    assert attribute.type == "hologram"
    assert attribute.relationship is None
    assert attribute.config.currency.default_currency_code == "XXX"
    assert attribute.config.record_reference is None
    assert attribute.config.raw["hologram"] == {}
    assert (
        List.from_dict({"workspace_member_access": [{"level": None}]}).workspace_member_access[0].level
        is None
    )


def test_unions_are_one_class():
    assert TokenDescription.from_dict({"active": False}).active is False
    assert TokenDescription.from_dict({"active": True, "workspace_name": "Acme"}).workspace_name == "Acme"
    meeting = Meeting.from_dict(
        {"start": {"date": "2026-01-01"}, "end": {"datetime": "2026-01-02T10:00:00+02:00"}}
    )
    assert meeting.start.date == "2026-01-01"
    assert meeting.start.datetime is None
    assert meeting.end.datetime.utcoffset() == dt.timedelta(hours=2)


def test_unset_is_left_out_and_null_is_sent():
    note = CreateNote(parent_object="people", parent_record_id="r", title="T", format="plaintext", content="")
    assert note.to_dict() == {
        "parent_object": "people",
        "parent_record_id": "r",
        "title": "T",
        "format": "plaintext",
        "content": "",
    }
    assert update_task("t", body=UpdateTask(deadline_at=None))["json"] == {"data": {"deadline_at": None}}
    assert not UNSET
    assert repr(UNSET) == "UNSET"


def test_a_body_may_be_a_class_or_ready_json():
    values = {"name": [{"value": "Acme"}]}
    ready = create_record("companies", body={"values": values})
    assert ready == create_record("companies", body=CreateRecord(values=values))
    assert ready["json"]["data"]["values"] is values
