"""Timestamps, dates and durations as the API writes them, and the forms it reads."""

import functools
import re
from calendar import monthrange
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta
from email.utils import formatdate
from fractions import Fraction

_NUMBER = r"(\d{1,9}(?:[.,]\d{1,9})?)"
_DURATION = re.compile(
    rf"([+-])?P(?=.)(?:(\d{{1,4}})Y)?(?:(\d{{1,5}})M)?(?:(\d{{1,6}})W)?(?:(\d{{1,7}})D)?"
    rf"(?:T(?=.)(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?",
    re.ASCII,
)
_MONTHS = 12
_ISO = re.compile(
    r"(?P<year>\d{4})"
    r"(?:-(?P<month>\d\d)"
    r"(?:-(?P<day>\d\d)"
    r"(?P<clock>[T ](?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.(?P<fraction>\d{1,9}))?)?"
    r"(?P<zone>Z|[+-]\d\d:?\d\d)?)?)?)?"
)


def iso_nanoseconds(unix: float) -> str:
    """Return a Unix time as `2026-01-01T00:00:00.000000000Z`, rounded to microseconds."""
    moment = datetime.fromtimestamp(round(unix, 6), UTC)
    return f"{moment.isoformat(timespec='microseconds')[:26]}000Z"


def unix(text: str) -> float:
    """Return the Unix time of a timestamp that `iso_nanoseconds` or `read_timestamp` returned."""
    return datetime.fromisoformat(text[:26]).replace(tzinfo=UTC).timestamp()


def http_date(unix: float) -> str:
    """Return a Unix time in the form of the headers Date and Retry-After, rounded down to whole seconds."""
    return _http_second(int(unix))


@functools.lru_cache(maxsize=16)
def _http_second(second: int) -> str:
    return formatdate(second, usegmt=True)


def read_timestamp(text: str, *, time_required: bool = False) -> str:
    """Return a timestamp in UTC with nanoseconds. Missing parts are the earliest possible, a missing zone is UTC.

    Raises:
        ValueError: The text is not a valid ISO 8601 timestamp, or has no time although it must.
    """
    match = _match(text)
    if time_required and match["clock"] is None:
        raise ValueError(f"{text!r} has no time")
    fraction = (match["fraction"] or "").ljust(9, "0")
    return f"{_in_utc(match):%Y-%m-%dT%H:%M:%S}.{fraction}Z".rjust(30, "0")


def read_date(text: str) -> str:
    """Return a date, in UTC if the text has a zone.

    Raises:
        ValueError: The text is not a valid ISO 8601 date or timestamp.
    """
    return f"{_in_utc(_match(text)):%Y-%m-%d}".rjust(10, "0")


def _match(text: str) -> re.Match[str]:
    match = _ISO.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not in ISO 8601 form")
    return match


def _in_utc(match: re.Match[str]) -> datetime:
    def number(name: str, default: int) -> int:
        return int(match[name] or default)

    moment = datetime(
        number("year", 1),
        number("month", 1),
        number("day", 1),
        number("hour", 0),
        number("minute", 0),
        number("second", 0),
        tzinfo=UTC,
    )
    zone = match["zone"]
    if zone is None or zone == "Z":
        return moment
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    try:
        return moment + offset if zone[0] == "-" else moment - offset
    except OverflowError:
        raise ValueError(f"{match[0]!r} is out of range in UTC") from None


def is_duration(text: str) -> bool:
    """Return True for an ISO 8601 duration."""
    return _DURATION.fullmatch(text) is not None


def after(start: datetime, duration: str) -> datetime:
    """Return the time that long after `start`. A day that the month does not have becomes its last one.

    Raises:
        ValueError: The duration is invalid, or leads out of the years 1 to 9999.
    """
    match = _DURATION.fullmatch(duration)
    if match is None:
        raise ValueError(f"{duration!r} is not a valid ISO 8601 duration")
    sign, years, months, weeks, days, *clock = match.groups()
    direction = -1 if sign == "-" else 1
    hours, minutes, seconds = (Fraction((part or "0").replace(",", ".")) for part in clock)
    exact = hours * 3600 + minutes * 60 + seconds
    try:
        moved = _months_after(start, direction * (_MONTHS * int(years or 0) + int(months or 0)))
        return moved + direction * timedelta(
            days=7 * int(weeks or 0) + int(days or 0), microseconds=int(exact * 1_000_000)
        )
    except OverflowError:
        raise ValueError(f"{duration!r} leads out of the calendar") from None


def _months_after(start: datetime, months: int) -> datetime:
    year, month = divmod(start.year * _MONTHS + start.month - 1 + months, _MONTHS)
    if not MINYEAR <= year <= MAXYEAR:
        raise OverflowError
    day = min(start.day, monthrange(year, month + 1)[1])
    return start.replace(year=year, month=month + 1, day=day)
