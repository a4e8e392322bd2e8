"""Decoding only the fields that a reader looks at gives the same result as decoding the whole value."""

import json
from contextlib import suppress
from typing import Any

import msgspec
from hypothesis import example, given, strategies as st

from attio_async._records.decode import natives, value_objects
from attio_async.values import UnknownValue
from attio_async.values._read import READERS, UNREADABLE

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


@given(attributes())
@example((msgspec.Raw(b"null"), "text"))
@example((msgspec.Raw(b'{"attribute_type": "text", "value": "x"}'), "text"))
@example((msgspec.Raw(b'[{"value": "x"}]'), "text"))
@example((msgspec.Raw(b'[{"attribute_type": "text", "value": "\xff"}]'), "text"))
@example((msgspec.Raw(b'[{"attribute_type": "number", "value": 1e99999999999999999999}]'), "number"))
def test_the_expected_type_makes_no_difference(given: tuple[msgspec.Raw, str]) -> None:
    encoded, expected = given
    assert natives(encoded, expected) == natives(encoded, None)


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
