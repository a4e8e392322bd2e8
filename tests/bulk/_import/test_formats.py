"""Texts as values: any text is a value or unclear, and what is taken has one meaning."""

import sys
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given, settings, strategies as st

from attio_async._schema import Attribute
from attio_async.bulk import ValueFormats
from attio_async.bulk._import.countries import country_code
from attio_async.bulk._import.settings import UnclearCell

KINDS = [
    "number",
    "currency",
    "rating",
    "date",
    "timestamp",
    "checkbox",
    "phone-number",
    "email-address",
    "text",
]
SOME = st.text(st.sampled_from("0123456789.,-+/ ()%\u20ac$:TZamp\u00b2\u0663\u2212'x"), max_size=16)


def read(kind: str, text: str, **formats: object) -> object:
    return ValueFormats(**formats).value(Attribute("it", type=kind), text)  # type: ignore[arg-type]


@settings(deadline=None, max_examples=150)
@given(
    SOME, st.sampled_from(KINDS), st.sampled_from([{}, {"dayfirst": True, "decimal": ",", "region": "GB"}])
)
def test_any_text_is_a_value_or_unclear(text: str, kind: str, formats: dict[str, object]) -> None:
    try:
        read(kind, text, **formats)
    except UnclearCell as error:
        assert error.cause


@settings(deadline=None, max_examples=150)
@example("0.001")
@given(st.text(st.sampled_from("0123456789.,"), min_size=1, max_size=9))
def test_a_number_that_is_taken_has_no_other_meaning(text: str) -> None:
    """Whatever mark is stated, a number that is certain without one is the same, or not a number."""
    try:
        certain = read("number", text)
    except UnclearCell:
        return
    for mark in (".", ","):
        try:
            assert read("number", text, decimal=mark) == certain
        except UnclearCell:
            continue


@settings(deadline=None, max_examples=100)
@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, max_value=10**9, min_value=-(10**9)))
def test_amounts_in_usual_forms_are_read_back(number: Decimal) -> None:
    english = f"{number:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))
    for text in (english, german, f"\u20ac {english}", f"{german} EUR", english.replace(",", " ")):
        assert read("currency", text) == number


@settings(deadline=None, max_examples=60)
@given(st.dates(date(1000, 1, 1)))
def test_dates_in_words_are_read_back(day: date) -> None:
    for text in (
        f"{day:%d %b %Y}",
        f"{day:%B} {day.day}, {day.year}",
        f"{day:%Y/%m/%d}",
        f"{day:%A}, {day:%d %B %Y}",
    ):
        assert read("date", text) == day
    assert read("date", f"{day:%d/%m/%Y}", dayfirst=True) == day
    assert read("date", f"{day:%m/%d/%Y}", dayfirst=False) == day


def test_a_time_that_a_change_of_clocks_skips_or_repeats_is_unclear() -> None:
    for text in ("2024-03-31 02:30", "2024-10-27 02:30"):
        with pytest.raises(
            UnclearCell, match="does not exist or comes twice, as clocks change in Europe/Berlin"
        ):
            read("timestamp", text, timezone="Europe/Berlin")
        assert read("timestamp", f"{text}+01:00", timezone="Europe/Berlin") == f"{text}+01:00"
    for text in ("2024-03-31 03:30", "0001-01-01 00:00", "9999-12-31 23:59"):
        read("timestamp", text, timezone="Europe/Berlin")


def test_months_and_years_alone_stay_what_they_are() -> None:
    assert read("date", "11/1987", date_format="MM/YYYY") == "1987-11"
    assert read("date", "FY87", date_format="FY%y") == "1987"
    with pytest.raises(UnclearCell, match="is not a moment"):
        read("timestamp", "11/1987", date_format="MM/YYYY", timezone="UTC")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("de", "DE"),
        ("Germany", "DE"),
        ("USA", "US"),
        ("U.S.", "US"),
        ("the united states of america", "US"),
        ("UK", "GB"),
        ("GBR", "GB"),
        ("Bosnia & Herzegovina", "BA"),
        ("Cote d'Ivoire", "CI"),
        ("Congo-Kinshasa", "CD"),
    ],
)
def test_names_of_countries_are_codes(text: str, code: str) -> None:
    assert country_code(text) == code


@pytest.mark.full
def test_names_of_countries_may_be_in_any_language() -> None:
    """These are read from all the languages of CLDR."""
    found = {name: country_code(name) for name in ("Deutschland", "Espana", "\u65e5\u672c", "Nga")}
    assert found == {"Deutschland": "DE", "Espana": "ES", "\u65e5\u672c": "JP", "Nga": "RU"}
    for name, cause in [
        ("Kongo", "several countries: CD, CG"),
        ("Atlantis", "is not a country that is known"),
    ]:
        with pytest.raises(UnclearCell, match=cause):
            country_code(name)


def test_without_the_library_only_codes_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "babel.core", None)
    assert (country_code("fr"), country_code("UK")) == ("FR", "GB")
    with pytest.raises(UnclearCell, match=r"install attio-async\[countries\]"):
        country_code("France")
