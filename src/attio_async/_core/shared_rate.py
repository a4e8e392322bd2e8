"""How fast processes that share a limit go together, as one of them heard last."""

import math

from .governor import Governor
from .shared_calls import Answer

__all__ = ["SharedRate"]


class SharedRate:
    """How fast all processes together may go, by the last answer.

    Attributes:
        scale: The part of the limit that the server seems to allow now.
        rate: Requests per second that are sent when there are enough of them.
        refused_at: When the last refusal arrived, anywhere.
    """

    __slots__ = ("_heard_at", "_load", "_window", "rate", "refused_at", "scale")

    def __init__(self, limit: int, window: float) -> None:
        self.scale = 1.0
        self.rate = Governor(limit, window).rate
        self.refused_at = -math.inf
        self._load = 0.0
        self._heard_at = -math.inf
        self._window = window

    def load(self, now: float) -> float:
        """What was sent in the last window, as a part of what may be."""
        return self._load if now - self._heard_at <= self._window else 0.0

    def hear(self, answer: Answer, now: float) -> None:
        self.scale, self.rate = answer.scale, 1 / answer.spacing
        self.refused_at = max(self.refused_at, now - answer.refused)
        self._load, self._heard_at = answer.load, now
