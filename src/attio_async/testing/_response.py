"""Responses of the fake, and how they reach the client. Pure data."""

from collections.abc import Mapping
from typing import Final, Literal, Protocol

import attrs

from .._utils.clock import Clock
from .._utils.public import public

TransitEnd = Literal["whole", "cut", "reset", "refused", "silence"]


@public
@attrs.frozen
class Transit:
    """The delay, pace and end of a response on its way to the client.

    Attributes:
        wait: Seconds before its first byte, besides the latency of the fake.
        pieces: The number of pieces that the body arrives in.
        pause: Seconds before each piece.
        end: `whole`, all of it arrives; `cut`, the connection ends in the middle of the body; `reset`, the connection
            is reset and nothing arrives; `refused`, no connection is established; `silence`, the connection stays
            open and nothing arrives.
        kept: The share of the body that arrives before a cut.
    """

    wait: float = 0.0
    pieces: int = 1
    pause: float = 0.0
    end: TransitEnd = "whole"
    kept: float = 1.0

    def chunks(self, body: bytes) -> list[bytes]:
        """Return the pieces of a body that arrive."""
        arriving = body[: int(len(body) * self.kept)] if self.end == "cut" else body
        size = max(1, -(-len(arriving) // self.pieces))
        return [arriving[start : start + size] for start in range(0, len(arriving), size)]


SERVED_HEADER: Final = "x-fake-served"
"""Added to requests to a server that has checked their host: files are then downloaded from that host as well."""

DIRECT: Final = Transit()
"""A response that arrives at once and whole."""


@public
@attrs.frozen
class FakeResponse:
    """A response, ready to be sent."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    transit: Transit = DIRECT


class Responder(Protocol):
    """The source of the responses of a transport or server: a fake."""

    @property
    def clock(self) -> Clock:
        """The source of time."""
        ...

    async def exchange(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> FakeResponse:
        """Answer one request, after the latency."""
        ...
