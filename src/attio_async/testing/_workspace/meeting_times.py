"""When meetings start and end: at moments, or on whole days of some time zone."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, tzinfo

from .. import _timestamps
from .entities import FakeMeeting

Time = Mapping[str, str | None]


def starts(meeting: FakeMeeting, zone: tzinfo) -> str:
    """The moment in UTC; whole days begin at midnight of the zone."""
    return _moment(meeting.start, zone, 0)


def ends(meeting: FakeMeeting, zone: tzinfo) -> str:
    """The moment in UTC; whole days end at the next midnight of the zone, the last day included."""
    return _moment(meeting.end, zone, 1)


def in_order(start: Time, end: Time) -> bool:
    """Whether both are moments, or both are days, and the end is not before the start."""
    if set(start) != set(end):
        return False
    key = "date" if "date" in start else "datetime"
    return (end[key] or "") >= (start[key] or "")


def _moment(when: Time, zone: tzinfo, days: int) -> str:
    day = when.get("date")
    if day is None:
        return when["datetime"] or ""
    midnight = datetime.combine(date.fromisoformat(day) + timedelta(days), time(), zone)
    return _timestamps.iso_nanoseconds(midnight.timestamp())
