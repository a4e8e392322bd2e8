"""Dates as people write them: what is certain, and what a setting has to decide. Pure."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple

from .settings import ImportSetting, UnclearCell

_TIME = (
    r"(?:[T,\s]+(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>Z|z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH_NAMES = (
    "January|February|March|April|May|June|July|August|September|October|November|December|"
    "Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec"
)
_YEAR_FIRST = re.compile(rf"(?P<year>[0-9]{{4}})([-/.])(?P<month>[0-9]{{1,2}})\2(?P<day>[0-9]{{1,2}}){_TIME}")
_COMPACT = re.compile(r"(?P<year>(?:19|20)[0-9]{2})(?P<month>[0-9]{2})(?P<day>[0-9]{2})")
_DAY_MONTH = re.compile(
    rf"(?:[A-Za-z]{{3,9}},?\s+)?(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th|\.)?[\s/-]*(?P<name>{_MONTH_NAMES})\.?,?[\s/-]*"
    rf"(?P<year>[0-9]{{4}}){_TIME}",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    rf"(?:[A-Za-z]{{3,9}},?\s+)?(?P<name>{_MONTH_NAMES})\.?\s+(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?,?\s+"
    rf"(?P<year>[0-9]{{4}}){_TIME}",
    re.IGNORECASE,
)
_NUMERIC = re.compile(
    rf"(?P<first>[0-9]{{1,2}})([-/. ])(?P<second_>[0-9]{{1,2}})\2\s*(?P<year>[0-9]{{4}}|[0-9]{{2}}){_TIME}"
)
_SERIAL = re.compile(r"[2-6][0-9]{4}(?:\.[0-9]+)?")
_ISO_PART = re.compile(r"[0-9]{4}(?:-[0-9]{2})?")
_YEAR_CODE, _MONTH_CODE, _DAY_CODE = (re.compile(f"%[{codes}]") for codes in ("YyGcx", "mbBUWcxj", "djcxu"))
_NOON = 12
_EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - spreadsheets know no zones

_TOKENS = {
    "YYYY": "%Y",
    "YY": "%y",
    "MMMM": "%B",
    "MMM": "%b",
    "MM": "%m",
    "DD": "%d",
    "HH": "%H",
    "mm": "%M",
    "ss": "%S",
}
_TOKEN = re.compile("|".join(_TOKENS))


class DateText(NamedTuple):
    """A date in a text, and whether a time stands beside it."""

    moment: datetime
    has_time: bool


def strptime_format(format: str) -> str:
    """Return a format in the codes of `strptime`, in which "DD/MM/YYYY" may be written, too.

    Raises:
        ValueError: It is not valid, or has no year.
    """
    if format == "excel":
        return format
    codes = format if "%" in format else _TOKEN.sub(lambda token: _TOKENS[token[0]], format)
    if not _YEAR_CODE.search(codes):
        raise ValueError("it has no year")
    try:
        datetime.strptime("", codes)  # noqa: DTZ007 - only to see whether it is valid
    except ValueError as error:
        if "does not match" not in str(error):
            raise
    except re.error as error:  # a code that is given twice
        raise ValueError(str(error)) from None
    return codes


def parse_date(text: str, *, formats: Sequence[str] = (), dayfirst: bool | None = None) -> DateText | str:
    """Return the date in a text; a year or a month alone, which Attio takes as it is, as text.

    Args:
        text: The text, not blank.
        formats: Formats of `strptime`; "excel" is the number of days that spreadsheets keep.
        dayfirst: Whether the day comes first in "05/06/2024".

    Raises:
        UnclearCell: It is not a date, or not certain which one.
    """
    plain = " ".join(text.split())
    for format in formats:
        exact = _with_format(plain, format)
        if exact is not None:
            return exact
    if _ISO_PART.fullmatch(plain):
        return plain
    for pattern in (_YEAR_FIRST, _COMPACT, _DAY_MONTH, _MONTH_DAY):
        found = pattern.fullmatch(plain)
        if found is not None:
            return _date(found, _month(found), int(found["day"]))
    numeric = _NUMERIC.fullmatch(plain)
    if numeric is None:
        raise _unknown(plain)
    return _numeric(numeric, dayfirst)


def _with_format(text: str, format: str) -> DateText | str | None:
    if format == "excel":
        if not _SERIAL.fullmatch(text):
            return None
        moment = _EXCEL_EPOCH + timedelta(seconds=round(float(text) * 86_400))
        return DateText(moment, "." in text)
    try:
        moment = datetime.strptime(text, format)  # noqa: DTZ007 - the zone is added by the caller
    except ValueError:
        return None
    if not _DAY_CODE.search(format):
        return moment.strftime("%Y-%m") if _MONTH_CODE.search(format) else moment.strftime("%Y")
    return DateText(moment, any(code in format for code in ("%H", "%I", "%X", "%c")))


def _numeric(found: "re.Match[str]", dayfirst: bool | None) -> DateText:  # noqa: FBT001 - None is a third value
    first, second = int(found["first"]), int(found["second_"])
    possible = {
        order: ImportSetting("dayfirst", order)
        for order, day, month in ((True, first, second), (False, second, first))
        if _exists(found, month, day)
    }
    if len(found["year"]) < 4:  # noqa: PLR2004 - a year in full
        mark = found[2]
        orders = [order for order in possible if dayfirst in {None, order}]
        formats = [f"%d{mark}%m{mark}%y" if order else f"%m{mark}%d{mark}%y" for order in orders]
        raise UnclearCell(
            "has a year of two digits", *(ImportSetting("date_format", each) for each in formats)
        )
    if dayfirst in possible:
        day, month = (first, second) if dayfirst else (second, first)
        return _date(found, month, day)
    if dayfirst is not None:
        order = "day" if dayfirst else "month"
        raise UnclearCell(f"is not a date with the {order} first", *possible.values())
    if not possible:
        raise UnclearCell("is not a date that exists")
    raise UnclearCell(
        "needs the order of day and month, which is decided for all dates at once", *possible.values()
    )


def _exists(found: "re.Match[str]", month: int, day: int) -> bool:
    year = int(found["year"]) if len(found["year"]) > 2 else 2000  # noqa: PLR2004
    try:
        datetime(year, month, day)  # noqa: DTZ001 - only to see whether it exists
    except ValueError:
        return False
    return True


def _month(found: "re.Match[str]") -> int:
    groups = found.groupdict()
    if groups.get("name"):
        return _MONTHS.index(groups["name"][:3].lower()) + 1
    return int(found["month"])


def _date(found: "re.Match[str]", month: int, day: int) -> DateText:
    groups = found.groupdict()
    hour = groups.get("hour")
    try:
        moment = datetime(
            int(found["year"]),
            month,
            day,
            0 if hour is None else _hour(int(hour), groups.get("half")),
            int(groups.get("minute") or 0),
            int(groups.get("second") or 0),
            int((groups.get("fraction") or "").ljust(6, "0")[:6]),
            tzinfo=_zone(groups.get("zone")),
        )
    except ValueError as error:
        raise UnclearCell(f"is not a date that exists: {error}") from None
    return DateText(moment, hour is not None)


def _hour(hour: int, half: str | None) -> int:
    if half is None:
        return hour
    if not 1 <= hour <= _NOON:
        raise ValueError("hour must be in 1..12")
    return hour % _NOON + (_NOON if half[0] in "Pp" else 0)


def _zone(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    if text in {"Z", "z", "UTC", "GMT"}:
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-size if text[0] == "-" else size)


def _unknown(text: str) -> UnclearCell:
    if _SERIAL.fullmatch(text):
        return UnclearCell("may be a day counted by a spreadsheet", ImportSetting("date_format", "excel"))
    return UnclearCell("is not a date in a known form", ImportSetting("date_format", "FORMAT"))
