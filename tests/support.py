"""What tests of several parts share: a client whose HTTP is scripted and whose time is virtual."""

from collections.abc import Callable
from email.utils import formatdate
from typing import Any

import httpx
import respx

from attio_async import Attio
from attio_async.testing import VirtualClock

BASE = "https://api.attio.com"
TOKEN = "secret-token-0123456789"


class Scripted:
    """A router for the answers, the clock, and the client between them."""

    def __init__(self, **options: Any) -> None:
        self.clock = VirtualClock()
        self.router = respx.Router(base_url=BASE, assert_all_called=False)
        self.attio = Attio(
            TOKEN, transport=httpx.MockTransport(self.router.async_handler), clock=self.clock, **options
        )

    def date(self, ahead: float = 0.0) -> str:
        """An HTTP date of this moment, or of one ahead."""
        return formatdate(self.clock.time() + ahead, usegmt=True)

    def refuse(self, retry_after: str | None = None) -> httpx.Response:
        """A 429 as the API answers it."""
        headers = {"date": self.date()} | ({"retry-after": retry_after} if retry_after is not None else {})
        body = {
            "status_code": 429,
            "type": "rate_limit_error",
            "code": "rate_limit_exceeded",
            "message": "Slow down.",
        }
        return httpx.Response(429, headers=headers, json=body)


def error(status: int, type_: str, code: str, message: str = "No.", **more: Any) -> httpx.Response:
    """An error body as the API documents it."""
    return httpx.Response(
        status, json={"status_code": status, "type": type_, "code": code, "message": message, **more}
    )


def in_turn(
    *answers: httpx.Response | Exception | type[Exception],
) -> Callable[[httpx.Request], httpx.Response]:
    """One answer after the other, the last one for ever."""
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        current = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(current, httpx.Response):
            return current
        raise current("broken", request=request) if isinstance(current, type) else current

    return answer
