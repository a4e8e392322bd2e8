"""The limit on the cost of queries. No I/O.

A query of records or entries has a score, which only its response tells. One query can cost more than a single query may,
or all queries of the workspace more than they may within ten seconds. Both are answered with a 429, as a rate is. No rate
can be kept: after each such 429 fewer queries run at a time, and a query that gets one although no other ran
beside it will always get one.
"""

import math
from collections import deque

from .._transport.messages import Response
from .governor import Ticket
from .stats import QueryStats

SCORE_WINDOW_S = 10.0
"""The time over which Attio adds up scores."""

_SAME_EVENT_S = 1.0
"""A 429 of another process this soon after one of this process has the same cause."""

_MAX_CAP = 16
"""Queries at a time from which on no cap is needed. The first 429 halves this, or the number that ran then."""

_MAX_LOG = 1000
"""Queries kept: ten seconds of them at the read limit."""

_MAX_SCORES = 200
"""Objects and lists whose last score is kept."""

_SCORE_HEADER = "x-attio-record-query-score"
_SCORE_WORDS = (b"score", b"complex")


class QueryBudget:
    """Caps how many queries run at a time, and pauses all of them after a 429 for their score."""

    __slots__ = ("_cap", "_changed_at", "_limited_count", "_log", "_paused_until", "_running", "_scores")

    def __init__(self) -> None:
        self._cap = math.inf
        self._changed_at = -math.inf
        self._log: deque[Ticket] = deque(maxlen=_MAX_LOG)
        self._paused_until = -math.inf
        self._running = 0
        self._scores: dict[str, float] = {}
        self._limited_count = 0

    @property
    def cap(self) -> float:
        """The queries that may run at a time; infinity while no limit is known."""
        return self._cap

    def ready_at(self, now: float) -> float:
        """Return when the next query may be sent; infinity while that depends on a response."""
        return math.inf if self._running >= self._cap else max(now, self._paused_until)

    def take(self, now: float) -> Ticket:
        ticket = Ticket(now)
        self._running += 1
        self._log.append(ticket)
        return ticket

    def answered(self, ticket: Ticket, now: float) -> None:  # noqa: ARG002 - every query counts alike
        self._running -= 1
        if now - self._changed_at >= SCORE_WINDOW_S and self._cap < math.inf:
            self._changed_at = now
            self._cap = self._cap + 1 if self._cap + 1 < _MAX_CAP else math.inf

    def lost(self, ticket: Ticket, now: float) -> None:  # noqa: ARG002 - as above
        self._running -= 1

    def unsent(self, ticket: Ticket) -> None:
        self._running -= 1
        ticket.sent = -math.inf

    def rate_limited(self, ticket: Ticket, now: float, until: float) -> bool:
        """Report a 429 for the score of a query. Return True, since it always pauses."""
        ticket.rate_limited = True
        self._limited_count += 1
        if ticket.sent > self._changed_at:  # a query sent before the last change tells nothing new
            self._lower_cap(now)
        self._paused_until = max(self._paused_until, until)
        self._running -= 1
        return True

    def others_rate_limited(self, now: float, until: float) -> None:
        """Report a 429 for the score of a query of another process."""
        if now - self._changed_at >= _SAME_EVENT_S:
            self._lower_cap(now)
        self._paused_until = max(self._paused_until, until)

    def _lower_cap(self, now: float) -> None:
        self._cap = max(1, min(self._cap, max(self._running, 1), _MAX_CAP) // 2)
        self._changed_at = now

    def room(self, now: float) -> float:
        """Return how many more queries may be sent now."""
        return self._cap - self._running if self._paused_until <= now else 0

    def was_alone(self, ticket: Ticket) -> bool:
        """Return True if no other query was sent, and accepted, in the window before this one."""
        return not any(
            ticket.sent - SCORE_WINDOW_S < other.sent <= ticket.sent
            for other in self._log
            if other is not ticket and not other.rate_limited
        )

    def note(self, path: str, response: Response) -> None:
        """Keep the score that a response tells."""
        text = response.headers.get(_SCORE_HEADER)
        if text is None:
            return
        try:
            score = float(text)
        except ValueError:
            return
        name = scored_object(path)
        if name in self._scores or len(self._scores) < _MAX_SCORES:
            self._scores[name] = score

    def stats(self) -> QueryStats:
        return QueryStats(self._limited_count, self._cap, dict(self._scores))


def speaks_of_score(response: Response) -> bool:
    """Return True if a 429 says by itself that it is for the score of queries."""
    body = response.body.lower()
    return _SCORE_HEADER in response.headers or any(word in body for word in _SCORE_WORDS)


def scored_object(path: str) -> str:
    """Return the object or list in the path of a query, such as "people" in /v2/objects/people/records/query."""
    parts = path.split("/")
    return parts[3] if len(parts) > 3 else path  # noqa: PLR2004 - "", "v2", "objects", then the name
