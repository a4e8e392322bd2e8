"""The speed of a rate limit's pool, learned from 429 responses: its margin, its bursts, a lowered limit. No I/O.

One 429 can be jitter or a limit that was silently lowered; only their number tells. An isolated one adds a little to the
margin. Several within a window mean that the limit is reached: nothing is sent until the server says so. If that
happens again at once, the rate that the server accepted becomes the new one. From there it is raised in growing
steps until a 429 says that it was too much.

All instants are monotonic seconds. Every share is one of the limit.
"""

import math
from collections import deque

_START_MARGIN = 0.4
_MIN_MARGIN = 0.2
_MAX_MARGIN = 1.0
"""Margins times the square root of the limit, since the number of jittered arrivals in a window scatters with that root:
at 100 per second 4 % to begin with, and 2 to 10 %; at 25 per second 8 %, and 4 to 20 %."""
_MARGIN_STEP_UP = 0.05
"""What an isolated 429 adds to the margin, times the root: half a percent at 100 per second."""
_MARGIN_STEP_DOWN = 0.1
"""What a calm time takes from the margin, times the root: 1 % at 100 per second."""

_SMALL_LIMIT = 5
"""Limits up to this have too few arrivals per window to learn from."""
_SMALL_LIMIT_MARGIN = 0.2
"""The fixed margin of small limits: 4 per second of 5, the most that a sliding counter can admit."""

_GUARD_STEP_S = 0.01
_MAX_GUARD_S = 0.1
"""How much longer permits stay out after isolated 429s: the jitter of the network, learned in small steps."""

_CALM_S = 60.0
"""Without a 429 for this long, a bit of the margin is given up."""
_FIRST_CALM_S = 10.0
"""The same at the start, where the margin is a cautious guess about an unknown network."""
_MAX_CALM_S = 960.0
"""What the calm time grows to if giving up margin soon caused a 429."""
_WIDEN_INTERVAL_S = 1.0
"""429s of the same second have the same cause, so they widen the margin once."""

_DENSE_SHARE = 0.05
_MIN_DENSE = 3
"""429s within a window that mean more than jitter: five at 100 per second, three at 25."""

_SECOND_PAUSE_S = 4.0
"""A second pause this soon is a lowered limit; a first one can be a network that stalled."""
_MEASURED_SHARE = 0.97
"""The part of the accepted rate that is used: as close to a lowered limit as the margin is to the known one."""
_MIN_BUSY_SCALE = 0.02
_MIN_IDLE_SCALE = 0.4
"""How far one measurement may lower the rate: to next to nothing if requests followed each other closely, else only
so far, because few requests were there to be accepted."""
_MIN_SCALE = 0.01
_MAX_MIN_SCALE = 0.5
"""No rate is lowered below one request per window, by which the end of a limit is noticed, or below half of a smaller
limit: at 25 per second to 4 %."""

_MIN_STEP = 0.02
_MAX_STEP = 0.32
"""Steps by which the rate is raised again, each twice the one before."""
_STEP_WINDOWS = 1.3
"""Windows until the next step: one until the 429s of this step are certain, and their way back."""
_HOLD_S = 2.0
_MAX_HOLD_S = 8.0
"""How long a lowered rate is held before it is raised; doubled each time that this was too early."""
_RELAPSE_S = 60.0
"""A pause this soon after a reduction continues it."""
_SETTLING_S = 3.0
"""A 429 this soon after a reduction means that it was not enough."""

_BURST_SHARE = 0.2
_BURST_S = 0.1
"""This share of the limit, sent within this time before the first 429, is a burst."""
_MIN_BURST = 4

_MIN_LEAD_SPACINGS = 1.0
"""How far a request may always run ahead of the pace, so that a late timer costs nothing."""

_LOG_LIMITS = 4
_MAX_LOG = 4000
"""How many limits' worth of sent requests are kept to measure with, and how many requests at most."""


