"""Write numbers: number, currency and rating."""

import re
import unicodedata
from decimal import Decimal
from math import isfinite
from numbers import Integral

from ..._utils.text import show
from .._spec import AttributeSpec, CoercionRules, EncodeError, fields_of, text_of, unwrapped, wrong_type

_MAX_DECIMALS = 4
_MAX_EXPONENT = 300
_MAX_STARS = 5
_PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)")
_POSSIBLE = "an int, a Decimal or a text such as '1234.5'"


def encode_number(value: object, _spec: AttributeSpec, _rules: CoercionRules) -> int | float | str:
    """Return a number with at most four decimals.

    https://docs.attio.com/docs/attribute-types/attribute-types-number
    """
    return json_number(unwrapped(value, "value"))


def encode_currency(value: object, _spec: AttributeSpec, _rules: CoercionRules) -> int | float | str:
    """Return an amount with at most four decimals; its currency belongs to the attribute.

    https://docs.attio.com/docs/attribute-types/attribute-types-currency
    """
    fields = fields_of(value, "currency_value", "currency_code")
    if fields is not None:
        if fields.get("currency_code") is not None:
            raise _currency_given(fields["currency_code"])
        value = fields.get("currency_value")
    if isinstance(value, str) and not _PLAIN.fullmatch(value.strip()) and _names_currency(value):
        raise _currency_given(value)
    try:
        return json_number(value)
    except EncodeError:
        if isinstance(value, str) and value.strip() and not any(map(str.isdigit, value)):
            raise EncodeError(
                f"{show(value)} is not an amount", f"give {_POSSIBLE}, or None for no value"
            ) from None
        raise


def encode_rating(value: object, _spec: AttributeSpec, _rules: CoercionRules) -> int:
    """Return a whole number of stars from 0 to 5.

    https://docs.attio.com/docs/attribute-types/attribute-types-rating
    """
    number = _exact(unwrapped(value, "value"))
    if not 0 <= number <= _MAX_STARS or number != int(number):
        raise EncodeError(f"{show(value)} is not a valid rating", "give a whole number from 0 to 5")
    return int(number)


def json_number(value: object) -> int | float | str:
    """Return the number for JSON without losing a digit: an int, a float, or a text where a float would round."""
    number = _exact(value)
    _, digits, exponent = number.as_tuple()
    extra = -int(exponent) - _MAX_DECIMALS
    if extra > 0 and any(digits[-extra:]):
        raise EncodeError(
            f"{show(value)} has more than {_MAX_DECIMALS} decimals", "round it, since Attio keeps four"
        )
    if number.adjusted() > _MAX_EXPONENT:
        raise EncodeError(f"{show(value)} is too large for a floating-point number")
    if number == number.to_integral_value():
        return int(number)
    nearest = float(number)
    return nearest if Decimal(float.__repr__(nearest)) == number else format(number, "f")


def _exact(value: object) -> Decimal:
    if isinstance(value, bool):
        raise wrong_type(value, _POSSIBLE)
    if isinstance(value, str):
        return _parsed(text_of(value, _POSSIBLE))
    if isinstance(value, int | Integral):
        return Decimal(int(value))
    if isinstance(value, float):
        # The shortest text that gives this float is what was meant; a subclass may print itself otherwise.
        number = Decimal(float.__repr__(value)) if isfinite(value) else Decimal("NaN")
    elif isinstance(value, Decimal):
        number = value
    else:
        raise wrong_type(value, _POSSIBLE)
    if not number.is_finite():
        raise EncodeError(f"{show(value)} is not a number", "use None for no value")
    return number


def _parsed(text: str) -> Decimal:
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    if re.fullmatch(r"[+-]?[0-9][0-9.,' \u00a0\u202f]*", text):
        hint = "leave out thousands separators and write a point before the decimals, as in '1234.5'"
    else:
        hint = f"give {_POSSIBLE}"
    raise EncodeError(f"{show(text)} is not a plain number", hint)


def _names_currency(text: str) -> bool:
    if not any(map(str.isdigit, text)):
        return False
    has_symbol = any(unicodedata.category(character) == "Sc" for character in text)
    return has_symbol or re.search(r"(?<![A-Za-z])[A-Za-z]{3}(?![A-Za-z])", text) is not None


def _currency_given(value: object) -> EncodeError:
    return EncodeError(
        f"{show(value)} names a currency, which belongs to the attribute and cannot be written",
        "give the amount alone, as in '1234.5'",
    )
