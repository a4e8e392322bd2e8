"""A fake workspace that any client on this machine can use."""

import errno
import os
import shlex
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal, TextIO

import attrs

from ..testing import Limits
from .problems import Refusal
from .workspace import kept_in

__all__ = ["Served", "refusing_what_cannot_listen", "serve_until_interrupted"]


@attrs.frozen(kw_only=True)
class Served:
    """What to serve. `latency` is in seconds; without `state` the workspace is gone in the end."""

    port: int
    token: str = attrs.field(repr=False)
    reads: int
    writes: int
    window: Literal["fixed", "sliding", "counter", "bucket"]
    latency: float
    state: Path | None
    seed: int


@contextmanager
def refusing_what_cannot_listen(port: int) -> Generator[None]:
    """Say what to do when nothing can listen on a port.

    Raises:
        Refusal: It is taken, or what listens is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise Refusal(f'{error.name} is missing; install it with: pip install "attio-async[cli]"') from error
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise Refusal(f"port {port} is taken; choose another with --port, or 0 for any") from error


def serve_until_interrupted(served: Served, out: TextIO, err: TextIO) -> int:
    """Serve until Ctrl-C, which is the way to end it and no failure."""
    limits = Limits(reads=served.reads, writes=served.writes, window=served.window)
    options: dict[str, Any] = {"token": served.token, "seed": served.seed, "latency": served.latency}
    with (
        refusing_what_cannot_listen(served.port),
        kept_in(served.state, limits=limits, **options) as fake,
        fake.serve(port=served.port) as server,
        suppress(KeyboardInterrupt),
    ):
        print(
            f"export ATTIO_BASE_URL={server.url}\nexport ATTIO_API_KEY={shlex.quote(served.token)}",
            file=out,
            flush=True,
        )
        print(f"Serving a fake workspace (process {os.getpid()}). Ctrl-C ends it.", file=err, flush=True)
        threading.Event().wait()
    return 0
