from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from .attributes import Attribute, misfits, refused, unsaid

BERLIN = ZoneInfo("Europe/Berlin")


class NotATime(datetime):
    """The value of a missing date in data frames: a datetime that equals nothing."""

    def __eq__(self, other: object) -> bool:
        return False

    def __ne__(self, other: object) -> bool:
        return True

    __hash__ = datetime.__hash__


class Precise(datetime):
    nanosecond = 789


def test_dates() -> None:
    cases = [
        ("2023", "2023-01-01"),
        ("2023-01", "2023-01-01"),
        ("2023-01-02", "2023-01-02"),
        ("2023-01-02T13:00", "2023-01-02"),
        ("2023-01-02T14:00:00", "2023-01-02"),
        ("2023-01-02T15:00:00.000000000", "2023-01-02"),
        ("2023-01-02T15:00:00.000000000+02:00", "2023-01-02"),
        ("2023-01-02T23:00:00-10:00", "2023-01-03"),
        (" 2004-07-29 ", "2004-07-29"),
        ("2004-07-29 10:00:00Z", "2004-07-29"),
        ({"value": "2004-07-29"}, "2004-07-29"),
        ({"value": date(2004, 7, 29)}, "2004-07-29"),
        (date(816, 3, 1), "0816-03-01"),
        (datetime(2023, 1, 2, 23, 30), "2023-01-02"),  # noqa: DTZ001 - naive on purpose
        (datetime(2023, 1, 2, 23, 30, tzinfo=timezone(-timedelta(hours=10))), "2023-01-02"),
    ]
    assert misfits(Attribute("date"), cases) == []


BAD_TEXTS = [
    "02/01/2023",
    "20230102",
    "2023-W01-1",
    "2023-13-01",
    "2023-02-29",
    "2023-01-02T25:00",
    "2023-01-02T10:00+99:00",
    "2023-01-02T10:00:00.0000000001",
    "yesterday",
    "P1M",
    "",
]


def test_values_that_are_not_dates_are_refused() -> None:
    for value in (*BAD_TEXTS, 2023, True, NotATime(2023, 1, 1, tzinfo=UTC), {"date": "2023"}):
        assert refused(Attribute("date"), value).hint


def test_timestamps() -> None:
    cases = [
        ("2023", "2023-01-01T00:00:00.000000000Z"),
        ("2023-01", "2023-01-01T00:00:00.000000000Z"),
        ("2023-01-02", "2023-01-02T00:00:00.000000000Z"),
        ("2023-01-02T13:00", "2023-01-02T13:00:00.000000000Z"),
        ("2023-01-02T13:00:00", "2023-01-02T13:00:00.000000000Z"),
        ("2023-01-02 13:00:00.5", "2023-01-02T13:00:00.500000000Z"),
        ("2023-01-02T13:00:00.000000000", "2023-01-02T13:00:00.000000000Z"),
        ("2023-01-02T15:00:00.000000000+02:00", "2023-01-02T13:00:00.000000000Z"),
        ("2023-01-02T15:00:00 +0200", "2023-01-02T13:00:00.000000000Z"),
        ("2023-01-02T08:30:00-04:30", "2023-01-02T13:00:00.000000000Z"),
        ("2023-01-02T14:00:00+01", "2023-01-02T13:00:00.000000000Z"),
        ("2019-01-17T15:17:48.123456789Z", "2019-01-17T15:17:48.123456789Z"),
        ("2019-01-17t15:17:48.1234567890z", "2019-01-17T15:17:48.123456789Z"),
        ({"value": "2019-01-17T15:17:48.000000000Z"}, "2019-01-17T15:17:48.000000000Z"),
        (datetime(2023, 1, 2, 13, tzinfo=UTC), "2023-01-02T13:00:00.000000000Z"),
        (datetime(2023, 1, 2, 14, 0, 0, 5, tzinfo=BERLIN), "2023-01-02T13:00:00.000005000Z"),
        (Precise(2023, 1, 2, 13, tzinfo=UTC), "2023-01-02T13:00:00.000000789Z"),
        (datetime(90, 1, 2, tzinfo=UTC), "0090-01-02T00:00:00.000000000Z"),
    ]
    assert misfits(Attribute("timestamp"), cases) == []


def test_a_naive_time_is_refused() -> None:
    naive = [datetime(2023, 7, 2, 15)]  # noqa: DTZ001 - naive on purpose
    assert unsaid(Attribute("timestamp"), [(value, "no time zone", "assume_tz") for value in naive]) == []


def test_a_day_stands_for_its_beginning_as_its_text_does() -> None:
    midnight = "2023-07-02T00:00:00.000000000Z"
    assert misfits(Attribute("timestamp"), [(date(2023, 7, 2), midnight), ("2023-07-02", midnight)]) == []


def test_a_naive_time_is_in_the_zone_to_assume() -> None:
    cases = [
        (datetime(2023, 7, 2, 15), "2023-07-02T13:00:00.000000000Z"),  # noqa: DTZ001 - naive on purpose
        (datetime(2023, 7, 2, 15, tzinfo=UTC), "2023-07-02T15:00:00.000000000Z"),
        (date(2023, 7, 2), "2023-07-01T22:00:00.000000000Z"),
        ("2023-07-02T15:00", "2023-07-02T13:00:00.000000000Z"),
        ("2023-07-02T15:00Z", "2023-07-02T15:00:00.000000000Z"),
    ]
    assert misfits(Attribute("timestamp"), cases, assume_tz=BERLIN) == []


def test_values_that_are_not_timestamps_are_refused() -> None:
    beyond = datetime.max.replace(tzinfo=timezone(-timedelta(hours=1)))
    for value in (*BAD_TEXTS, 1700000000, True, NotATime(2023, 1, 1, tzinfo=UTC), beyond, {"value": None}):
        assert refused(Attribute("timestamp"), value).reason
