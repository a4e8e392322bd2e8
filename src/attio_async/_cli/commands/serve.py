"""A fake workspace that any client on this machine can use."""

import errno
import os
import secrets
import shlex
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal, TextIO

import anyio
import attrs

from ..._utils.urls import private_url
from ...testing import FakeAttio, Limits
from ..errors import Refusal
from ..workspace import kept_in

_PAUSE = 0.1


@contextmanager
def delivering(fake: FakeAttio, to: str | None) -> Generator[None]:
    """Send what webhooks are told to an address, from a thread of its own, as long as the block runs."""
    if to is None:
        yield
        return
    is_over = threading.Event()
    thread = threading.Thread(
        target=anyio.run, args=(_deliver, fake, to, is_over), name="deliveries", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


async def _deliver(fake: FakeAttio, to: str, is_over: threading.Event) -> None:
    while not is_over.is_set():
        if fake.webhooks.queued:
            await fake.webhooks.deliver(to=to)
        await anyio.sleep(_PAUSE)


_CLIENT_ID = "served-app"


@attrs.frozen(kw_only=True)
class Served:
    """What to serve. `latency` is in seconds; without `state` the workspace is gone in the end.

    Where there are `redirect_uris`, an app is registered that can be connected by OAuth. `deliver_to` is where
    deliveries of webhooks are sent, whatever the webhooks' own addresses.
    """

    port: int
    token: str = attrs.field(repr=False)
    reads: int
    writes: int
    window: Literal["fixed", "sliding", "counter", "bucket"]
    latency: float
    state: Path | None
    seed: int
    redirect_uris: Sequence[str] = ()
    deliver_to: str | None = None


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
    options: dict[str, Any] = {
        "token": served.token,
        "seed": served.seed,
        "latency": served.latency,
        "keep_calls": 0,  # nobody can look at them
    }
    if served.deliver_to is not None:
        private_url("--deliver-to", served.deliver_to)
    with (
        refusing_what_cannot_listen(served.port),
        kept_in(served.state, limits=limits, **options) as fake,
        fake.serve(port=served.port) as server,
        delivering(fake, served.deliver_to),
        suppress(KeyboardInterrupt),
    ):
        variables = {"ATTIO_BASE_URL": server.url, "ATTIO_API_KEY": served.token, **_app(fake, served)}
        for name, value in variables.items():
            print(f"export {name}={shlex.quote(value)}", file=out, flush=True)
        print(f"Serving a fake workspace (process {os.getpid()}). Ctrl-C ends it.", file=err, flush=True)
        threading.Event().wait()
    return 0


def _app(fake: FakeAttio, served: Served) -> dict[str, str]:
    """The variables of an app that can be connected by OAuth, which is registered, if one is wanted."""
    if not served.redirect_uris:
        return {}
    secret = secrets.token_urlsafe(32)
    client = fake.auth.add_oauth_client(_CLIENT_ID, secret, served.redirect_uris)
    return {"ATTIO_CLIENT_ID": client.client_id, "ATTIO_CLIENT_SECRET": secret}
