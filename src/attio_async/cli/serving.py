"""A fake workspace that any client on this machine can use."""

import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, TextIO

import attrs

from ..testing import Limits
from .workspace import kept_in

__all__ = ["Served", "serve_until_interrupted"]


@attrs.frozen(kw_only=True)
class Served:
    """What to serve. `latency` is in seconds; without `state` the workspace is gone in the end."""

    port: int
    token: str = attrs.field(repr=False)
    reads: int
    writes: int
    window: Literal["fixed", "sliding"]
    latency: float
    state: Path | None
    seed: int


def serve_until_interrupted(served: Served, out: TextIO, err: TextIO) -> int:
    """Serve until Ctrl-C, which is the way to end it and no failure."""
    limits = Limits(reads=served.reads, writes=served.writes, window=served.window)
    options: dict[str, Any] = {"token": served.token, "seed": served.seed, "latency": served.latency}
    with (
        kept_in(served.state, limits=limits, **options) as fake,
        fake.serve(port=served.port) as server,
        suppress(KeyboardInterrupt),
    ):
        print(
            f"export ATTIO_BASE_URL={server.url}\nexport ATTIO_API_KEY={served.token}", file=out, flush=True
        )
        print(f"Serving a fake workspace (process {os.getpid()}). Ctrl-C ends it.", file=err, flush=True)
        threading.Event().wait()
    return 0
