"""The limit on what queries cost, without I/O.

A query of records or entries has a score, which is known only afterwards. One query can be over what a single
query may cost, or all queries of the workspace over what they may cost within ten seconds; both are refused
as a rate is. So there is no rate to keep: fewer queries run at a time after each such refusal, and a query
that is refused although none ran beside it will always be.
"""

import math
from collections import deque
from collections.abc import Mapping

import attrs

from .._transport.messages import Response
from .governor import Ticket

_WINDOW = 10.0
"""Seconds over which Attio adds scores up."""

_SAME_TIME = 1.0
"""Seconds within which what others hear is taken for what was heard here."""

_FIRST_CAP = 16
"""Queries at a time from which on no cap is needed. The first refusal halves this, or what ran then."""

_LOG = 1000
"""Queries remembered: ten seconds of them at the read limit."""

_OBJECTS = 200
"""Objects and lists whose last score is kept."""

_SCORE_HEADER = "x-attio-record-query-score"
_SIGNS = (b"score", b"complex")


@attrs.frozen
class QueryStats:
    """What queries cost, as far as the answers tell.

    Attributes:
        refused: Answers that were a 429 for the score of queries.
        max_concurrent: How many queries may run at a time now; infinity when nothing speaks against it.
        scores: The score of the last query, per object or list as it was addressed.
    """

    refused: int = 0
    max_concurrent: float = math.inf
    scores: Mapping[str, float] = attrs.field(factory=dict[str, float])


class QueryBudget:
    """Lets as many queries run at a time as were not refused for their score, and pauses them all after one was."""

    __slots__ = ("_cap", "_changed_at", "_log", "_paused_until", "_running", "_scores", "refused_count")

    def __init__(self) -> None:
        self._cap = math.inf
        self._changed_at = -math.inf
        self._log: deque[Ticket] = deque(maxlen=_LOG)
        self._paused_until = -math.inf
        self._running = 0
        self._scores: dict[str, float] = {}
        self.refused_count = 0

    def ready_at(self, now: float) -> float:
        """When the next query may be sent; infinity while that depends on an answer still to come."""
        return math.inf if self._running >= self._cap else max(now, self._paused_until)

    def take(self, now: float) -> Ticket:
        ticket = Ticket(now)
        self._running += 1
        self._log.append(ticket)
        return ticket

    def answered(self, ticket: Ticket, now: float) -> None:  # noqa: ARG002 - every query counts alike
        self._running -= 1
        if now - self._changed_at >= _WINDOW and self._cap < math.inf:
            self._changed_at = now
            self._cap = self._cap + 1 if self._cap + 1 < _FIRST_CAP else math.inf

    def lost(self, ticket: Ticket, now: float) -> None:  # noqa: ARG002 - as above
        self._running -= 1

    def untaken(self, ticket: Ticket) -> None:
        self._running -= 1
        ticket.sent = -math.inf

    def refused(self, ticket: Ticket, now: float, until: float) -> bool:
        """A query was refused for its score; always pauses."""
        ticket.refused = True
        self.refused_count += 1
        if ticket.sent > self._changed_at:  # sent before the last change, it tells nothing new
            self._cap = max(1, min(self._cap, self._running, _FIRST_CAP) // 2)
            self._changed_at = now
        self._paused_until = max(self._paused_until, until)
        self._running -= 1
        return True

    def heard_of_refusal(self, now: float, until: float) -> None:
        """A query of somebody else was refused for its score."""
        if now - self._changed_at >= _SAME_TIME:
            self._cap = max(1, min(self._cap, max(self._running, 1), _FIRST_CAP) // 2)
            self._changed_at = now
        self._paused_until = max(self._paused_until, until)

    def room(self, now: float) -> float:
        """How many more queries may be sent at once, or nearly."""
        return self._cap - self._running if self._paused_until <= now else 0

    def was_alone(self, ticket: Ticket) -> bool:
        """Whether no other query was sent, and accepted, in the window before this one."""
        return not any(
            ticket.sent - _WINDOW < other.sent <= ticket.sent
            for other in self._log
            if other is not ticket and not other.refused
        )

    def note(self, path: str, response: Response) -> None:
        """Keep the score that an answer tells."""
        text = response.headers.get(_SCORE_HEADER)
        if text is None:
            return
        try:
            score = float(text)
        except ValueError:
            return
        name = scored_object(path)
        if name in self._scores or len(self._scores) < _OBJECTS:
            self._scores[name] = score

    def stats(self) -> QueryStats:
        return QueryStats(self.refused_count, self._cap, dict(self._scores))


def speaks_of_score(response: Response) -> bool:
    """Whether a 429 says by itself that it is for the score of queries."""
    body = response.body.lower()
    return _SCORE_HEADER in response.headers or any(sign in body for sign in _SIGNS)


def scored_object(path: str) -> str:
    """The object or list that a query's path names, such as "people" in /v2/objects/people/records/query."""
    parts = path.split("/")
    return parts[3] if len(parts) > 3 else path  # noqa: PLR2004 - "", "v2", "objects", then the name
