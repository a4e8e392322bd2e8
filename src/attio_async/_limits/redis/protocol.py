"""The calls of processes that share a rate limit, and the replies of `permits.lua`, which keeps it."""

from collections.abc import Callable
from typing import Protocol

import msgspec


class ScriptCall(msgspec.Struct, frozen=True, kw_only=True):
    """One call about one bucket.

    Attributes:
        limit: Permits.
        window: Seconds for which a used permit stays out.
        process: The name of the calling process.
        at: When the call was sent, by the clock of Redis; 0 while that clock is not known.
        wanted: How many permits to reserve. Only a few of those due later are given at a time.
        rejoining: True if the process went on alone because it got no replies.
        rate_limited: Permits whose requests got a 429, and for how many seconds from now to wait.
        late: Permits whose requests arrived after their instant, as far as responses tell, and by how many seconds.
        queried: True if a query is about to be sent.
        score_limited: The seconds that a 429 for the score of queries asks to wait for; below 0 if there was none.
    """

    limit: int
    window: float
    process: str
    at: float = 0.0
    wanted: int = 0
    rejoining: bool = False
    rate_limited: list[tuple[int, float]] = []
    late: list[tuple[int, float]] = []
    queried: bool = False
    score_limited: float = -1.0


class ScriptReply(msgspec.Struct, frozen=True, kw_only=True):
    """The reply to a `ScriptCall`. Spans are seconds from the moment it was given.

    Attributes:
        now: When the reply was given, by the clock of Redis.
        stale: True if the call was so old that it was ignored.
        era: Changes when reserved but unused permits become void.
        pause: How much longer nothing is sent, because the limit was reached; usually below 0.
        resumes: When permits are given out again after an outage; usually below 0.
        scale: The part of the limit that Attio seems to allow now.
        spacing: Seconds between two permits.
        load: The part of the allowed requests that was sent in the last window.
        last_limited: How long ago the last 429 of any process was.
        peers: How many processes called lately, this one included.
        score_limited_count: How many 429s for the score of queries were reported so far.
        score_pause: How much longer queries have to wait for these.
        queried: How long ago another process sent a query.
        slots: The permits: a number, and when it may be used.
    """

    now: float
    stale: bool
    era: float
    pause: float
    resumes: float
    scale: float
    spacing: float
    load: float
    last_limited: float
    peers: int
    score_limited_count: int
    score_pause: float
    queried: float
    slots: list[tuple[int, float]] = []


OnReply = Callable[[ScriptReply | None, float], None]
"""Takes a reply, or None if there was none, and the monotonic instant of its arrival."""


class Caller(Protocol):
    """Carries calls to Redis."""

    @property
    def process(self) -> str:
        """The name of this process among those that share."""
        ...

    def call(self, bucket: str, call: ScriptCall, on_reply: OnReply) -> None:
        """Send a call and return at once. `on_reply` is called later, in the same event loop."""
        ...


class Piggyback(Protocol):
    """Data that travels with the calls of a pool."""

    def attach(self, call: ScriptCall, now: float) -> ScriptCall:
        """Return the call with the data added."""
        ...

    def receive(self, reply: ScriptReply, now: float) -> None:
        """Take the data from a reply."""
        ...
