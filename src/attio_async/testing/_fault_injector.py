"""The faults in force, and which request meets which of them."""

import hashlib
import itertools
import math
from collections.abc import Iterator
from fnmatch import fnmatchcase
from types import TracebackType
from typing import Self

import attrs

from .._utils.clock import Clock
from .._utils.public import public
from ._faults import Fault, UnreliableDeliveries
from ._http.router import check_operations
from ._limits import LoweredLimits


@public
@attrs.frozen(kw_only=True)
class FaultSelector:
    """The requests that a fault concerns. Default: all requests.

    Args:
        operation: The id of an operation, such as `create_record`.
        method: The HTTP method, in capital letters.
        path: The path without the query; `*` stands for any text, `?` for one character.
        nth: The first matching request that fails, counted from 1.
        times: How many requests fail; None for any number.
        probability: The share of matching requests that fails, drawn from the fake's seed.
        seconds: How long the fault lasts; None for ever.
    """

    operation: str | None = None
    method: str | None = None
    path: str | None = None
    nth: int = 1
    times: int | None = None
    probability: float = 1.0
    seconds: float | None = None

    def __attrs_post_init__(self) -> None:
        check_operations(() if self.operation is None else (self.operation,))
        if self.method is not None and self.method != self.method.upper():
            raise ValueError(f"method must be in capital letters, not {self.method!r}")
        for name, value in (("nth", self.nth), ("times", self.times)):
            if value is not None and value < 1:
                raise ValueError(f"{name} must be at least 1, not {value!r}")
        if not 0 < self.probability <= 1:
            raise ValueError(f"probability must be more than 0 and at most 1, not {self.probability!r}")
        if self.seconds is not None and not self.seconds > 0:
            raise ValueError(f"seconds must be more than 0, not {self.seconds!r}")

    @property
    def selects_requests(self) -> bool:
        """True if it says anything besides how long the fault lasts."""
        return attrs.evolve(self, seconds=None) != FaultSelector()

    def matches(self, operation_id: str | None, method: str, path: str) -> bool:
        """Return True for a request that the fault concerns."""
        return (
            self.operation in (None, operation_id)
            and self.method in (None, method)
            and (self.path is None or fnmatchcase(path, self.path))
        )


@public
@attrs.define(eq=False)
class ActiveFault:
    """A fault in force. `remove()` ends it, and so does leaving it as a `with` block.

    Attributes:
        fault: The fault.
        selector: The requests that it concerns.
        until: The Unix time when it ends by itself.
        seen: How many requests matched.
        hits: How many of them failed.
    """

    fault: Fault | LoweredLimits | UnreliableDeliveries
    selector: FaultSelector
    until: float
    _faults: "Faults" = attrs.field(repr=False)
    seen: int = 0
    hits: int = 0

    def remove(self) -> None:
        """End the fault; nothing happens if it has already ended."""
        self._faults.remove(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()


@public
class Faults:
    """The faults in force, oldest first. The first one that concerns a request decides."""

    def __init__(self, seed: int, clock: Clock) -> None:
        self._seed = seed
        self._clock = clock
        self._draws = itertools.count(1)
        self._active: tuple[ActiveFault, ...] = ()

    def __len__(self) -> int:
        return len(self._active)

    def __iter__(self) -> Iterator[ActiveFault]:
        return iter(self._active)

    def add(
        self, fault: Fault | LoweredLimits | UnreliableDeliveries, selector: FaultSelector
    ) -> ActiveFault:
        """Put a fault in force. See `FakeAttio.fault`.

        Raises:
            TypeError: `fault` has no method `answer`.
            ValueError: The fault concerns no single requests, and the selector selects some.
        """
        if not (hasattr(fault, "answer") or isinstance(fault, LoweredLimits | UnreliableDeliveries)):
            raise TypeError(f"{fault!r} is not a fault: it has no method `answer`")
        if isinstance(fault, LoweredLimits | UnreliableDeliveries) and selector.selects_requests:
            raise ValueError(
                f"{type(fault).__name__} concerns no single requests: only `seconds` can be given"
            )
        until = math.inf if selector.seconds is None else self._clock.time() + selector.seconds
        active = ActiveFault(fault, selector, until, self)
        self._active = (*self._active, active)
        return active

    def remove(self, active: ActiveFault) -> None:
        """End one fault, if it is in force."""
        self._active = tuple(other for other in self._active if other is not active)

    def clear(self) -> None:
        """End all faults."""
        self._active = ()

    def chance(self) -> float:
        """Draw a number from 0 up to 1, which follows from the seed and from how many were drawn before."""
        digest = hashlib.blake2b(f"{self._seed}/{next(self._draws)}".encode(), digest_size=7).digest()
        return int.from_bytes(digest) / 2.0**56

    def meet(self, operation_id: str | None, method: str, path: str) -> Fault | None:
        """Return the fault that a request meets, and count the request."""
        if not self._active:
            return None
        for active in self._in_force():
            fault, selector = active.fault, active.selector
            if not isinstance(fault, Fault) or not selector.matches(operation_id, method, path):
                continue
            active.seen += 1
            if active.seen < selector.nth or (
                selector.probability < 1 and self.chance() >= selector.probability
            ):
                continue
            active.hits += 1
            if active.hits == selector.times:
                self.remove(active)
            return fault
        return None

    def lowered(self) -> tuple[LoweredLimits, ...]:
        """Return the reductions of the limits in force."""
        if not self._active:
            return ()
        return tuple(each.fault for each in self._in_force() if isinstance(each.fault, LoweredLimits))

    @property
    def deliveries(self) -> UnreliableDeliveries:
        """The fault of webhook deliveries: the newest one in force, or one that does nothing."""
        found = [each.fault for each in self._in_force() if isinstance(each.fault, UnreliableDeliveries)]
        return found[-1] if found else UnreliableDeliveries()

    def _in_force(self) -> tuple[ActiveFault, ...]:
        now = self._clock.time()
        if any(active.until <= now for active in self._active):
            self._active = tuple(active for active in self._active if active.until > now)
        return self._active
