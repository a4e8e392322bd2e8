"""How many failures may be repeated in all, so that repeats cannot multiply an outage. Pure."""

__all__ = ["RetryBudget"]

_RESERVE = 100.0
"""Repeats that are possible without any success: two for each connection of a pool that was cut off at once."""


class RetryBudget:
    """An account of repeats. Each success pays in a share of one, each repeat takes one out."""

    __slots__ = ("_balance", "denied", "spent")

    def __init__(self) -> None:
        self._balance = _RESERVE
        self.spent = 0
        self.denied = 0

    def earn(self, share: float) -> None:
        """A request succeeded."""
        if self._balance < _RESERVE:
            self._balance = min(_RESERVE, self._balance + share)

    def spend(self) -> bool:
        """Whether one more request may be repeated; counts it."""
        if self._balance < 1:
            self.denied += 1
            return False
        self._balance -= 1
        self.spent += 1
        return True
