"""The workspace that a command works on: Attio's, or one embedded in a file."""

import os
import secrets
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .completion.names import current_file, profile_names_file, token_names_file
from .errors import Refusal, as_refusal
from .options import ConnectionOptions
from .output import tell, verbosity

if TYPE_CHECKING:
    from .._client import Attio
    from .._pipeline.events import HookEvent
    from ..testing import FakeAttio

_EMBEDDED_LATENCY_S = 0.02
_SHOWN_WAIT_S = 0.001

_HOW_TO_START = """\
No access token: the environment variable ATTIO_API_KEY is not set.

To work on your workspace, create a token in Attio (workspace settings > Developers > Access tokens), then run:
    attio-async login        or: export ATTIO_API_KEY=...

To try it without an account, run `attio-async demo`, or add --embedded FILE to use an embedded workspace kept in FILE."""


@asynccontextmanager
async def open_workspace(connection: ConnectionOptions, *, announce: bool = True) -> "AsyncGenerator[Attio]":
    """Open a client of the workspace of a profile or of ATTIO_API_KEY, or of the one embedded in a file.

    Args:
        connection: The options that say which one.
        announce: Say when the file is new.

    Raises:
        Refusal: The token is missing, or the file does not hold a workspace.
        ConfigurationError: The token or the address cannot work.
    """
    from .._client import Attio
    from ..testing import Limits
    from .profiles import ProfileFile

    shown = verbosity.get()
    hooks = (_tell_request,) if shown.verbose and not shown.debug else ()  # the log has them
    if connection.embedded is not None and connection.profile is not None:
        raise Refusal("give either --embedded or --profile")
    options: dict[str, Any]
    if connection.embedded is not None:
        current_file.set(None)
        options = {"latency": _EMBEDDED_LATENCY_S, "limits": Limits(), "announce": announce}
        with embedded_workspace(connection.embedded, **options) as fake:
            async with fake.client(hooks=hooks) as attio:
                yield attio
        return
    profile = ProfileFile().chosen(connection.profile, os.environ)
    if profile is None and not os.environ.get("ATTIO_API_KEY", "").strip():
        raise Refusal(_HOW_TO_START)
    options = {} if profile is None else {"token": profile[1].token, "base_url": profile[1].base_url}
    current_file.set(token_names_file(os.environ) if profile is None else profile_names_file(profile[0]))
    async with Attio(**options, hooks=hooks) as attio:
        yield attio


def _tell_request(event: "HookEvent") -> None:
    """Print a line for each attempt and retry; it has no values and no token."""
    from .._pipeline.events import AttemptEnded, RetryScheduled

    if isinstance(event, AttemptEnded):
        retried = f", attempt {event.attempt}" if event.attempt > 1 else ""
        waited = f", waited {event.waited * 1000:,.0f} ms" if event.waited >= _SHOWN_WAIT_S else ""
        outcome = event.status or event.error
        tell(f"{event.method} {event.path} {outcome} {event.seconds * 1000:,.0f} ms{retried}{waited}")
    elif isinstance(event, RetryScheduled):
        tell(f"retrying in {event.delay:.1f} s: {event.reason}")


@asynccontextmanager
async def read_workspace(connection: ConnectionOptions) -> "AsyncGenerator[Attio]":
    """Open a workspace for a command that only reads: every error of the library means that nothing was done."""
    async with open_workspace(connection) as attio:
        with as_refusal():
            yield attio


@asynccontextmanager
async def write_workspace(connection: ConnectionOptions, *, announce: bool = True) -> "AsyncGenerator[Attio]":
    """Open a workspace for a command that writes, and say on standard error which one it is."""
    async with open_workspace(connection, announce=announce) as attio:
        with as_refusal():
            me = await attio.identify()
        tell(f"Workspace: {me.workspace_name} ({me.workspace_slug})")
        yield attio


@contextmanager
def embedded_workspace(
    file: Path | None, *, announce: bool = False, **options: Any
) -> "Generator[FakeAttio]":
    """Open a fake workspace whose state is in `file`, and save it there when the block ends, also by an error.

    A missing or empty file is an empty workspace. Without a file nothing is kept.

    Args:
        file: The file with the state.
        announce: Say when the file is new, since its name may be mistyped.
        options: The options of `FakeAttio`.

    Raises:
        Refusal: The file holds something else, cannot be read or written, or another command works on it.
    """
    from .._storage.files import atomic_file, resolve_target
    from ..testing import FakeAttio

    if file is None:
        yield FakeAttio(**options)
        return
    if announce and not file.exists():
        tell(f"{file} is new: an empty workspace")
    try:
        state = file.read_bytes() if file.exists() else b""
    except OSError as error:
        raise Refusal(f"{file} cannot be read: {error.strerror or error}") from error
    with as_refusal():
        resolve_target(file)  # what the block does would be lost at its end
    with _reserved(file):
        state = file.read_bytes() if file.exists() else b""  # no other command can change it any more
        try:
            if not state:  # ids of its own, so that a journal begun with it is not taken for one of another
                options.setdefault("seed", secrets.randbits(31))
            fake = FakeAttio.from_json(state, **options) if state else FakeAttio(**options)
        except (ValueError, LookupError, TypeError) as error:
            raise Refusal(
                f"{file} does not hold an embedded workspace, so it was left alone: {error}"
            ) from error
        try:
            yield fake
        finally:
            with atomic_file(file) as saved:
                saved.write(fake.to_json())


@contextmanager
def _reserved(file: Path) -> Generator[None]:
    """Keep other commands from a file until the block ends: the last of them would undo what the others did.

    Raises:
        Refusal: Another command works on it.
    """
    if os.name != "posix":  # an open file cannot be replaced there
        yield
        return
    from .._storage.files import try_lock

    descriptor = os.open(file, os.O_RDONLY | os.O_CREAT, 0o600)
    try:
        # The command that had it may have replaced it meanwhile.
        if not try_lock(descriptor) or not os.path.samestat(os.fstat(descriptor), file.stat()):
            raise Refusal(f"{file} is in use by another command. Wait for its end, or use another file")
        yield
    finally:
        os.close(descriptor)
