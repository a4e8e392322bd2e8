"""`serve`: a fake workspace for any client on this machine."""

import os
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import Refusal, refuse_bad_port
from ..options import Port
from ..output import print_text, tell
from ..runner import wait_for_interrupt
from ..workspace import embedded_workspace

if TYPE_CHECKING:
    from ...testing import FakeAttio

_DELIVERY_INTERVAL_S = 0.1
_CLIENT_ID = "served-app"
_TOKEN_BYTES = 32
"""Attio's tokens have 64 characters."""


class Window(StrEnum):
    """The ways in which a fake workspace counts requests."""

    fixed = "fixed"
    sliding = "sliding"
    counter = "counter"
    bucket = "bucket"


def serve(
    *,
    port: Port = 8787,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Address to listen on.")] = "127.0.0.1",
    allow_host: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST", help="Further name to be reached by, without a port; may be repeated."),
    ] = None,
    token: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Access token to accept.  [default: a new one]")
    ] = None,
    reads: Annotated[int, typer.Option(min=1, metavar="N", help="Allowed reads per second.")] = 100,
    writes: Annotated[int, typer.Option(min=1, metavar="N", help="Allowed writes per second.")] = 25,
    window: Annotated[
        Window,
        typer.Option("--window", metavar="WINDOW", help=f"How requests are counted: {', '.join(Window)}."),
    ] = Window.fixed,
    latency_ms: Annotated[
        float, typer.Option(min=0, metavar="MS", help="Milliseconds until an answer.")
    ] = 80,
    state: Annotated[Path | None, typer.Option(metavar="FILE", help="Keep the workspace in FILE.")] = None,
    load: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Fill the new workspace from FILE, which is YAML or JSON."),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="The same seed gives the same ids.")] = 0,
    redirect_uri: Annotated[
        list[str] | None,
        typer.Option(metavar="URI", help="Register an OAuth app with this redirect URI; may be repeated."),
    ] = None,
    deliver_to: Annotated[
        str | None, typer.Option(metavar="URL", help="Send the deliveries of all webhooks to URL.")
    ] = None,
    batch: Annotated[
        int, typer.Option(min=1, metavar="N", help="Put up to N changes of a record into one delivery.")
    ] = 1,
    formula: Annotated[
        str | None,
        typer.Option(
            metavar="SLUG", help="Let the system update this attribute after each change, as a formula."
        ),
    ] = None,
) -> None:
    """Serve a fake workspace on this machine.

    It answers any client of the API on 127.0.0.1 until Ctrl-C or SIGTERM, and prints the environment variables that point
    a client to it. /healthz answers without a token.

    Examples:
      attio-async serve --state workspace.json
      attio-async serve --load seeds.yaml --token test-token
      attio-async serve --host 0.0.0.0 --allow-host attio
      attio-async serve --port 0 --deliver-to http://127.0.0.1:8000/hooks --batch 10
    """
    import secrets
    import shlex

    from ..._utils.checks import private_url
    from ...testing import Deliveries, Limits

    if deliver_to is not None:
        private_url("--deliver-to", deliver_to)
    if not host:
        raise Refusal("--host is empty; give an address of this machine, such as 127.0.0.1")
    document = None if load is None else _document(load)
    if load is not None and state is not None and state.exists():
        raise Refusal(f"--load fills a new workspace, but {state} already exists; leave --load out")
    token = token or secrets.token_hex(_TOKEN_BYTES)
    limits = Limits(reads=reads, writes=writes, window=window.value)
    options: dict[str, Any] = {
        "token": token,
        "seed": seed,
        "latency": latency_ms / 1000,
        "limits": limits,
        "deliveries": Deliveries(batch=batch, formula=formula),
    }
    trial = _tried(options, redirect_uri)
    if load is not None:
        _fill(trial, load, document)  # so that an invalid file leaves no state behind
    with (
        refuse_bad_port(port),
        embedded_workspace(state, keep_calls=0, **options) as fake,  # nobody can look at the calls
        fake.serve(port=port, host=host, allow_hosts=allow_host or ()) as server,
        _delivering(fake, deliver_to),
        suppress(KeyboardInterrupt),
    ):
        if load is not None:
            _fill(fake, load, document)
        variables = {"ATTIO_BASE_URL": server.url, "ATTIO_API_KEY": token}
        if redirect_uri:
            variables |= _oauth_app(fake, redirect_uri)
        for name, value in variables.items():
            print_text(f"export {name}={shlex.quote(value)}")
        if not server.is_local:
            tell(
                f"Warning: other machines may reach {host}, and with the token they can change the workspace."
            )
        tell(f"Serving a fake workspace (process {os.getpid()}). Press Ctrl-C to stop.")
        wait_for_interrupt()


def _tried(options: dict[str, Any], redirect_uris: list[str] | None) -> "FakeAttio":
    """Return a fake with these options, which is not served.

    Raises:
        Refusal: An option is invalid.
    """
    from ...testing import FakeAttio

    try:
        fake = FakeAttio(**options)
        if redirect_uris:
            _oauth_app(fake, redirect_uris)
    except ValueError as error:
        raise Refusal(str(error)) from error
    return fake


def _document(file: Path) -> object:
    """Return the decoded content of a file: JSON if its name ends so, otherwise YAML.

    Raises:
        Refusal: The file cannot be read or decoded.
    """
    import msgspec

    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if file.suffix == ".json":
        try:
            return msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError) as error:
            raise Refusal(f"{file} is not valid JSON: {error}") from error
    try:
        from ruamel.yaml import YAML
        from ruamel.yaml.error import YAMLError
    except ImportError as error:
        raise Refusal(
            f'{file} is YAML, which needs ruamel.yaml; run: pip install "attio-async[cli]"'
        ) from error
    try:
        decoded: object = YAML(typ="safe", pure=True).load(text)  # pyright: ignore[reportUnknownMemberType]
    except (YAMLError, RecursionError) as error:
        raise Refusal(f"{file} is not valid YAML: {error}") from error
    return decoded


def _fill(fake: "FakeAttio", file: Path, document: Any) -> None:
    """Fill a fake with the content of a file.

    Raises:
        Refusal: Something in it is invalid.
    """
    try:
        fake.fill(document)
    except ValueError as error:
        raise Refusal(f"{file}: {error}") from error


def _oauth_app(fake: "FakeAttio", redirect_uris: list[str]) -> dict[str, str]:
    """Register an OAuth app and return its environment variables."""
    import secrets

    secret = secrets.token_urlsafe(32)
    client = fake.auth.add_oauth_client(_CLIENT_ID, secret, redirect_uris)
    return {"ATTIO_CLIENT_ID": client.client_id, "ATTIO_CLIENT_SECRET": secret}


@contextmanager
def _delivering(fake: "FakeAttio", to: str | None) -> Generator[None]:
    """Send the deliveries of webhooks to a URL, from a thread of its own, until the block ends."""
    import anyio

    if to is None:
        yield
        return

    async def deliver() -> None:
        while not is_over.is_set():
            if fake.webhooks.queued:
                await fake.webhooks.deliver(to=to)
            await anyio.sleep(_DELIVERY_INTERVAL_S)

    is_over = threading.Event()
    thread = threading.Thread(target=anyio.run, args=(deliver,), name="deliveries", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
