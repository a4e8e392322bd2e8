"""Answers that arrive late, in part, garbled or not at all, as values to give to `FakeAttio.fault`."""

import attrs

from .._response import FakeResponse, Transit
from .faults import (
    WHEN,
    FaultedRequest,
    When,
    finite,
    share,
)


@attrs.frozen
class Truncated:
    """The request is carried out, and the connection ends in the middle of the answer's body.

    Args:
        kept: The share of the body that arrives.
    """

    kept: float = attrs.field(default=0.5, validator=share)

    def answer(self, asked: FaultedRequest) -> FakeResponse:
        return attrs.evolve(asked.perform(), transit=Transit(end="cut", kept=self.kept))


@attrs.frozen
class Garbled:
    """The request is carried out, and the answer is whole by HTTP's rules, but its body is no JSON."""

    def answer(self, asked: FaultedRequest) -> FakeResponse:
        true = asked.perform()
        return attrs.evolve(true, body=true.body[: len(true.body) // 2] + b"\x00")


@attrs.frozen
class WrongContentType:
    """The request is carried out, and its true answer says to be something else than JSON."""

    content_type: str = "text/html; charset=utf-8"

    def answer(self, asked: FaultedRequest) -> FakeResponse:
        true = asked.perform()
        others = {name: value for name, value in true.headers.items() if name.lower() != "content-type"}
        return attrs.evolve(true, headers={**others, "Content-Type": self.content_type})


@attrs.frozen
class SlowFirstByte:
    """The request is carried out, and its answer begins that many seconds later."""

    seconds: float = attrs.field(validator=finite)

    def answer(self, asked: FaultedRequest) -> FakeResponse:
        return attrs.evolve(asked.perform(), transit=Transit(wait=self.seconds))


@attrs.frozen
class SlowBody:
    """The request is carried out, and the body of its answer trickles.

    Args:
        seconds: That the whole body takes.
        pieces: In which it comes, evenly spread.
    """

    seconds: float = attrs.field(validator=finite)
    pieces: int = attrs.field(default=8, validator=attrs.validators.ge(1))

    def answer(self, asked: FaultedRequest) -> FakeResponse:
        transit = Transit(pieces=self.pieces, pause=self.seconds / self.pieces)
        return attrs.evolve(asked.perform(), transit=transit)


@attrs.frozen
class ConnectionReset:
    """The connection is torn down and no answer comes.

    Args:
        when: `before` the request was carried out, or `after`. A client cannot tell which.
    """

    when: When = attrs.field(default="after", validator=WHEN)

    def answer(self, asked: FaultedRequest) -> FakeResponse:
        return _lost(asked, self.when, Transit(end="reset"))


@attrs.frozen
class NoAnswer:
    """The connection stays open and nothing ever comes, until the client gives up.

    Args:
        when: `before` the request was carried out, or `after`. A client cannot tell which.
    """

    when: When = attrs.field(default="after", validator=WHEN)

    def answer(self, asked: FaultedRequest) -> FakeResponse:
        return _lost(asked, self.when, Transit(end="silence"))


@attrs.frozen
class ConnectionRefused:
    """There is no connection, so nothing is sent. In process only: a served fake can but tear the connection down."""

    def answer(self, asked: FaultedRequest) -> FakeResponse:
        return _lost(asked, "before", Transit(end="refused"))


def _lost(asked: FaultedRequest, when: When, transit: Transit) -> FakeResponse:
    """Nothing; the status is that of the answer nobody sees, or 0."""
    status = asked.perform().status if when == "after" else 0
    return FakeResponse(status, {}, b"", transit)
