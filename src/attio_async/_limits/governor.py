"""What a rate limit's pool learns from refusals, without I/O: its margin, the burst, and a lowered limit.

A refusal alone is jitter, or a limit that was silently lowered; only their number tells. One now and then is
answered with a little more margin. Several within a window mean that the limit is reached: then nothing
is sent until the server says so, and if that happens again at once, the rate that the server did accept
becomes the new one. From there it is raised in growing steps until a refusal says that it was too much.

All instants are monotonic seconds. Every share is one of the limit.
"""

import math
from collections import deque

_START_MARGIN = 0.4
_LEAST_MARGIN = 0.2
_MOST_MARGIN = 1.0
"""Margins times the square root of the limit, since that is how the number of jittered arrivals in a window
scatters: at 100 per second 4 % to begin with, and 2 to 10 %; at 25 per second 8 %, and 4 to 20 %."""
_WIDER = 0.05
"""What one isolated refusal adds to the margin, likewise: half a percent at 100 per second."""
_NARROWER = 0.1
"""What a calm time takes from it: 1 % at 100 per second."""

_FEW = 5
"""Limits up to this have too few arrivals per window to learn from."""
_MARGIN_OF_FEW = 0.2
"""The fixed margin of those: 4 per second of 5, which is what a sliding counter can admit at most."""

_GUARD_STEP = 0.01
_MOST_GUARD = 0.1
"""Seconds that permits stay out longer after isolated refusals: the network's jitter, learned in small steps."""

_CALM = 60.0
"""Seconds without a refusal after which a bit of margin is given up."""
_FIRST_CALM = 10.0
"""The same at the start, where the margin is the cautious one of a network that is not known yet."""
_LONGEST_CALM = 960.0
"""What that grows to when giving it up was soon regretted."""
_WIDEN_EVERY = 1.0
"""Refusals of the same second have the same cause, so they widen the margin once."""

_DENSE_SHARE = 0.05
_DENSE_LEAST = 3
"""Refusals within a window that mean more than jitter: five at 100 per second, three at 25."""

_AGAIN = 4.0
"""A second pause within these seconds is a lowered limit; a first one may be a network that stalled."""
_CAUTION = 0.97
"""The part of the accepted rate that is used: as close to a lowered limit as the margin is to the known one."""
_LEAST_BUSY = 0.02
_LEAST_IDLE = 0.4
"""How far one measurement may lower the rate: to next to nothing when requests followed each other closely,
else only so far, because few requests were there to be accepted."""
_LEAST_SCALE = 0.01

_FIRST_STEP = 0.02
_LARGEST_STEP = 0.32
"""Steps of raising the rate again, each twice the one before."""
_BETWEEN_STEPS = 1.3
"""Windows until the next step: one until the refusals of this step are certain, and their way back."""
_HOLD = 2.0
_LONGEST_HOLD = 8.0
"""Seconds at a lowered rate before it is tried to raise it; doubled each time that was too early."""
_RELAPSE = 60.0
"""A pause this soon after a reduction is its continuation."""
_SETTLING = 3.0
"""Seconds after a reduction in which a further refusal means that it was not enough."""

_BURST_SHARE = 0.2
_BURST_TIME = 0.1
"""So large a share of the limit sent within so many seconds before the first refusal is a burst."""
_LEAST_BURST = 4

_LEAST_LEAD = 1.0
"""Spacings by which a request may always run ahead of the pace, so that a late timer costs nothing."""

_REMEMBERED = 4
_REMEMBERED_MOST = 4000
"""How many limits' worth of sent requests are remembered to measure with, and how many requests at most."""


class Ticket:
    """One permit that is out, from the moment it was granted."""

    __slots__ = ("refused", "returned", "sent")

    def __init__(self, sent: float) -> None:
        self.sent = sent
        self.returned = False
        self.refused = False


