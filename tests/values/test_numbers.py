from decimal import Decimal
from enum import IntEnum
from fractions import Fraction

from attio_async.values import coerce

from .attributes import Attribute, misfits, refused, unsaid


class Stars(IntEnum):
    GOOD = 4


class Printed(float):
    """A float that prints itself in another way, as those of numeric libraries do."""

    def __repr__(self) -> str:
        return f"Printed({float(self)})"


def test_numbers_keep_every_digit() -> None:
    cases = [
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
    for type_ in ("number", "currency"):
        assert misfits(Attribute(type_), cases) == []


def test_numbers_given_as_objects() -> None:
    assert misfits(Attribute("number"), [({"value": 3.1415}, 3.1415)]) == []
    assert misfits(Attribute("rating"), [({"value": 4}, 4)]) == []
    amounts = [
        ({"currency_value": "399.00"}, 399),
        ({"currency_value": "4.99", "currency_code": None}, 4.99),
    ]
    assert misfits(Attribute("currency"), amounts) == []


def test_a_word_is_no_currency() -> None:
    cases = [(word, "is not an amount", "None for no value") for word in ("abc", "TBD", "NaN", "n/a")]
    cases += [(amount, "names a currency", "amount alone") for amount in ("5 EUR", "EUR5", "$5", "5€")]
    assert unsaid(Attribute("currency"), cases) == []


def test_values_that_are_not_plain_numbers_are_refused() -> None:
    cases = [
        (True, "of type bool", "an int"),
        (float("nan"), "not a number", "None"),
        (float("-inf"), "not a number", "None"),
        (Decimal("NaN"), "not a number", "None"),
        (0.12345, "more than 4 decimals", "round"),
        (0.1 + 0.2, "more than 4 decimals", "round"),
        (Decimal("1E-9"), "more than 4 decimals", "round"),
        (Decimal("1E+999999"), "too large", ""),
        (10**5000, "a very large int is too large", ""),
        ("1,234.50", "not a plain number", "separators"),
        ("1.234,50", "not a plain number", "separators"),
        ("1 234", "not a plain number", "separators"),
        ("12e3", "not a plain number", "1234.5"),
        ("٣", "not a plain number", "1234.5"),
        ("1_000", "not a plain number", "1234.5"),
        ("many", "many' is not a", "1234.5"),
        ("", "empty", "None"),
        (Fraction(1, 3), "of type Fraction", "Decimal"),
        ({"amount": 3}, "unknown fields: 'amount'", "value'"),
        ({}, "empty", "value'"),
    ]
    for type_ in ("number", "currency"):
        assert unsaid(Attribute(type_), cases) == []


def test_a_currency_cannot_be_written() -> None:
    values = ["499 USD", "USD 499", "eur12", "$12", "12 €", {"currency_value": 12, "currency_code": "USD"}]
    cases = [(value, "belongs to the attribute", "amount alone") for value in values]
    assert unsaid(Attribute("currency"), cases) == []


def test_a_rating_is_a_whole_number_of_stars() -> None:
    cases = [(0, 0), (5, 5), ("3", 3), (3.0, 3), (Decimal("2.0"), 2)]
    assert misfits(Attribute("rating"), cases) == []
    for value in (-1, 6, 2.5, "10", Decimal("1E+99"), True, "five"):
        assert refused(Attribute("rating"), value).hint


def test_ratings_are_ints() -> None:
    assert type(coerce(Attribute("rating"), 3.0)[0]) is int
