"""Amounts as people write them: thousands separators, currency signs, and what cannot be told. Pure."""

import re
import unicodedata
from contextlib import suppress
from decimal import Decimal
from typing import Literal

from .settings import ImportSetting, UnclearCell

DecimalMark = Literal[".", ","]

_SPACES = " \u00a0\u202f\u2009_"
_QUOTES = "'\u2019"
_MINUS = str.maketrans({"\u2212": "-", "\u2013": "-"})
_NUMBER = re.compile(rf"[0-9]+(?:[.,{_SPACES}{_QUOTES}][0-9]+)*|[.,][0-9]+")
_CODE = re.compile(r"[A-Za-z]{3}|(?:US|A|AU|C|CA|NZ|S|HK|R)\$")
_PERCENT = re.compile(r"(.+?)\s*%")
_SCALED = re.compile(
    rf"[0-9.,{_SPACES}]+\s*(?:k|m|mn|mio|bn|b|tsd|million|billion|thousand)\.?", re.IGNORECASE
)
_RANGE = re.compile(r"[0-9.,]+\s*(?:-|\u2013|to)\s*[0-9.,]+")
_TWO, _THREE = 2, 3

_CODES_OF_SIGN = {
    "$": frozenset(["USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "ARS", "CLP", "COP", "TWD"]),
    "US$": frozenset({"USD"}),
    "A$": frozenset({"AUD"}),
    "AU$": frozenset({"AUD"}),
    "C$": frozenset({"CAD"}),
    "CA$": frozenset({"CAD"}),
    "NZ$": frozenset({"NZD"}),
    "S$": frozenset({"SGD"}),
    "HK$": frozenset({"HKD"}),
    "R$": frozenset({"BRL"}),
    "\u20ac": frozenset({"EUR"}),
    "\u00a3": frozenset({"GBP"}),
    "\u00a5": frozenset({"JPY", "CNY"}),
    "\u20b9": frozenset({"INR"}),
    "\u20a9": frozenset({"KRW"}),
    "\u20ba": frozenset({"TRY"}),
    "\u20bd": frozenset({"RUB"}),
    "\u20b4": frozenset({"UAH"}),
    "\u20aa": frozenset({"ILS"}),
}


def parse_amount(
    text: str,
    *,
    decimal: DecimalMark | None = None,
    currency: str | None = None,
    ignore_currency: bool = False,
    percent: Literal["number", "fraction"] | None = None,
) -> Decimal:
    """Return the number in a text.

    Args:
        text: The text, not blank.
        decimal: The mark before the decimals, if it is known.
        currency: The currency of the attribute, which signs are compared with; None if it has none.
        ignore_currency: Whether another currency is accepted.
        percent: What "12 %" is: 12 or 0.12.

    Raises:
        UnclearCell: It is not a number, or not certain which one.
    """
    plain = text.strip().translate(_MINUS)
    if found := _PERCENT.fullmatch(plain):
        if percent is None:
            options = (ImportSetting("percent", "number"), ImportSetting("percent", "fraction"))
            raise UnclearCell("may be a number or a fraction", *options)
        number = parse_amount(found[1], decimal=decimal)
        return number if percent == "number" else number.scaleb(-2)
    if plain.startswith("(") and plain.endswith(")"):
        return -_positive(plain[1:-1].strip(), decimal, currency, ignore_currency=ignore_currency)
    sign, rest = _signed(plain)
    inner, rest = _signed(_without_currency(rest, currency, ignore_currency=ignore_currency))
    if sign and inner:
        raise UnclearCell("is not a number")
    number = _digits(rest, decimal)
    return -number if "-" in (sign, inner) else number


def _positive(
    text: str, decimal: DecimalMark | None, currency: str | None, *, ignore_currency: bool
) -> Decimal:
    return _digits(_without_currency(text, currency, ignore_currency=ignore_currency), decimal)


def _signed(text: str) -> tuple[str, str]:
    if text[:1] in {"-", "+"}:
        return text[0], text[1:].strip()
    if text.endswith("-") and text[:-1].strip():
        return "-", text[:-1].strip()
    return "", text


def _without_currency(text: str, currency: str | None, *, ignore_currency: bool) -> str:
    """Return the text without a currency before or after it, which has to be the one of the attribute."""
    start = next((index for index, each in enumerate(text) if each.isdigit() or each in "-+.,"), len(text))
    end = next(
        (index for index in range(len(text), 0, -1) if text[index - 1].isdigit() or text[index - 1] in "-."),
        0,
    )
    before, after = text[:start].strip(), text[end:].strip()
    if not before and not after:
        return text
    named = before or after
    is_sign = len(named) == 1 and unicodedata.category(named) == "Sc"
    if start >= end or (before and after) or not (is_sign or _CODE.fullmatch(named)):
        raise UnclearCell(_odd(text))
    codes = _CODES_OF_SIGN.get(named.upper(), frozenset({named.upper()}))
    if currency is not None and currency not in codes and not ignore_currency:
        raise UnclearCell(
            f"is in {named}, and the attribute is in {currency}", ImportSetting("ignore_currency")
        )
    return text[start:end].strip()


def _odd(text: str) -> str:
    if _SCALED.fullmatch(text):
        return "is a rounded number, such as 1.5M; write it in full"
    return "is a range; give one number" if _RANGE.fullmatch(text) else "is not a number"


def _digits(text: str, decimal: DecimalMark | None) -> Decimal:
    """Return the number of digits and separators."""
    if not text.isascii() and not text.isdecimal():
        text = "".join(" " if each in _SPACES else each for each in text)
    if not _NUMBER.fullmatch(text):
        raise UnclearCell(_odd(text))
    marks = {each for each in text if not each.isdigit()}
    points = marks & {".", ","}
    if not points:
        return Decimal(_ungrouped(text, marks))
    if decimal is not None:
        try:
            return _with_mark(text, decimal)
        except UnclearCell as error:
            other: DecimalMark = "," if decimal == "." else "."
            with suppress(UnclearCell):
                _with_mark(text, other)
                raise UnclearCell(error.cause, ImportSetting("decimal", other)) from None
            raise
    if len(points) == 1:
        return _with_mark(text, _mark_of(text, points.pop()))
    return _with_mark(text, "." if text.rindex(".") > text.rindex(",") else ",")


def _with_mark(text: str, decimal: DecimalMark) -> Decimal:
    whole, mark, fraction = text.rpartition(decimal) if decimal in text else (text, "", "")
    groups = {each for each in whole if not each.isdigit()}
    if decimal in groups or (mark and not fraction.isdigit()):
        raise UnclearCell(f"is not a number with '{decimal}' before the decimals")
    digits = _ungrouped(whole, groups) if whole else "0"
    return Decimal(f"{digits}.{fraction}" if fraction else digits)


def _mark_of(text: str, mark: str) -> DecimalMark:
    """Return the decimal mark of a text with only one of point and comma, where that is certain."""
    other: DecimalMark = "," if mark == "." else "."
    own: DecimalMark = "." if mark == "." else ","
    if text.count(mark) > 1:
        return other  # it separates thousands
    whole, _, fraction = text.partition(mark)
    digits = "".join(filter(str.isdigit, whole))
    may_be_thousands = len(fraction) == _THREE and 1 <= len(digits) <= _THREE and digits[0] != "0"
    if not may_be_thousands or not whole.isdigit():
        return own
    raise UnclearCell(
        f"may be {digits}{fraction} or {digits}.{fraction}",
        ImportSetting("decimal", "."),
        ImportSetting("decimal", ","),
    )


def _ungrouped(text: str, marks: set[str]) -> str:
    """Return digits without the one separator between their groups, which have to be of three, or as in India of two."""
    if not marks:
        return text
    mark = marks.pop()
    first, *groups = text.split(mark)
    is_western = len(first) <= _THREE and all(len(each) == _THREE for each in groups)
    is_indian = len(first) < _THREE and [*map(len, groups)] == [_TWO] * (len(groups) - 1) + [_THREE]
    if marks or not first or first[0] == "0" or not (is_western or (is_indian and mark == ",")):
        raise UnclearCell("is not a number: its groups of digits are odd")
    return first + "".join(groups)