class Governor:
    """How fast a pool of `limit` permits per `window` seconds goes, as far as the server lets it.

    Attributes:
        spacing: Seconds between two permits that come back.
        guard: Seconds that a permit stays out beyond the window.
        burst: How many may leave at once after an idle time.
        lead: Seconds by which a burst may run ahead of the pace.
        scale: The part of the limit that the server seems to allow now; 1 is all of it.
        log: What was sent lately.
        measuring: Whether the next request is the first after a pause.
        refused_at: When the last refusal arrived.
    """

    __slots__ = (
        "_calm",
        "_epoch",
        "_first_refused",
        "_good",
        "_hold",
        "_narrowed_at",
        "_next_step",
        "_paused_at",
        "_recent",
        "_reduced_at",
        "_root",
        "_step",
        "_was_burst",
        "_was_busy",
        "_was_repeated",
        "_widened_at",
        "burst",
        "guard",
        "lead",
        "limit",
        "log",
        "margin",
        "measuring",
        "refused_at",
        "scale",
        "spacing",
        "window",
    )

    def __init__(self, limit: int, window: float = 1.0) -> None:
        self.limit = limit
        self.window = window
        self._root = math.sqrt(limit)
        self.margin = _MARGIN_OF_FEW if limit <= _FEW else _START_MARGIN / self._root
        self.guard = 0.0
        self.scale = 1.0
        self.burst = limit
        self.log: deque[Ticket] = deque(maxlen=min(_REMEMBERED * limit, _REMEMBERED_MOST))
        self.measuring = False
        self._recent: deque[tuple[float, float]] = deque()  # refusals: when they arrived, when they were sent
        self._epoch = -math.inf  # when we last reacted: what was sent before it tells nothing new
        self._paused_at = self._widened_at = self._narrowed_at = self._reduced_at = (
            self.refused_at
        ) = -math.inf
        self._next_step = -math.inf  # when to raise the rate, or to give up margin
        self._calm = _CALM
        self._good = 0.0  # the last scale that was held without a refusal; 0 is none
        self._step = _FIRST_STEP
        self._hold = _HOLD
        self._first_refused = -math.inf
        self._was_busy = self._was_burst = self._was_repeated = False
        self._pace()

    @property
    def rate(self) -> float:
        """Requests per second that are sent when there are enough of them."""
        return 1 / self.spacing

    @property
    def dense(self) -> int:
        """How many refusals within one window mean more than jitter."""
        return max(_DENSE_LEAST, round(_DENSE_SHARE * self.limit * self.scale))

    def succeeded(self, now: float) -> None:
        """A request was let through: in time, that is a reason to go a little faster."""
        if now >= self._next_step:
            self._ease(now)

    def refused(self, ticket: Ticket, now: float, until: float) -> bool:
        """A 429 arrived. Whether the pool has to pause until `until`."""
        ticket.refused = True
        self.refused_at = now
        if ticket.sent <= self._epoch:
            return False
        recent = self._recent
        recent.append((now, ticket.sent))
        while recent[0][0] <= now - self.window:
            recent.popleft()
        if len(recent) >= self.dense:
            self._brake(now, until)
            return True
        if self.scale < 1:
            self._step_back(ticket, now)
        elif now - self._widened_at > _WIDEN_EVERY:
            self._widen(now)
        return False

    def measure(self, now: float) -> None:
        """Decide, at the first request after a pause, what the pause meant.

        Only now, because while the refusals came in, the answers to what was sent before them were still out.
        """
        self.measuring = False
        if self._was_burst:
            self.burst = max(min(_LEAST_BURST, self.limit), self.burst // 2)
            self._pace()
            return
        if self.scale == 1 and not self._was_repeated:
            return
        least = _LEAST_BUSY if self._was_busy else _LEAST_IDLE * self.scale
        measured = _CAUTION * self._accepted(self._first_refused) / self.limit
        self._reduce(max(least, min(measured, _CAUTION * self.scale)), now)

    def _brake(self, now: float, until: float) -> None:
        """Remember what the refusals looked like, for the measurement after the pause."""
        sent = [instant for _, instant in self._recent]
        first = sent[0]
        self._was_busy = max(sent) - min(sent) <= 2 * len(sent) * self.spacing
        self._was_burst = self._sent_between(first - _BURST_TIME, first) > _BURST_SHARE * self.limit
        self._was_repeated = now - self._paused_at < _AGAIN
        self._first_refused = first
        self.measuring = True
        self._recent.clear()
        self._epoch = self._paused_at = now
        relapse = self._good > 0 and now - self._reduced_at < _RELAPSE
        self._hold = min(_LONGEST_HOLD, 2 * self._hold) if relapse else _HOLD
        self._step = _FIRST_STEP
        self._good = 0.0
        self._next_step = until + self._hold

    def _step_back(self, ticket: Ticket, now: float) -> None:
        """Raising a lowered rate was too early: back to what was held before."""
        self._epoch = now
        scale = self._good if 0 < self._good < self.scale else _CAUTION * self.scale
        if now - self._reduced_at < _SETTLING:
            measured = _CAUTION * self._accepted(ticket.sent) / self.limit
            scale = max(0.8 * scale, min(scale, measured))
        self._reduce(scale, now)
        self._hold = min(_LONGEST_HOLD, 2 * self._hold)
        self._step = _FIRST_STEP
        self._next_step = now + self._hold

    def _widen(self, now: float) -> None:
        """One refusal by itself: two requests met in a window that were sent in two."""
        self._widened_at = now
        self.guard = min(_MOST_GUARD, self.guard + _GUARD_STEP)
        if self.limit > _FEW:
            self.margin = min(_MOST_MARGIN / self._root, self.margin + _WIDER / self._root)
        if now - self._narrowed_at < self._calm:
            self._calm = min(_LONGEST_CALM, 2 * self._calm)
        self._next_step = now + self._calm
        self._pace()

    def _ease(self, now: float) -> None:
        if self.scale < 1:
            self._good = self.scale
            self.scale = min(1.0, self.scale + self._step)
            self._step = min(_LARGEST_STEP, 2 * self._step)
            self._next_step = now + (_BETWEEN_STEPS * self.window if self.scale < 1 else self._calm)
        else:
            first = self._next_step == -math.inf
            if not first:
                self._narrow(now)
            self._next_step = now + (_FIRST_CALM if first else self._calm)
        self._pace()

    def _narrow(self, now: float) -> None:
        self.burst = min(self.limit, self.burst + max(1, self.burst // 4))
        if self.guard > 0:
            self.guard = max(0.0, self.guard - _GUARD_STEP)
        elif self.limit > _FEW:
            self.margin = max(_LEAST_MARGIN / self._root, self.margin - _NARROWER / self._root)
            self._narrowed_at = now

    def _reduce(self, scale: float, now: float) -> None:
        self.scale = min(1.0, max(_LEAST_SCALE, scale))
        self._reduced_at = now
        self._pace()

    def _pace(self) -> None:
        self.spacing = self.window / (self.limit * (1 - self.margin) * self.scale)
        self.lead = max(_LEAST_LEAD, self.burst * self.scale - 1) * self.spacing

    def _accepted(self, instant: float) -> int:
        """How many of the requests sent in the window that ended then were not refused."""
        return sum(
            not ticket.refused for ticket in self.log if instant - self.window < ticket.sent <= instant
        )

    def _sent_between(self, start: float, end: float) -> int:
        return sum(start < ticket.sent <= end for ticket in self.log)

    def load(self, now: float) -> float:
        """What was sent in the last window, as a part of what may be."""
        return self._sent_between(now - self.window, now) / (self.limit * self.scale)
