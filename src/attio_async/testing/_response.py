"""Answers, and how they reach whoever asked. Pure data."""

from collections.abc import Mapping
from typing import Final, Literal

import attrs

End = Literal["whole", "cut", "reset", "refused", "silence"]


@attrs.frozen
class Transit:
    """How an answer travels.

    Attributes:
        wait: Seconds before its first byte, besides the latency of the fake.
        pieces: In how many pieces the body comes.
        pause: Seconds before each piece.
        end: `whole`, all of it arrives; `cut`, the connection ends in the middle of the body; `reset`, it is torn
            down and nothing arrives; `refused`, there is no connection to begin with; `silence`, the
            connection stays and nothing ever comes.
        kept: The share of the body that arrives before a cut.
    """

    wait: float = 0.0
    pieces: int = 1
    pause: float = 0.0
    end: End = "whole"
    kept: float = 1.0

    def chunks(self, body: bytes) -> list[bytes]:
        """What arrives of a body, piece by piece."""
        arriving = body[: int(len(body) * self.kept)] if self.end == "cut" else body
        size = max(1, -(-len(arriving) // self.pieces))
        return [arriving[start : start + size] for start in range(0, len(arriving), size)]


DIRECT: Final = Transit()
"""As an answer travels when nothing is wrong."""


@attrs.frozen
class FakeResponse:
    """An answer, ready to be sent."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    transit: Transit = DIRECT
