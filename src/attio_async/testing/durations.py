"""ISO 8601 durations such as `P1M` or `PT36H`: dynamic default values and target times are written so."""

import re
from calendar import monthrange
from datetime import MAXYEAR, MINYEAR, datetime, timedelta
from fractions import Fraction

_NUMBER = r"(\d{1,9}(?:[.,]\d{1,9})?)"
_DURATION = re.compile(
    rf"([+-])?P(?=.)(?:(\d{{1,4}})Y)?(?:(\d{{1,5}})M)?(?:(\d{{1,6}})W)?(?:(\d{{1,7}})D)?"
    rf"(?:T(?=.)(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?",
    re.ASCII,
)
_MONTHS = 12


def is_duration(text: str) -> bool:
    """Whether it is one."""
    return _DURATION.fullmatch(text) is not None


def after(start: datetime, duration: str) -> datetime:
    """The moment that long after `start`; a day that its month does not have becomes the month's last.

    Raises:
        ValueError: It is no duration, or leads out of the years 1 to 9999.
    """
    match = _DURATION.fullmatch(duration)
    if match is None:
        raise ValueError(f"{duration!r} is no ISO 8601 duration")
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
