import pytest
from hypothesis import given
from hypothesis import strategies as st

from attio_async.testing import _timestamps


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2023", "2023-01-01T00:00:00.000000000Z"),
        ("2023-05", "2023-05-01T00:00:00.000000000Z"),
        ("2023-01-02", "2023-01-02T00:00:00.000000000Z"),
        ("2023-01-02T13:00", "2023-01-02T13:00:00.000000000Z"),
        ("2023-01-02T13:00:00", "2023-01-02T13:00:00.000000000Z"),
        ("2023-01-02T13:00:00.123456789", "2023-01-02T13:00:00.123456789Z"),
        ("2023-01-02T15:00:00.5+02:00", "2023-01-02T13:00:00.500000000Z"),
        ("2023-01-02 23:00:00-1000", "2023-01-03T09:00:00.000000000Z"),
        ("0001-01-01", "0001-01-01T00:00:00.000000000Z"),
    ],
)
def test_timestamps_become_utc_with_nanoseconds(written: str, read: str) -> None:
    assert _timestamps.read_timestamp(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2023", "2023-01-01"),
        ("2023-01-02T14:00:00", "2023-01-02"),
        ("2023-01-02T15:00:00.000000000+02:00", "2023-01-02"),
        ("2023-01-02T23:00:00-10:00", "2023-01-03"),
    ],
)
def test_dates_lose_their_time_after_going_to_utc(written: str, read: str) -> None:
    assert _timestamps.read_date(written) == read


@pytest.mark.parametrize(
    "written",
    ["", "yesterday", "2023-13", "2023-02-30", "2023-1-2", "2023-01-02T25:00", "9999-12-31T23:00-05:00"],
)
def test_what_is_no_moment_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        _timestamps.read_timestamp(written)


def test_a_filter_needs_the_time() -> None:
    with pytest.raises(ValueError, match="no time"):
        _timestamps.read_timestamp("2023-01-02", time_required=True)


@given(st.datetimes(timezones=st.timezones()))
def test_any_moment_is_read_as_python_reads_it(moment) -> None:
    offset = moment.utcoffset()
    if offset.seconds % 60 or offset.microseconds:
        return  # zones of the nineteenth century have seconds, which ISO 8601 offsets have not
    try:
        expected = (moment.replace(tzinfo=None) - offset).isoformat(timespec="microseconds")
    except OverflowError:
        return
    assert _timestamps.read_timestamp(moment.isoformat()) == f"{expected}000Z"


def test_stamps_and_http_dates() -> None:
    assert _timestamps.iso_nanoseconds(1_767_225_600.25) == "2026-01-01T00:00:00.250000000Z"
    assert _timestamps.http_date(1_767_225_600.9) == "Thu, 01 Jan 2026 00:00:00 GMT"
