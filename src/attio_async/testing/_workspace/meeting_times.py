"""Starts and ends of meetings, which are timestamps, or whole days of a time zone."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, tzinfo

from .. import _timestamps
from .entities import FakeMeeting

Time = Mapping[str, str | None]


def starts(meeting: FakeMeeting, zone: tzinfo) -> str:
    """Return the start in UTC; whole days start at midnight of the zone."""
    return _in_utc(meeting.start, zone, 0)


def ends(meeting: FakeMeeting, zone: tzinfo) -> str:
    """Return the end in UTC; whole days end at the midnight of the zone after the last one."""
    return _in_utc(meeting.end, zone, 1)


def in_order(start: Time, end: Time) -> bool:
    """Return True if both are timestamps, or both are days, and the end is not before the start."""
    if set(start) != set(end):
        return False
    key = "date" if "date" in start else "datetime"
    return (end[key] or "") >= (start[key] or "")


def _in_utc(when: Time, zone: tzinfo, days: int) -> str:
    day = when.get("date")
    if day is None:
        return when["datetime"] or ""
    midnight = datetime.combine(date.fromisoformat(day) + timedelta(days), time(), zone)
    return _timestamps.iso_nanoseconds(midnight.timestamp())