class Ticket:
    """One permit that is out, from the moment it was granted."""

    __slots__ = ("rate_limited", "returned", "sent")

    def __init__(self, sent: float) -> None:
        self.sent: float = sent
        self.returned: bool = False
        self.rate_limited: bool = False


class Governor:
    """The speed of a pool of `limit` permits per `window` seconds, as far as the server allows it.

    Attributes:
        spacing: Seconds between two permits that come back.
        guard: Seconds that a permit stays out beyond the window.
        burst: How many requests may leave at once after an idle time.
        lead: Seconds by which a burst may run ahead of the pace.
        scale: The part of the limit that the server seems to allow now; 1 is all of it.
        log: The requests sent lately.
        measuring: True if the next request is the first after a pause.
        limited_at: When the last 429 arrived.
    """

    __slots__ = (
        "_calm",
        "_epoch",
        "_first_limited",
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
        "limited_at",
        "log",
        "margin",
        "measuring",
        "scale",
        "spacing",
        "window",
    )

    def __init__(self, limit: int, window: float = 1.0) -> None:
        self.limit = limit
        self.window = window
        self._root = math.sqrt(limit)
        self.margin = _SMALL_LIMIT_MARGIN if limit <= _SMALL_LIMIT else _START_MARGIN / self._root
        self.guard = 0.0
        self.scale = 1.0
        self.burst = limit
        self.log: deque[Ticket] = deque(maxlen=min(_LOG_LIMITS * limit, _MAX_LOG))
        self.measuring = False
        self._recent: deque[tuple[float, float]] = (
            deque()
        )  # 429s: when they arrived, when their requests were sent
        self._epoch = -math.inf  # the last reaction: requests sent before it tell nothing new
        self._paused_at = self._widened_at = self._narrowed_at = self._reduced_at = (
            self.limited_at
        ) = -math.inf
        self._next_step = -math.inf  # when to raise the rate, or to give up margin
        self._calm = _CALM_S
        self._good = 0.0  # the last scale held without a 429; 0 before the first
        self._step = _MIN_STEP
        self._hold = _HOLD_S
        self._first_limited = -math.inf
        self._was_busy = self._was_burst = self._was_repeated = False
        self._pace()

    @property
    def rate(self) -> float:
        """Requests per second that are sent if there are enough of them."""
        return 1 / self.spacing

    @property
    def pause_threshold(self) -> int:
        """The number of 429s within one window that mean more than jitter."""
        return max(_MIN_DENSE, round(_DENSE_SHARE * self.limit * self.scale))

    def succeeded(self, now: float) -> bool:
        """Note a response other than a 429. Return True if the pool may be faster from now on, after a calm time."""
        if now < self._next_step:
            return False
        self._ease(now)
        return True

    def rate_limited(self, ticket: Ticket, now: float, until: float) -> bool:
        """Note a 429. Return True if the pool has to pause until `until`."""
        ticket.rate_limited = True
        self.limited_at = now
        if ticket.sent <= self._epoch:
            return False
        recent = self._recent
        recent.append((now, ticket.sent))
        while recent[0][0] <= now - self.window:
            recent.popleft()
        if len(recent) >= self.pause_threshold:
            self._brake(now, until)
            return True
        if self.scale < 1:
            self._step_back(ticket, now)
        elif now - self._widened_at > _WIDEN_INTERVAL_S:
            self._widen(now)
        return False

    def measure(self, now: float) -> None:
        """Decide, at the first request after a pause, what the pause meant.

        It is too early before: while the 429s came in, responses to earlier requests were still on their way.
        """
        self.measuring = False
        if self._was_burst:
            self.burst = max(min(_MIN_BURST, self.limit), self.burst // 2)
            self._pace()
            return
        if self.scale == 1 and not self._was_repeated:
            return
        least = _MIN_BUSY_SCALE if self._was_busy else _MIN_IDLE_SCALE * self.scale
        measured = _MEASURED_SHARE * self._accepted(self._first_limited) / self.limit
        self._reduce(max(least, min(measured, _MEASURED_SHARE * self.scale)), now)

    def _brake(self, now: float, until: float) -> None:
        """Note the pattern of the 429s, for the measurement after the pause."""
        sent = [instant for _, instant in self._recent]
        first = sent[0]
        self._was_busy = max(sent) - min(sent) <= 2 * len(sent) * self.spacing
        self._was_burst = self._sent_between(first - _BURST_S, first) > _BURST_SHARE * self.limit
        self._was_repeated = now - self._paused_at < _SECOND_PAUSE_S
        self._first_limited = first
        self.measuring = True
        self._recent.clear()
        self._epoch = self._paused_at = now
        relapse = self._good > 0 and now - self._reduced_at < _RELAPSE_S
        self._hold = min(_MAX_HOLD_S, 2 * self._hold) if relapse else _HOLD_S
        self._step = _MIN_STEP
        self._good = 0.0
        self._next_step = until + self._hold

    def _step_back(self, ticket: Ticket, now: float) -> None:
        """Return to the rate that was held before, since raising it was too early."""
        self._epoch = now
        scale = self._good if 0 < self._good < self.scale else _MEASURED_SHARE * self.scale
        if now - self._reduced_at < _SETTLING_S:
            measured = _MEASURED_SHARE * self._accepted(ticket.sent) / self.limit
            scale = max(0.8 * scale, min(scale, measured))
        self._reduce(scale, now)
        self._hold = min(_MAX_HOLD_S, 2 * self._hold)
        self._step = _MIN_STEP
        self._next_step = now + self._hold

    def _widen(self, now: float) -> None:
        """Widen the margin for an isolated 429: requests sent in two windows arrived in one."""
        self._widened_at = now
        self.guard = min(_MAX_GUARD_S, self.guard + _GUARD_STEP_S)
        if self.limit > _SMALL_LIMIT:
            self.margin = min(_MAX_MARGIN / self._root, self.margin + _MARGIN_STEP_UP / self._root)
        if now - self._narrowed_at < self._calm:
            self._calm = min(_MAX_CALM_S, 2 * self._calm)
        self._next_step = now + self._calm
        self._pace()

    def _ease(self, now: float) -> None:
        if self.scale < 1:
            self._good = self.scale
            self.scale = min(1.0, self.scale + self._step)
            self._step = min(_MAX_STEP, 2 * self._step)
            self._next_step = now + (_STEP_WINDOWS * self.window if self.scale < 1 else self._calm)
        else:
            first = self._next_step == -math.inf
            if not first:
                self._narrow(now)
            self._next_step = now + (_FIRST_CALM_S if first else self._calm)
        self._pace()

    def _narrow(self, now: float) -> None:
        self.burst = min(self.limit, self.burst + max(1, self.burst // 4))
        if self.guard > 0:
            self.guard = max(0.0, self.guard - _GUARD_STEP_S)
        elif self.limit > _SMALL_LIMIT:
            self.margin = max(_MIN_MARGIN / self._root, self.margin - _MARGIN_STEP_DOWN / self._root)
            self._narrowed_at = now

    def _reduce(self, scale: float, now: float) -> None:
        least = max(_MIN_SCALE, min(_MAX_MIN_SCALE, 1 / self.limit))
        self.scale = min(1.0, max(least, scale))
        self._reduced_at = now
        self._pace()

    def _pace(self) -> None:
        self.spacing = self.window / (self.limit * (1 - self.margin) * self.scale)
        self.lead = max(_MIN_LEAD_SPACINGS, self.burst * self.scale - 1) * self.spacing

    def _accepted(self, instant: float) -> int:
        """Count the requests sent in the window that ended at `instant` and not rate-limited."""
        return sum(
            not ticket.rate_limited for ticket in self.log if instant - self.window < ticket.sent <= instant
        )

    def _sent_between(self, start: float, end: float) -> int:
        return sum(start < ticket.sent <= end for ticket in self.log)

    def load(self, now: float) -> float:
        """Return the part of the allowed requests that was sent in the last window."""
        return self._sent_between(now - self.window, now) / (self.limit * self.scale)
