"""Completion of names by the shell: from a private file on this machine, without a request."""

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from pathlib import Path
from typing import cast

import typer

from .errors import Refusal

ENVIRONMENT = "environment"
"""Stands for the workspace of ATTIO_API_KEY, which has no profile."""

current_profile: ContextVar[str | None] = ContextVar("current_profile", default=None)
"""The profile whose workspace the command works on; None for an embedded one, whose names are not kept."""


def remember_names(names: Iterable[str]) -> None:
    """Keep the names of objects and lists for the shell. Nothing is lost if they cannot be written."""
    profile = current_profile.get()
    if profile is None:
        return
    known = _known()
    merged = sorted({*known.get(profile, ()), *names})
    if merged == known.get(profile):
        return
    from .._storage.files import atomic_file
    from ..errors import AttioError

    with suppress(AttioError, OSError):
        _file().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with atomic_file(_file()) as file:
            file.write(json.dumps({**known, profile: merged}).encode())


def complete_name(context: typer.Context, incomplete: str) -> list[str]:
    """Return the names of objects and lists that begin like this."""
    profile: object = context.params.get("profile")
    known = _known()
    names = (
        known.get(profile, ()) if isinstance(profile, str) else [n for each in known.values() for n in each]
    )
    return sorted({name for name in names if name.startswith(incomplete)})


def complete_reference(context: typer.Context, incomplete: str) -> list[str]:
    """Return the beginnings of references to records and entries."""
    return [] if "/" in incomplete else [f"{name}/" for name in complete_name(context, incomplete)]


def answer_shells() -> None:
    """Let the command line answer a shell that completes a command."""
    from typer._completion_classes import completion_init

    completion_init()


def print_script(shell: str) -> None:
    """Print the script that has a shell complete the commands, options and names.

    Raises:
        Refusal: The shell is unknown.
    """
    from typer.completion import shell_complete

    if shell not in {"bash", "zsh", "fish", "powershell"}:
        raise Refusal(f"unknown shell {shell!r}; bash, zsh, fish and powershell can complete")
    answer_shells()
    shell_complete(
        typer.main.get_command(typer.Typer(callback=lambda: None)),
        {},
        "attio-async",
        "_ATTIO_ASYNC_COMPLETE",
        f"source_{shell}",
    )


def _file() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "attio-async" / "names.json"


def _known() -> Mapping[str, list[str]]:
    try:
        found: object = json.loads(_file().read_bytes())
    except (OSError, ValueError):
        return {}
    return cast("dict[str, list[str]]", found) if isinstance(found, dict) else {}
