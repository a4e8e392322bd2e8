"""Strict reading of JSON."""

import json
import math
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from attio_async._utils.json import UnwritableJson, encode_json, iter_json_array, parse_json


def test_valid_json_is_read() -> None:
    assert parse_json('{"a": [1, 1.5, null]}') == {"a": [1, 1.5, None]}
    assert parse_json("1.10", parse_float=Decimal) == Decimal("1.10")


def test_invalid_json_is_refused() -> None:
    misfits = {}
    for text, reason in {
        "{": "Expecting",
        "[NaN]": "NaN is not a valid JSON value",
        "-Infinity": "-Infinity is not a valid JSON value",
        '{"a": 1, "b": 2, "a": 1}': "the key 'a' is given twice",
        '{"x": {"a": 1, "a": 2}}': "the key 'a' is given twice",
        "[" * 100_000: "recursion",
    }.items():
        try:
            found: object = parse_json(text)
        except (ValueError, RecursionError) as error:
            found = error
        if reason not in str(found):
            misfits[text[:20]] = found
    assert not misfits


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.lists(VALUES, max_size=5), st.integers(1, 20), st.sampled_from([None, 1]))
def test_the_items_of_an_array_are_those_of_the_whole(
    items: list[object], size: int, indent: int | None
) -> None:
    text = json.dumps(items, indent=indent)
    chunks = (text[start : start + size] for start in range(0, len(text), size))
    assert list(iter_json_array(chunks)) == items


@given(st.text('[]{},:"1 \n\\ax', max_size=12), st.integers(1, 4))
def test_an_array_is_refused_where_the_whole_is(text: str, size: int) -> None:
    text = f"[{text}"
    chunks = (text[start : start + size] for start in range(0, len(text), size))
    try:
        whole: object = parse_json(text)
    except ValueError:
        with pytest.raises(ValueError, match=r"."):
            list(iter_json_array(chunks))
    else:
        assert list(iter_json_array(chunks)) == whole


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_does_not_have_are_refused(number: float) -> None:
    for value in (number, {"a": None, "b": [{"c": (1, number)}]}, [None, {2, number}, "x"]):
        with pytest.raises(UnwritableJson, match="which JSON does not have"):
            encode_json(value)
    assert encode_json({"a": None, "b": [1.5, "null"]}) == b'{"a":null,"b":[1.5,"null"]}'
