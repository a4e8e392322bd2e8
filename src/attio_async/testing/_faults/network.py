"""Faults of the network, whose responses arrive late, in part, garbled or not at all: values for `FakeAttio.fault`."""

import attrs

from .._response import FakeResponse, Transit
from .faults import FaultedRequest, When, check_seconds, check_share, check_when


@attrs.frozen
class Truncated:
    """The request is carried out, and the connection ends in the middle of the response body.

    Args:
        kept: The share of the body that arrives.
    """

    kept: float = attrs.field(default=0.5, validator=check_share)

    def answer(self, request: FaultedRequest) -> FakeResponse:
        return attrs.evolve(request.perform(), transit=Transit(end="cut", kept=self.kept))


@attrs.frozen
class Garbled:
    """The request is carried out, and the response is complete HTTP, but its body is not valid JSON."""

    def answer(self, request: FaultedRequest) -> FakeResponse:
        true = request.perform()
        return attrs.evolve(true, body=true.body[: len(true.body) // 2] + b"\x00")


@attrs.frozen
class WrongContentType:
    """The request is carried out, and the true response has another content type."""

    content_type: str = "text/html; charset=utf-8"

    def answer(self, request: FaultedRequest) -> FakeResponse:
        true = request.perform()
        others = {name: value for name, value in true.headers.items() if name.lower() != "content-type"}
        return attrs.evolve(true, headers={**others, "Content-Type": self.content_type})


@attrs.frozen
class SlowFirstByte:
    """The request is carried out, and the response begins that many seconds later."""

    seconds: float = attrs.field(validator=check_seconds)

    def answer(self, request: FaultedRequest) -> FakeResponse:
        return attrs.evolve(request.perform(), transit=Transit(wait=self.seconds))


@attrs.frozen
class SlowBody:
    """The request is carried out, and the response body arrives slowly.

    Args:
        seconds: How long the whole body takes.
        pieces: The number of pieces that it arrives in, at equal intervals.
    """

    seconds: float = attrs.field(validator=check_seconds)
    pieces: int = attrs.field(default=8, validator=attrs.validators.ge(1))

    def answer(self, request: FaultedRequest) -> FakeResponse:
        transit = Transit(pieces=self.pieces, pause=self.seconds / self.pieces)
        return attrs.evolve(request.perform(), transit=transit)


@attrs.frozen
class ConnectionReset:
    """The connection is reset without a response.

    Args:
        when: `before` the request was carried out, or `after`. A client cannot tell which.
    """

    when: When = attrs.field(default="after", validator=check_when)

    def answer(self, request: FaultedRequest) -> FakeResponse:
        return _lost(request, self.when, Transit(end="reset"))


@attrs.frozen
class NoAnswer:
    """The connection stays open without a response, until the client times out.

    Args:
        when: `before` the request was carried out, or `after`. A client cannot tell which.
    """

    when: When = attrs.field(default="after", validator=check_when)

    def answer(self, request: FaultedRequest) -> FakeResponse:
        return _lost(request, self.when, Transit(end="silence"))


@attrs.frozen
class ConnectionRefused:
    """No connection is established, so nothing is sent. A served fake can only reset the connection."""

    def answer(self, request: FaultedRequest) -> FakeResponse:
        return _lost(request, "before", Transit(end="refused"))


def _lost(request: FaultedRequest, when: When, transit: Transit) -> FakeResponse:
    """Return no response, with the status of the one that is lost, or 0 if there was none."""
    status = request.perform().status if when == "after" else 0
    return FakeResponse(status, {}, b"", transit)
