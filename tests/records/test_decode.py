"""Decoding only the fields that a reader looks at gives the same result as decoding the whole value."""

import json
from contextlib import suppress
from typing import Any

import msgspec
from hypothesis import example, given, strategies as st

from attio_async._records.decode import natives, value_objects
from attio_async._records.models import Record, decode_one
from attio_async._records.plain import plain_values, readers_of
from attio_async._schema import Attribute, ObjectSchema
from attio_async.values import UnknownValue
from attio_async.values._read import READERS, UNREADABLE
from attio_async_api.json_data import to_plain

FIELDS = sorted({name for reader in READERS.values() for name in reader.fields})
STAMPS = {
    "active_from": "2026-02-27T07:31:23.193000000Z",
    "active_until": None,
    "created_by_actor": {"id": None},
}
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=9),
    st.sampled_from(["2026-11-22", "2026-11-22T01:02:03.000000004Z", "12.50", "1e999999999", "true"]),
)
JSON = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=2),
    st.fixed_dictionaries({"title": SCALARS, "type": SCALARS, "id": SCALARS}),
)


@st.composite
def attributes(draw: st.DrawFn) -> tuple[msgspec.Raw, str]:
    """Return the JSON of an attribute and the type it should have; now and then the values are of another one."""
    expected = draw(st.sampled_from(sorted(READERS)))
    said = draw(st.sampled_from([expected, expected, expected, "text", "of-tomorrow", None]))
    names = st.sampled_from([*READERS[expected].fields, *READERS[expected].fields, *FIELDS])
    values = draw(st.lists(st.dictionaries(names, JSON, max_size=6), max_size=3))
    whole = [{**STAMPS, **value, "attribute_type": said} for value in values]
    return msgspec.Raw(json.dumps(whole).encode()), expected


MOMENTS = st.sampled_from(
    [
        "2026-02-27T07:31:23.193000000Z",
        "2026-02-27T07:31:23.000000999Z",
        "2026-02-27T07:31:23.1930+01:00",
        "2026-02-27T07:31:23,193000000Z",
        "2026-02-27 07:31:23.193000000Z",
        "2026-W09-5T07:31:23.193000000Z",
        "2026-02-27T24:00:00.000000000Z",
        "2026-02-30T07:31:23.193000000Z",
        "2026-02-27T07:31:23",
        "2026-02-27",
        "2026-W09-5",
    ]
)
TEXTS = st.text(max_size=5)
NUMBERS = st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False))
OWNER = st.fixed_dictionaries({"type": TEXTS, "id": st.none() | TEXTS})
USUAL = {
    "checkbox": {"value": st.booleans()},
    "currency": {"currency_value": NUMBERS | st.sampled_from(["12.50", "NaN", "1e9"])},
    "date": {"value": MOMENTS},
    "interaction": {"interaction_type": st.none() | TEXTS, "interacted_at": MOMENTS, "owner_actor": OWNER},
    "number": {"value": NUMBERS},
    "rating": {"value": NUMBERS},
    "select": {"option": st.fixed_dictionaries({"title": TEXTS})},
    "status": {"status": st.fixed_dictionaries({"title": TEXTS})},
    "timestamp": {"value": MOMENTS},
}
"""What the API sends for each type; texts where nothing is said."""


@st.composite
def usual_attributes(draw: st.DrawFn) -> tuple[msgspec.Raw, str]:
    expected = draw(st.sampled_from(sorted(READERS)))
    parts = USUAL.get(expected) or dict.fromkeys(READERS[expected].fields, TEXTS)
    values = draw(st.lists(st.fixed_dictionaries(parts), max_size=3))
    whole = [{**STAMPS, **value, "attribute_type": expected} for value in values]
    return msgspec.Raw(json.dumps(whole).encode()), expected


@given(attributes() | usual_attributes())
@example((msgspec.Raw(b"null"), "text"))
@example((msgspec.Raw(b'{"attribute_type": "text", "value": "x"}'), "text"))
@example((msgspec.Raw(b'[{"value": "x"}]'), "text"))
@example((msgspec.Raw(b'[{"attribute_type": "text", "value": "\xff"}]'), "text"))
@example((msgspec.Raw(b'[{"attribute_type": "number", "value": 1e99999999999999999999}]'), "number"))
def test_the_expected_type_makes_no_difference(given: tuple[msgspec.Raw, str]) -> None:
    encoded, expected = given
    found, whole = natives(encoded, expected), natives(encoded, None)
    assert found == whole
    assert [*map(type, found)] == [*map(type, whole)]  # 1, 1.0 and true are equal


@given(attributes() | usual_attributes(), st.booleans())
@example((msgspec.Raw(b"{}"), "text"), False)
@example((msgspec.Raw(b'[{"attribute_type": "text", "value": "\xff"}]'), "text"), False)
@example((msgspec.Raw(b'[{"attribute_type": "number", "value": 1e999}]'), "number"), False)
@example((msgspec.Raw(b'[{"attribute_type": "of-tomorrow", "value": 1}]'), "of-tomorrow"), True)
def test_json_data_is_that_of_the_values(given: tuple[msgspec.Raw, str], is_multiselect: bool) -> None:  # noqa: FBT001
    encoded, expected = given
    described = readers_of([Attribute("slug", type=expected, is_multiselect=is_multiselect)])
    values = to_plain(natives(encoded, expected))
    held = values if is_multiselect else values[0] if values else None
    assert exactly(plain_values({"slug": encoded}, described)["slug"]) == exactly(held)
    assert exactly(plain_values({"slug": encoded}, {})["slug"]) == exactly(values)


def exactly(data: object) -> str:
    """Return JSON data as text, in which 1, 1.0 and true are not the same."""
    return json.dumps(data, sort_keys=True)


@given(attributes() | usual_attributes())
def test_a_record_as_text_is_its_json_data(given: tuple[msgspec.Raw, str]) -> None:
    encoded, expected = given
    body = b'{"data":{"id":{"record_id":"r"},"created_at":"2026-02-27T07:31:23.193Z","values":{"slug":%b}}}'
    schema = ObjectSchema("things", [Attribute("slug", type=expected)])
    record = decode_one(body % bytes(encoded), Record, schema)
    assert json.loads(record.to_json()) == record.to_dict(mode="json")


class Watched:
    """Notes which fields it is asked for."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self.fields = fields
        self.asked: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.asked.add(name)
        return self.fields.get(name)


def test_a_reader_looks_only_at_the_fields_it_declares() -> None:
    for attribute_type, reader in READERS.items():
        for filled in (None, "2026-11-22", 3, True, {"title": "x"}):
            value = Watched({**dict.fromkeys(reader.fields, filled), "a_field_of_tomorrow": 1})
            with suppress(UNREADABLE):
                reader.read(value)
            assert value.asked <= set(reader.fields), attribute_type


def test_a_reader_looks_at_every_field_it_declares() -> None:
    for attribute_type, reader in READERS.items():
        value = Watched(dict.fromkeys(reader.fields))
        reader.read(value)
        assert value.asked == set(reader.fields), attribute_type


def test_a_value_in_another_shape_is_kept_whole() -> None:
    whole = {**STAMPS, "attribute_type": "number", "value": "many"}
    (value,) = natives(msgspec.Raw(json.dumps([whole]).encode()), "number")
    assert value == UnknownValue("number", whole)


def test_value_objects_are_whole() -> None:
    whole = {**STAMPS, "attribute_type": "text", "value": "x"}
    assert value_objects(msgspec.Raw(json.dumps([whole]).encode())) == [whole]
