"""Which request meets which fault."""

import hashlib
import itertools
import math
from difflib import get_close_matches
from fnmatch import fnmatchcase
from types import TracebackType
from typing import Self

import attrs

from attio_async_api.operations import OPERATIONS

from ..._utils.clock import Clock
from .._auth.oauth_pages import ENDPOINTS
from .._limits.limits import LoweredLimits
from .faults import Fault, UnreliableDeliveries

AnyFault = Fault | LoweredLimits | UnreliableDeliveries


def check_operation(operation_id: str) -> None:
    """Refuse an operation that does not exist.

    Raises:
        ValueError: There is none with that id; names those that are near.
    """
    known = (*OPERATIONS, *ENDPOINTS.values())
    if operation_id in known:
        return
    near = get_close_matches(operation_id, known, n=3)
    hint = (
        f"; did you mean {' or '.join(near)}?"
        if near
        else "; their ids are those of attio_async_api.operations"
    )
    raise ValueError(f"there is no operation {operation_id!r}{hint}")


@attrs.frozen(kw_only=True)
class Selector:
    """Which requests a fault is for, and how many of them; without any word all requests.

    Args:
        operation: The id of an operation, such as `create_record`.
        method: The HTTP method, in capital letters.
        path: A path without the query; `*` stands for any text, `?` for one character.
        nth: The first of the matching requests that is met, counted from 1.
        times: How many requests are met; None for no end.
        probability: The share of the matching requests that are met, drawn by the fake's seed.
        seconds: How long it lasts, from now on; None for no end.
    """

    operation: str | None = None
    method: str | None = None
    path: str | None = None
    nth: int = 1
    times: int | None = None
    probability: float = 1.0
    seconds: float | None = None

    def __attrs_post_init__(self) -> None:
        if self.operation is not None:
            check_operation(self.operation)
        if self.method is not None and self.method != self.method.upper():
            raise ValueError(f"method is written in capital letters, not {self.method!r}")
        for name, value in (("nth", self.nth), ("times", self.times)):
            if value is not None and value < 1:
                raise ValueError(f"{name} must be at least 1, not {value!r}")
        if not 0 < self.probability <= 1:
            raise ValueError(f"probability must be more than 0 and at most 1, not {self.probability!r}")
        if self.seconds is not None and not self.seconds > 0:
            raise ValueError(f"seconds must be more than 0, not {self.seconds!r}")

    @property
    def is_about_requests(self) -> bool:
        """Whether it says anything but how long the fault lasts."""
        return attrs.evolve(self, seconds=None) != Selector()

    def matches(self, operation_id: str | None, method: str, path: str) -> bool:
        """Whether a request is one of those it is for."""
        return (
            self.operation in (None, operation_id)
            and self.method in (None, method)
            and (self.path is None or fnmatchcase(path, self.path))
        )


@attrs.define(eq=False)
class ActiveFault:
    """A fault in force; `remove` it, or leave the block that it opens, to end it.

    Attributes:
        fault: What happens.
        selector: To which requests.
        until: Unix time when it ends by itself.
        seen: How many requests matched.
        hits: How many of them were met.
    """

    fault: AnyFault
    selector: Selector
    until: float
    _faults: "Faults" = attrs.field(repr=False)
    seen: int = 0
    hits: int = 0

    def remove(self) -> None:
        """End it; once it has ended this does nothing."""
        self._faults.remove(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()


class Faults:
    """The faults in force, in the order in which they were made; the first that meets a request decides."""

    def __init__(self, seed: int, clock: Clock) -> None:
        self._seed = seed
        self._clock = clock
        self._drawn = itertools.count(1)
        self._active: tuple[ActiveFault, ...] = ()

    def __len__(self) -> int:
        return len(self._active)

    def add(self, fault: AnyFault, selector: Selector) -> ActiveFault:
        """Put a fault in force.

        Raises:
            TypeError: It is no fault.
            ValueError: It concerns no single request, and the selector is about some.
        """
        if not (hasattr(fault, "answer") or isinstance(fault, LoweredLimits | UnreliableDeliveries)):
            raise TypeError(f"{fault!r} is no fault; it has no method `answer`")
        if isinstance(fault, LoweredLimits | UnreliableDeliveries) and selector.is_about_requests:
            raise ValueError(
                f"{type(fault).__name__} is about no single requests: only `seconds` can be given"
            )
        if isinstance(fault, LoweredLimits):
            for operation_id in fault.endpoints:
                check_operation(operation_id)
        until = math.inf if selector.seconds is None else self._clock.time() + selector.seconds
        active = ActiveFault(fault, selector, until, self)
        self._active = (*self._active, active)
        return active

    def remove(self, active: ActiveFault) -> None:
        """Take a fault out of force, if it still is."""
        self._active = tuple(other for other in self._active if other is not active)

    def clear(self) -> None:
        """Take all faults out of force."""
        self._active = ()

    def chance(self) -> float:
        """A number from 0 up to 1 that follows from the seed and from how many were drawn before."""
        digest = hashlib.blake2b(f"{self._seed}/{next(self._drawn)}".encode(), digest_size=7).digest()
        return int.from_bytes(digest) / 2.0**56

    def meet(self, operation_id: str | None, method: str, path: str) -> Fault | None:
        """The fault that a request meets, which counts it."""
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
        """The reductions of the limits in force."""
        if not self._active:
            return ()
        return tuple(each.fault for each in self._in_force() if isinstance(each.fault, LoweredLimits))

    @property
    def deliveries(self) -> UnreliableDeliveries:
        """What goes wrong with deliveries of webhooks: what was said last, or nothing."""
        found = [each.fault for each in self._in_force() if isinstance(each.fault, UnreliableDeliveries)]
        return found[-1] if found else UnreliableDeliveries()

    def _in_force(self) -> tuple[ActiveFault, ...]:
        now = self._clock.time()
        if any(active.until <= now for active in self._active):
            self._active = tuple(active for active in self._active if active.until > now)
        return self._active
