"""Under which conditions a fake answers: its tokens, its limits, and what goes wrong."""

import threading
from collections.abc import Iterable, Mapping
from typing import Any

from .._core.clock import Clock
from .faulting import Active, Faults, Selector
from .faults import Answer, Deliveries, Fault, LoweredLimits
from .limits import Limits
from .service import Service


class Conditions:
    """The part of `FakeAttio` that says who may ask how much, and what goes wrong."""

    clock: Clock
    token: str
    faults: Faults
    """What is in force; `clear()` it to have peace."""
    _lock: threading.RLock
    _service: Service

    # Tokens

    def add_token(
        self, token: str, scopes: Iterable[str] | None = None, *, client_id: str | None = None
    ) -> str:
        """Accept one more access token; returns it. What it writes is by an actor of its own.

        A token that is accepted already gets these scopes instead of its own; a dead one lives again.

        Args:
            token: Not empty, without spaces.
            scopes: What it may do, such as "note:read-write", which includes reading. Default: everything.
            client_id: The id that `/v2/self` tells. Default: a new one.

        Raises:
            ValueError: The token cannot be one, or a scope does not exist.
        """
        with self._lock:
            self._service.tokens.add(token, scopes, issued_at=self.clock.time(), client_id=client_id)
        return token

    def revoke_token(self, token: str | None = None) -> None:
        """From now on a token is dead: 401 everywhere, and `{"active": false}` from `/v2/self`.

        Args:
            token: Default: the one the fake was made with.
        """
        with self._lock:
            self._service.tokens.revoke(self.token if token is None else token)

    # Limits

    @property
    def limits(self) -> Limits:
        """The rates that are kept; others can be set at any time, and count from there."""
        return self._service.limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        with self._lock:
            self._service.limits = limits

    # Faults

    def fault(
        self,
        fault: Fault | LoweredLimits | Deliveries,
        *,
        operation: str | None = None,
        method: str | None = None,
        path: str | None = None,
        nth: int = 1,
        times: int | None = None,
        probability: float = 1.0,
        seconds: float | None = None,
    ) -> Active:
        """Let something go wrong, once unless `times`, `probability` or `seconds` say otherwise.

        The faults of `attio_async.testing` are values, such as `ConnectionReset(when="after")`; anything with
        their method `answer` can be one. Of several faults the first that meets a request decides.

        ::

            fake.fault(ServerFailure(503, when="after"), operation="create_record")
            fake.fault(ConnectionReset(), method="POST", probability=0.05)
            with fake.fault(LoweredLimits(reads=50), seconds=30):
                ...

        Args:
            fault: What goes wrong. `LoweredLimits` and `Deliveries` are about no single requests and last until
                they are removed, or for `seconds`.
            operation: Only requests to this operation, by its id.
            method: Only requests with this HTTP method, in capital letters.
            path: Only requests to this path; `*` stands for any text, `?` for one character.
            nth: The first of these requests that is met, counted from 1.
            times: How many requests are met. Default: 1, or any number with `probability` or `seconds`.
            probability: The share of these requests that are met; which ones follows from the fake's seed.
            seconds: How long it lasts, on the fake's clock.

        Returns:
            The fault in force: `hits` counts, `remove()` ends it, and so does leaving it as a block.

        Raises:
            TypeError: It is no fault.
            ValueError: There is no such operation, or a number makes no sense.
        """
        is_of_requests = not isinstance(fault, LoweredLimits | Deliveries)
        if is_of_requests and times is None and probability == 1 and seconds is None:
            times = 1
        selector = Selector(
            operation=operation,
            method=method,
            path=path,
            nth=nth,
            times=times,
            probability=probability,
            seconds=seconds,
        )
        with self._lock:
            return self.faults.add(fault, selector)

    def respond_next(
        self,
        status: int,
        body: bytes | Mapping[str, Any] = b"",
        headers: Mapping[str, str] | None = None,
        times: int = 1,
    ) -> None:
        """Answer the next requests with this, whatever they ask for; they change nothing.

        The short form of `fault(Answer(...))`.

        Args:
            status: The HTTP status.
            body: Sent as it is, or as JSON.
            headers: Besides, and over, those that every answer has.
            times: How many requests.
        """
        self.fault(Answer(status, body, headers or {}), times=times)
