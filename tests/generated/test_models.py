"""Generated classes: what is read never fails, what is sent says what is unset."""

import datetime as dt
import importlib
import inspect
import pkgutil

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attio_async_api import models
from attio_async_api.api.records.create_record import build_request as create_record
from attio_async_api.api.tasks.update_task import build_request as update_task
from attio_async_api.models.attribute import Attribute
from attio_async_api.models.create_note import CreateNote
from attio_async_api.models.create_record import CreateRecord
from attio_async_api.models.identity import Identity
from attio_async_api.models.list_ import List
from attio_async_api.models.meeting import Meeting
from attio_async_api.models.task import Task
from attio_async_api.models.update_task import UpdateTask
from attio_async_api.types import UNSET

CLASSES = [
    found
    for info in pkgutil.iter_modules(models.__path__)
    for found in vars(importlib.import_module(f"attio_async_api.models.{info.name}")).values()
    if inspect.isclass(found) and attrs.has(found) and found.__module__.endswith(f".{info.name}")
]
READ = [found for found in CLASSES if hasattr(found, "from_dict")]
SENT = [found for found in CLASSES if hasattr(found, "to_dict")]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def json_name(found, name):
    """The key a field is read from: its name, without the mark that keeps it off Python's own."""
    return name if name == "id" else name.rstrip("_")


def test_there_are_classes_of_both_kinds():
    assert len(READ) > 50
    assert len(SENT) > 20
    assert len(READ) + len(SENT) == len(CLASSES)


@pytest.mark.parametrize("found", READ, ids=lambda found: found.__name__)
def test_nothing_at_all_is_read(found):
    empty = found.from_dict({})
    assert empty.additional_properties == {}
    for field in attrs.fields(found):
        assert getattr(empty, field.name) in (None, [], {})


@pytest.mark.parametrize("found", READ, ids=lambda found: found.__name__)
def test_nulls_are_read(found):
    names = [field.name for field in attrs.fields(found) if field.name != "additional_properties"]
    read = found.from_dict({json_name(found, name): None for name in names})
    assert read.additional_properties == {}


@pytest.mark.parametrize("found", READ, ids=lambda found: found.__name__)
def test_unknown_fields_are_kept(found):
    source = {"brand_new": {"deep": [1]}}
    assert found.from_dict(source).additional_properties == source
    assert source == {"brand_new": {"deep": [1]}}


@given(st.data())
def test_any_json_is_read_and_nothing_is_lost(data):
    found = data.draw(st.sampled_from(READ))
    names = [field.name for field in attrs.fields(found) if field.name != "additional_properties"]
    source = {json_name(found, name): data.draw(JSON) for name in names}
    read = found.from_dict(source)
    for name in names:
        key = json_name(found, name)
        taken = getattr(read, name) is not None and getattr(read, name) != []
        assert taken or key in read.additional_properties or source[key] in (None, [])


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
    assert task.id.task_id == "t"
    assert task.deadline_at == dt.datetime(2026, 1, 1, 15, 0, 0, 123456, tzinfo=dt.UTC)
    assert task.created_at == dt.datetime(2026, 1, 1, 15, tzinfo=dt.UTC)
    assert task.completed_at is None
    assert task.linked_records[0].target_record_id == "r"
    assert task.created_by_actor.type_ == "robot-of-tomorrow"
    assert task.additional_properties == {}


def test_a_moment_nobody_can_read_stays_readable():
    task = Task.from_dict({"created_at": "yesterday", "deadline_at": 5})
    assert task.created_at is None
    assert task.additional_properties == {"created_at": "yesterday", "deadline_at": 5}


def test_nested_drift():
    attribute = Attribute.from_dict(
        {
            "type": "hologram",
            "relationship": None,
            "config": {"currency": {"default_currency_code": "XXX", "display_type": None}, "hologram": {}},
        }
    )
    assert attribute.type_ == "hologram"
    assert attribute.relationship is None
    assert attribute.config.currency.default_currency_code == "XXX"
    assert attribute.config.record_reference is None
    assert attribute.config.additional_properties == {"hologram": {}}
    assert (
        List.from_dict({"workspace_member_access": [{"level": None}]}).workspace_member_access[0].level
        is None
    )


def test_unions_are_one_class():
    assert Identity.from_dict({"active": False}).active is False
    assert Identity.from_dict({"active": True, "workspace_name": "Acme"}).workspace_name == "Acme"
    meeting = Meeting.from_dict(
        {"start": {"date": "2026-01-01"}, "end": {"datetime": "2026-01-02T10:00:00+02:00"}}
    )
    assert meeting.start.date == "2026-01-01"
    assert meeting.start.datetime_ is None
    assert meeting.end.datetime_.utcoffset() == dt.timedelta(hours=2)


def test_unset_is_left_out_and_null_is_sent():
    note = CreateNote(
        parent_object="people", parent_record_id="r", title="T", format_="plaintext", content=""
    )
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
