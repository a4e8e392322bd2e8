"""What processes that share a rate limit say to each other's keeper, `permits.lua`, and what it answers."""

from collections.abc import Callable
from typing import Protocol

import msgspec


class ScriptCall(msgspec.Struct, frozen=True, kw_only=True):
    """One call about one bucket.

    Attributes:
        limit: Permits.
        window: Seconds for which each of them is used up.
        process: Who asks.
        at: When it was sent, by the clock of who answers, as far as that is known; 0 is not.
        wanted: How many permits to reserve. Of those that are still to come, only a few are given at a time.
        back: Whether the caller went on alone, because it got no answers.
        refusals: Permits whose requests were refused, and for how many seconds from now on.
        late: Permits whose requests arrived so many seconds after their instant, as far as answers tell.
        queried: Whether a query is about to be sent.
        score_refusal: The seconds that a refusal for the score of queries asks to wait for; below 0 is none.
    """

    limit: int
    window: float
    process: str
    at: float = 0.0
    wanted: int = 0
    back: bool = False
    refusals: list[tuple[int, float]] = []
    late: list[tuple[int, float]] = []
    queried: bool = False
    score_refusal: float = -1.0


class ScriptReply(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a `ScriptCall`. Spans are seconds from the moment it was given.

    Attributes:
        now: When it was given, by the clock of who answers.
        stale: Whether the call was so old that it was not carried out.
        era: Changes when permits that are reserved but unused become void.
        pause: How much longer nothing is sent, because the limit was reached; past, most of the time.
        resumes: When permits are handed out again after an outage; past, most of the time.
        scale: The part of the limit that Attio seems to allow now.
        spacing: Seconds between two permits.
        load: The part of what may be sent that was sent in the last window.
        refused: How long ago the last refusal was, anybody's.
        peers: How many processes asked lately, this one included.
        score_refusals: How many refusals for the score of queries were told so far.
        score_pause: How much longer queries have to wait for it.
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
    refused: float
    peers: int
    score_refusals: int
    score_pause: float
    queried: float
    slots: list[tuple[int, float]] = []


Heard = Callable[[ScriptReply | None, float], None]
"""Takes an answer, or None where there is none to be had, and the monotonic instant of its arrival."""


class Caller(Protocol):
    """Carries calls to where they are answered."""

    @property
    def process(self) -> str:
        """The name of this process among those that share."""
        ...

    def call(self, bucket: str, call: ScriptCall, heard: Heard) -> None:
        """Have a call answered. Returns at once; `heard` is told later, in the same event loop."""
        ...


class Rider(Protocol):
    """What else is told and heard with the calls of a pool."""

    def board(self, call: ScriptCall, now: float) -> ScriptCall:
        """The call with more in it."""
        ...

    def alight(self, answer: ScriptReply, now: float) -> None:
        """Take from an answer what is one's own."""
        ...
