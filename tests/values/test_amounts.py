from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from typing import Any

import pytest

from attio_async.values import coerce


class Stars(IntEnum):
    GOOD = 4


class Printed(float):
    """A float that prints itself in another way, as those of numeric libraries do."""

    def __repr__(self) -> str:
        return f"Printed({float(self)})"


ACCEPTED = [
    (14, 14),
    (3.1415, 3.1415),
    (Printed(0.1), 0.1),
    ("1234.5", 1234.5),
    (" -7 ", -7),
    ("+.5", 0.5),
    ("0", 0),
    (Decimal("499.00"), 499),
    (Decimal("0.1"), 0.1),
    (Decimal("1E+3"), 1000),
    (Decimal("1.50000000"), 1.5),
    (1e22, 10**22),
    (10**20, 10**20),
    (Stars.GOOD, 4),
    # A float cannot hold these, so they go as text.
    (Decimal("12345678901234567.8901"), "12345678901234567.8901"),
    ("-99999999999999.9999", "-99999999999999.9999"),
]


@pytest.mark.parametrize("attribute_type", ["number", "currency"])
@pytest.mark.parametrize(("value", "expected"), ACCEPTED)
def test_numbers_keep_every_digit(
    attribute: Any, attribute_type: str, value: object, expected: object
) -> None:
    found = coerce(attribute(attribute_type), value)
    assert found == [expected]
    assert type(found[0]) is type(expected)


@pytest.mark.parametrize(
    ("attribute_type", "value", "expected"),
    [
        ("number", {"value": 3.1415}, 3.1415),
        ("currency", {"currency_value": "399.00"}, 399),
        ("currency", {"currency_value": "4.99", "currency_code": None}, 4.99),
        ("rating", {"value": 4}, 4),
    ],
)
def test_the_object_forms(attribute: Any, attribute_type: str, value: object, expected: object) -> None:
    assert coerce(attribute(attribute_type), value) == [expected]


@pytest.mark.parametrize(
    ("value", "reason", "hint"),
    [
        (True, "of type bool", "an int"),
        (float("nan"), "not a number", "None"),
        (float("-inf"), "not a number", "None"),
        (Decimal("NaN"), "not a number", "None"),
        (0.12345, "more than 4 decimals", "round"),
        (0.1 + 0.2, "more than 4 decimals", "round"),
        (Decimal("1E-9"), "more than 4 decimals", "round"),
        (Decimal("1E+999999"), "too large", None),
        pytest.param(10**5000, "a very large int is too large", None, id="5001 digits"),
        ("1,234.50", "not a plain number", "separators"),
        ("1.234,50", "not a plain number", "separators"),
        ("1 234", "not a plain number", "separators"),
        ("12e3", "not a plain number", "1234.5"),
        ("٣", "not a plain number", "1234.5"),
        ("1_000", "not a plain number", "1234.5"),
        ("many", "not a plain number", "1234.5"),
        ("", "empty", "None"),
        (Fraction(1, 3), "of type Fraction", "Decimal"),
        ({"amount": 3}, "'amount'", "possible"),
        ({}, "empty", "possible"),
    ],
)
def test_what_is_no_plain_number_is_refused(
    attribute: Any, refused: Any, value: object, reason: str, hint: str | None
) -> None:
    for attribute_type in ("number", "currency"):
        problem = refused(attribute(attribute_type), value)
        assert reason in problem.reason
        assert hint is None or hint in problem.hint


@pytest.mark.parametrize(
    "value",
    ["499 USD", "USD 499", "eur12", "$12", "12 €", {"currency_value": 12, "currency_code": "USD"}],
)
def test_a_currency_cannot_be_written(attribute: Any, refused: Any, value: object) -> None:
    problem = refused(attribute("currency"), value)
    assert "belongs to the attribute" in problem.reason
    assert "amount alone" in problem.hint


@pytest.mark.parametrize(("value", "expected"), [(0, 0), (5, 5), ("3", 3), (3.0, 3), (Decimal("2.0"), 2)])
def test_a_rating_is_a_number_of_stars(attribute: Any, value: object, expected: int) -> None:
    found = coerce(attribute("rating"), value)
    assert found == [expected]
    assert type(found[0]) is int


@pytest.mark.parametrize("value", [-1, 6, 2.5, "10", Decimal("1E+99"), True, "five"])
def test_what_is_no_rating_is_refused(attribute: Any, refused: Any, value: object) -> None:
    assert refused(attribute("rating"), value).hint
