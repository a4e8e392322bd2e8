"""Reading and writing timestamps, dates and durations."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from attio_async.testing._timestamps import (
    after,
    http_date,
    is_duration,
    iso_nanoseconds,
    read_date,
    read_timestamp,
)

TIMESTAMPS = [
    ("2023", "2023-01-01T00:00:00.000000000Z"),
    ("2023-05", "2023-05-01T00:00:00.000000000Z"),
    ("2023-01-02", "2023-01-02T00:00:00.000000000Z"),
    ("2023-01-02T13:00", "2023-01-02T13:00:00.000000000Z"),
    ("2023-01-02T13:00:00", "2023-01-02T13:00:00.000000000Z"),
    ("2023-01-02T13:00:00.123456789", "2023-01-02T13:00:00.123456789Z"),
    ("2023-01-02T15:00:00.5+02:00", "2023-01-02T13:00:00.500000000Z"),
    ("2023-01-02 23:00:00-1000", "2023-01-03T09:00:00.000000000Z"),
    ("0001-01-01", "0001-01-01T00:00:00.000000000Z"),
]
DATES = [
    ("2023", "2023-01-01"),
    ("2023-01-02T14:00:00", "2023-01-02"),
    ("2023-01-02T15:00:00.000000000+02:00", "2023-01-02"),
    ("2023-01-02T23:00:00-10:00", "2023-01-03"),
]
INVALID = ["", "yesterday", "2023-13", "2023-02-30", "2023-1-2", "2023-01-02T25:00", "9999-12-31T23:00-05:00"]
LEAP_DAY = datetime(2024, 2, 29, 12, tzinfo=UTC)
DURATIONS = [
    ("P1Y", "2025-02-28T12:00:00+00:00"),
    ("P1M", "2024-03-29T12:00:00+00:00"),
    ("-P1M", "2024-01-29T12:00:00+00:00"),
    ("P2W1D", "2024-03-15T12:00:00+00:00"),
    ("PT36H", "2024-03-02T00:00:00+00:00"),
    ("PT0,5M", "2024-02-29T12:00:30+00:00"),
    ("P10M1DT12H", "2024-12-31T00:00:00+00:00"),
    ("+P11M", "2025-01-29T12:00:00+00:00"),
]


def test_timestamps_become_utc_with_nanoseconds() -> None:
    assert [(text, read_timestamp(text)) for text, _ in TIMESTAMPS] == TIMESTAMPS


def test_dates_are_those_in_utc() -> None:
    assert [(text, read_date(text)) for text, _ in DATES] == DATES


def test_invalid_timestamps_are_refused() -> None:
    for text in INVALID:
        with pytest.raises(ValueError, match=r"."):
            read_timestamp(text)


def test_a_time_can_be_required() -> None:
    with pytest.raises(ValueError, match="no time"):
        read_timestamp("2023-01-02", time_required=True)


@given(st.datetimes(timezones=st.timezones()))
def test_any_timestamp_is_read_as_by_the_standard_library(moment: datetime) -> None:
    offset = moment.utcoffset()
    assert offset is not None
    if offset.seconds % 60 or offset.microseconds:
        return  # old time zones have offsets with seconds, which ISO 8601 has not
    try:
        expected = (moment.replace(tzinfo=None) - offset).isoformat(timespec="microseconds")
    except OverflowError:
        return
    assert read_timestamp(moment.isoformat()) == f"{expected}000Z"


def test_times_are_written_for_json_and_for_headers() -> None:
    assert iso_nanoseconds(1_767_225_600.25) == "2026-01-01T00:00:00.250000000Z"
    assert http_date(1_767_225_600.9) == "Thu, 01 Jan 2026 00:00:00 GMT"


def test_durations_are_added_to_a_date() -> None:
    assert [(text, after(LEAP_DAY, text).isoformat()) for text, _ in DURATIONS] == DURATIONS
    assert all(is_duration(text) for text, _ in DURATIONS)


def test_invalid_durations_are_refused() -> None:
    for text in ("", "P", "PT", "P1H", "PT1D", "1M", "P1M2Y", "P1.5M", "P\u0661D"):
        assert not is_duration(text), text
        with pytest.raises(ValueError, match="duration"):
            after(LEAP_DAY, text)


def test_durations_beyond_the_calendar_are_refused() -> None:
    for text in ("P9000Y", "-P3000Y", "P9999999D", "-P9999999D"):
        with pytest.raises(ValueError, match="calendar"):
            after(LEAP_DAY, text)
