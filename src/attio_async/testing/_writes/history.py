"""Write the history of an attribute: its values, and when each was current."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import attrs

from .. import _timestamps
from .._errors import ApiProblem, Issue, invalid, invalid_body
from .._schema import FakeAttribute, FakeRecord, Value
from .._validation import BodyField
from .._values.fields import Fields
from .lookup import WorkspaceLookup
from .writer import RecordWriter, Written, read_only, read_written, several_values, stored

_PERIOD = BodyField(
    "object",
    fields={
        "value": BodyField("object | string | number | boolean"),
        "active_from": BodyField("string", form="timestamp"),
        "active_until": BodyField("string", form="timestamp", nullable=True),
    },
)
HISTORY = {
    "values": BodyField("array", items=_PERIOD, shortest=1, longest=400),
    "replace_history": BodyField("boolean"),
}


@attrs.frozen
class Period:
    """A value, and when it was current; `end` is None if it still is."""

    fields: Fields
    start: str
    end: str | None

    @property
    def order(self) -> tuple[str, bool, str]:
        """The sort key: by start, and of periods that start together the one that ends first."""
        return self.start, self.end is None, self.end or ""


def rewrite_history(
    writer: RecordWriter, row: FakeRecord, attribute: FakeAttribute, written: Sequence[Mapping[str, Any]]
) -> list[Value]:
    """Replace all current and past values of an attribute, and return them, oldest first.

    Raises:
        ApiProblem: The attribute is read-only, a value does not fit it, or the periods overlap.
    """
    if not (attribute.is_writable or writer.author.is_system):
        raise read_only(attribute)
    now = writer.author.stamp.now
    lookup = WorkspaceLookup(writer.workspace)
    periods = [_period(attribute, one, lookup) for one in written]
    issues = [issue for place, one in enumerate(periods) for issue in _issues(one, now, place)]
    if issues:
        raise invalid_body(*issues)
    periods.sort(key=lambda period: period.order)
    _check_overlaps(attribute, periods)
    every = [(one, _value(writer, attribute, one)) for one in periods]
    current = Written(attribute, [one.fields for one in periods if one.end is None], is_null=False)
    writer.rewrite(
        row,
        current,
        [value for one, value in every if one.end is None],
        [value for one, value in every if one.end is not None],
    )
    return [value for _, value in every]


def _period(attribute: FakeAttribute, written: Mapping[str, Any], lookup: WorkspaceLookup) -> Period:
    value, end = written["value"], written["active_until"]
    read = read_written(attribute, [value], lookup)
    start = _timestamps.read_timestamp(written["active_from"])
    return Period(read.fields[0], start, None if end is None else _timestamps.read_timestamp(end))


def _issues(period: Period, now: str, place: int) -> list[Issue]:
    path: list[str | int] = ["data", "values", place]
    issues: list[Issue] = []
    if period.start > now:
        issues.append(invalid([*path, "active_from"], "Expected a moment that has passed"))
    if period.end is not None and not period.start < period.end <= now:
        issues.append(invalid([*path, "active_until"], "Expected a moment after active_from that has passed"))
    return issues


def _check_overlaps(attribute: FakeAttribute, periods: Sequence[Period]) -> None:
    """Refuse periods of the same value that overlap; for an attribute of one value, any that do."""
    lanes: dict[object, list[Period]] = {}
    for period in periods:
        key = Written(attribute, [], is_null=False).key(period.fields) if attribute.is_multiselect else None
        lanes.setdefault(key, []).append(period)
    for lane in lanes.values():
        if all(before.end is not None and before.end <= after.start for before, after in pairwise(lane)):
            continue
        if not attribute.is_multiselect:
            raise several_values(attribute, 2)
        raise ApiProblem(
            400,
            "duplicate_values",
            f'A value of attribute with slug "{attribute.slug}" was given twice for the same time.',
        )


def _value(writer: RecordWriter, attribute: FakeAttribute, period: Period) -> Value:
    value = writer.author.stamp.value(attribute, stored(attribute, period.fields))
    value.update(active_from=period.start, active_until=period.end)
    return value
