"""Shared parts of tests: a client with scripted responses and virtual time."""

import random
from collections.abc import Awaitable, Callable, Iterable
from email.utils import formatdate
from typing import Any, TypeVar

import httpx
import pytest
import respx
from hypothesis import settings

from attio_async import Attio
from attio_async.testing import VirtualClock

BASE = "https://api.attio.com"
TOKEN = "secret-token-0123456789"
Case = TypeVar("Case")


def examples(full: int) -> int:
    """Return how many examples a property is tried with: `full` in a full run, its share in the quick tests."""
    return full * settings().max_examples // 100


def some(cases: Iterable[Case]) -> list[Case]:
    """Return all cases in a full run, and a fifth of them in the quick tests, others each time."""
    every = list(cases)
    return random.sample(every, max(1, examples(len(every))))


@pytest.fixture(params=["asyncio", pytest.param("trio", marks=pytest.mark.full)])
def trio_when_full(request: pytest.FixtureRequest) -> str:
    """Run on trio too in a full run only: `anyio_backend = trio_when_full`, where what differs between the two is below."""
    return request.param


class Scripted:
    """A router that responds, a clock, and a client of both."""

    def __init__(self, **options: Any) -> None:
        self.clock = VirtualClock()
        self.router = respx.Router(base_url=BASE, assert_all_called=False)
        self.attio = Attio(
            TOKEN, transport=httpx.MockTransport(self.router.async_handler), clock=self.clock, **options
        )

    def date(self, ahead: float = 0.0) -> str:
        """Return an HTTP date of the present, or of a time ahead."""
        return formatdate(self.clock.time() + ahead, usegmt=True)

    def refuse(self, retry_after: str | None = None) -> httpx.Response:
        """Return a 429 in the form of the API."""
        headers = {"date": self.date()} | ({"retry-after": retry_after} if retry_after is not None else {})
        body = {
            "status_code": 429,
            "type": "rate_limit_error",
            "code": "rate_limit_exceeded",
            "message": "Slow down.",
        }
        return httpx.Response(429, headers=headers, json=body)


def data(body: Any, status: int = 200, **more: Any) -> httpx.Response:
    """Return a successful response in the form of the API."""
    return httpx.Response(status, json={"data": body, **more})


def error(status: int, type_: str, code: str, message: str = "No.", **more: Any) -> httpx.Response:
    """Return an error in the form of the API."""
    return httpx.Response(
        status, json={"status_code": status, "type": type_, "code": code, "message": message, **more}
    )


def in_turn(
    *answers: httpx.Response | Exception | type[Exception],
) -> Callable[[httpx.Request], httpx.Response]:
    """Return a function that gives one response after the other, and the last one from then on."""
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        current = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(current, httpx.Response):
            return current
        raise current("broken", request=request) if isinstance(current, type) else current

    return answer


def error_of(call: Callable[..., object], *arguments: object) -> Exception | None:
    """Return the exception of a call; None if it returns."""
    try:
        call(*arguments)
    except Exception as caught:  # noqa: BLE001 - the caller looks at it
        return caught
    return None


async def async_error_of(call: Callable[..., Awaitable[object]], *arguments: object) -> Exception | None:
    """Return the exception of an asynchronous call; None if it returns."""
    try:
        await call(*arguments)
    except Exception as caught:  # noqa: BLE001 - the caller looks at it
        return caught
    return None
