"""The scores of queries of records and entries, and their limits. Pure.

Attio publishes neither how it computes the score of a query nor its limits. The figures here are invented: a query costs
more the more conditions, paths, sorts and rows it has, and a plain page costs nothing.
"""

import itertools
import math
from collections import deque
from collections.abc import Mapping
from typing import Any, Final

import attrs

from .._utils.public import public
from ._errors import rate_limited
from ._json_types import is_array, is_object

SCORED: Final = frozenset({"query_records", "query_entries"})
"""The operations whose requests have a score."""

_SORT_COST = 50
_CONDITION_COST = 20
_TEXT_SEARCH_COST = 40
_PATH_STEP_COST = 60
_ROWS_PER_POINT = 10
_DEFAULT_LIMIT = 500
_TEXT_SEARCHES = frozenset({"$contains", "$starts_with", "$ends_with"})
_GROUPS = frozenset({"$and", "$or"})


def _positive(_: object, attribute: "attrs.Attribute[float]", value: float) -> None:
    if not value > 0:
        raise ValueError(f"{attribute.name} must be more than 0, not {value!r}")


@public
@attrs.frozen(kw_only=True)
class ScoreLimits:
    """The limits of the scores of queries. The figures are invented, as Attio publishes none.

    Every successful query has its score in the header `x-attio-record-query-score`.

    Args:
        per_query: The highest score of a single query; one above it is always refused.
        per_window: The highest sum of the scores of the queries of all tokens within `seconds`.
        seconds: The length of the window.
    """

    per_query: float = attrs.field(default=2_000.0, validator=_positive)
    per_window: float = attrs.field(default=20_000.0, validator=_positive)
    seconds: float = attrs.field(default=10.0, validator=_positive)

    def __attrs_post_init__(self) -> None:
        if self.per_query > self.per_window:
            raise ValueError("per_query must not be more than per_window, or some queries could never pass")


def score_of(body: object) -> int:
    """Return the score of a query with this body; 0 for a body that is not a query."""
    if not is_object(body):
        return 0
    filter, sorts = body.get("filter"), body.get("sorts")
    work = _filter_cost(filter) if is_object(filter) else 0
    work += sum(map(_sort_cost, sorts)) if is_array(sorts) else 0
    return work + math.ceil(_rows(body) / _ROWS_PER_POINT) if work else 0


def _rows(body: Mapping[str, Any]) -> float:
    limit = body.get("limit", _DEFAULT_LIMIT)
    return limit if isinstance(limit, int | float) and 0 <= limit <= _DEFAULT_LIMIT else _DEFAULT_LIMIT


def _sort_cost(sort: object) -> int:
    return _SORT_COST + (_path_cost(sort.get("path")) if is_object(sort) else 0)


def _path_cost(path: object) -> int:
    """Return the cost of all steps but the first."""
    return _PATH_STEP_COST * max(0, len(path) - 1) if is_array(path) else 0


def _filter_cost(written: object) -> int:
    if is_array(written):
        return sum(map(_filter_cost, written))
    if not is_object(written):
        return _CONDITION_COST
    cost = _path_cost(written.get("path"))
    for name, asked in written.items():
        if name == "path":
            continue
        if name in _GROUPS or name == "$not":
            cost += _filter_cost(asked) if name in _GROUPS else 2 * _filter_cost(asked)
        elif name in _TEXT_SEARCHES:
            cost += _TEXT_SEARCH_COST
        elif name == "$in" and is_array(asked):
            cost += _CONDITION_COST * max(1, len(asked) // 10)
        else:
            cost += _filter_cost(asked)
    return cost


class ScoreWindow:
    """The sum of the scores of a workspace's queries within the last seconds."""

    __slots__ = ("_log", "_sum")

    def __init__(self) -> None:
        self._log: deque[tuple[float, int]] = deque()
        self._sum = 0

    def check(self, score: int, limits: ScoreLimits, now: float) -> None:
        """Refuse a query that costs too much.

        Raises:
            ApiProblem: 429, the score is too high by itself, or together with those of the last seconds.
        """
        while self._log and self._log[0][0] <= now - limits.seconds:
            self._sum -= self._log.popleft()[1]
        if score > limits.per_query:
            message = f"The query is too complex: its score is {score}, and {limits.per_query:g} is allowed"
            raise rate_limited(f"{message}. Simplify it.", math.ceil(now + 1))
        if self._sum + score > limits.per_window:
            message = (
                f"The query score limit of {limits.per_window:g} within {limits.seconds:g} s is exceeded"
            )
            raise rate_limited(f"{message}; please try again later.", self._free_at(score, limits))

    def count(self, score: int, now: float) -> None:
        """Add the score of a query that was admitted."""
        self._log.append((now, score))
        self._sum += score

    def _free_at(self, score: int, limits: ScoreLimits) -> float:
        """Return when enough scores have left the window for the query to fit; at the latest when all have."""
        gone = itertools.accumulate(spent for _, spent in self._log)
        return next(
            math.ceil(at + limits.seconds)
            for (at, _), before in zip(self._log, gone, strict=True)
            if self._sum - before + score <= limits.per_window
        )
