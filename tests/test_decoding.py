"""Decoding only the fields that a reader looks at gives what decoding the whole value gives."""

import json
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from attio_async._records.decode import natives, value_objects
from attio_async.values import UnknownValue
from attio_async.values._read import FORMS, MISFITS

FIELDS = sorted({name for form in FORMS.values() for name in form.fields})
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
    """The JSON of an attribute and the type it should have; now and then the values are of another one."""
    expected = draw(st.sampled_from(sorted(FORMS)))
    said = draw(st.sampled_from([expected, expected, expected, "text", "of-tomorrow", None]))
    names = st.sampled_from([*FORMS[expected].fields, *FORMS[expected].fields, *FIELDS])
    values = draw(st.lists(st.dictionaries(names, JSON, max_size=6), max_size=3))
    whole = [{**STAMPS, **value, "attribute_type": said} for value in values]
    return msgspec.Raw(json.dumps(whole).encode()), expected


@given(attributes())
@example((msgspec.Raw(b"null"), "text"))
@example((msgspec.Raw(b'{"attribute_type": "text", "value": "x"}'), "text"))
@example((msgspec.Raw(b'[{"value": "x"}]'), "text"))
@example((msgspec.Raw(b'[{"attribute_type": "text", "value": "\xff"}]'), "text"))
@example((msgspec.Raw(b'[{"attribute_type": "number", "value": 1e99999999999999999999}]'), "number"))
def test_what_is_expected_makes_no_difference(given: tuple[msgspec.Raw, str]) -> None:
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


@pytest.mark.parametrize("attribute_type", sorted(FORMS))
@pytest.mark.parametrize("filled", [None, "2026-11-22", 3, True, {"title": "x"}])
def test_a_reader_looks_only_at_the_fields_it_names(attribute_type: str, filled: object) -> None:
    form = FORMS[attribute_type]
    value = Watched({**dict.fromkeys(form.fields, filled), "a_field_of_tomorrow": 1})
    with suppress(MISFITS):
        form.read(value)
    assert value.asked <= set(form.fields)


def test_every_field_that_is_named_is_looked_at() -> None:
    for attribute_type, form in FORMS.items():
        value = Watched(dict.fromkeys(form.fields))
        form.read(value)
        assert value.asked == set(form.fields), attribute_type


def test_a_value_that_does_not_fit_keeps_all_that_came_with_it() -> None:
    whole = {**STAMPS, "attribute_type": "number", "value": "many"}
    (value,) = natives(msgspec.Raw(json.dumps([whole]).encode()), "number")
    assert value == UnknownValue("number", whole)


def test_value_objects_are_whole() -> None:
    whole = {**STAMPS, "attribute_type": "text", "value": "x"}
    assert value_objects(msgspec.Raw(json.dumps([whole]).encode())) == [whole]
