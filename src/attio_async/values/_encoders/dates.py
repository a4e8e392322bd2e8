"""Write dates and timestamps."""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

from ..._utils.text import show
from .._spec import AttributeSpec, CoercionRules, EncodeError, text_of, unwrapped

_ISO = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})"
    r"(?:[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9})0*)?)?"
    r" ?([Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?)?)?)?"
)
"""The forms that Attio documents: a year, a month, a day, and a time to the minute, second or nanosecond."""

_FORMS = "ISO 8601, such as '2023-01-02' or '2023-01-02T15:00:00Z'"


def encode_date(value: object, _spec: AttributeSpec, _rules: CoercionRules) -> str:
    """Return a calendar day, YYYY-MM-DD.

    A datetime gives the day it shows. A text with an offset gives its day in UTC, as Attio itself does.

    https://docs.attio.com/docs/attribute-types/attribute-types-date
    """
    value = unwrapped(value, "value")
    if isinstance(value, datetime):
        return _real(value).date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    moment, _ = _parsed(text_of(value, f"a date, a datetime or a text in {_FORMS}"))
    return (moment if moment.tzinfo is None else _in_utc(moment)).date().isoformat()


def encode_timestamp(value: object, _spec: AttributeSpec, rules: CoercionRules) -> str:
    """Return a moment in UTC with nanoseconds.

    A naive datetime is in the time zone to assume, and refused without one. A text without an offset, and a day, which
    stands for its beginning, are in the time zone to assume, else in UTC, which is Attio's own rule for texts.

    https://docs.attio.com/docs/attribute-types/attribute-types-timestamp
    """
    value = unwrapped(value, "value")
    if isinstance(value, datetime):
        # Other libraries' subclasses of datetime count nanoseconds too.
        fraction = f"{_real(value).microsecond:06}{getattr(value, 'nanosecond', 0):03}"
        return _written(_zoned(value, rules.assume_tz, value), fraction)
    if isinstance(value, date):
        midnight = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - the zone is added here
        return _written(_zoned(midnight, rules.assume_tz or UTC, value), "")
    moment, fraction = _parsed(text_of(value, f"an aware datetime or a text in {_FORMS}"))
    return _written(_zoned(moment, rules.assume_tz or UTC, value), fraction)


def _real(moment: datetime) -> datetime:
    # "Not a time", the NaN of dates, is a datetime in name only.
    if moment != moment:  # noqa: PLR0124
        raise EncodeError(f"{show(moment)} is not a valid datetime", "use None for no value")
    return moment


def _zoned(moment: datetime, assumed: tzinfo | None, given: object) -> datetime:
    if moment.utcoffset() is not None:
        return moment
    if assumed is None:
        raise EncodeError(
            f"{show(given)} has no time zone",
            "give an aware datetime, or set assume_tz to the time zone to assume",
        )
    return moment.replace(tzinfo=assumed)


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise EncodeError(f"{show(moment)} is outside the years 1 to 9999 in UTC") from None


def _written(moment: datetime, fraction: str) -> str:
    m = _in_utc(moment)
    day_and_time = f"{m.year:04}-{m.month:02}-{m.day:02}T{m.hour:02}:{m.minute:02}:{m.second:02}"
    return f"{day_and_time}.{fraction.ljust(9, '0')}Z"


def _parsed(text: str) -> tuple[datetime, str]:
    found = _ISO.fullmatch(text)
    if found is None:
        raise EncodeError(
            f"{show(text)} is not a date in ISO 8601", f"write {_FORMS}; other forms are not guessed"
        )
    year, month, day = int(found[1]), int(found[2] or 1), int(found[3] or 1)
    hour, minute, second = (int(part or 0) for part in found.group(4, 5, 6))
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=_offset(found[8])), found[7] or ""
    except ValueError as error:
        raise EncodeError(f"{show(text)} does not exist: {error}", f"write {_FORMS}") from None


def _offset(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    if text in "Zz":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-size if text[0] == "-" else size)
