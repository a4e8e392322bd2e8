"""Strict reading of JSON."""

from decimal import Decimal

from attio_async._utils.json import parse_json


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
