"""The history of an attribute as a sequence of changes. Pure."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import attrs
import msgspec

from .diff import NO_VALUES, Step, moment_of


@attrs.frozen
class Timeline:
    """The values that an attribute had, and when.

    Attributes:
        values: Every value object, with when it began and ended.
    """

    values: Sequence[Mapping[str, Any]]

    @classmethod
    def of_one(cls, values: Sequence[Mapping[str, Any]]) -> "Timeline":
        """Return the timeline of an attribute that has one value at a time: each ends when the next one begins.

        It may not say so if it was current while the page with the next one was not read yet.
        """
        ordered = sorted(values, key=lambda value: moment_of(value.get("active_from")))
        ended = [
            {**value, "active_until": value.get("active_until") or following.get("active_from")}
            for value, following in pairwise(ordered)
        ]
        return cls([*ended, *ordered[-1:]])

    @property
    def moments(self) -> list[str]:
        """The times at which the values changed, the oldest first."""
        ends = ("active_from", "active_until")
        return sorted({moment_of(value.get(end)) for value in self.values for end in ends} - {""})

    @property
    def end(self) -> str:
        """The time of the latest change; empty if there was none."""
        return max(self.moments, default="")

    def at(self, moment: str) -> msgspec.Raw:
        """Return the values from that time on."""
        return _encoded(
            value
            for value in self.values
            if moment_of(value.get("active_from")) <= moment and not _ended(value, moment)
        )

    def steps(self, since: str) -> list[Step]:
        """Return the changes after that time, in order."""
        moments = self.moments
        before = self.at(max((moment for moment in moments if moment <= since), default=""))
        found: list[Step] = []
        for moment in moments:
            if moment > since:
                after = self.at(moment)
                found.append(Step(moment, before, after))
                before = after
        return found


def _ended(value: Mapping[str, Any], moment: str) -> bool:
    end = moment_of(value.get("active_until"))
    return bool(end) and end <= moment


def _encoded(values: Any) -> msgspec.Raw:
    """Return values as they were while they were current."""
    found = [{**value, "active_until": None} if "active_until" in value else value for value in values]
    return msgspec.Raw(msgspec.json.encode(found)) if found else NO_VALUES
