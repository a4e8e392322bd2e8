"""From a command's work to its exit code: every failure that can be foreseen becomes one clear message."""

import os
import signal
import sys
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import typer

from ..errors import AttioError, ConfigurationError
from .errors import Refusal

_FAILED, _NOTHING_DONE, _INTERRUPTED = 1, 2, 130


def run(work: Callable[[], int]) -> int:
    """The exit code of a command's work: its own, or that of what stopped it."""
    try:
        with _terminate_like_interrupt():
            return work()
    except (Refusal, ConfigurationError) as error:
        return complain(str(error), _NOTHING_DONE)
    except AttioError as error:
        return complain(str(error), _FAILED)
    except BrokenPipeError:
        # Whoever read the output has gone; what is still buffered must not complain again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _FAILED
    except OSError as error:
        return complain(f"{error.filename}: {error.strerror}" if error.filename else str(error), _FAILED)
    except KeyboardInterrupt:
        return complain("Interrupted.", _INTERRUPTED)


def run_async(work: Callable[[], Awaitable[int]]) -> int:
    """As `run`, for work that waits."""
    import anyio

    return run(lambda: anyio.run(work))


def complain(message: str, code: int) -> int:
    """Print a message for people, and return the code."""
    from .output import printable

    typer.echo(printable(message), err=True)
    return code


def tell_if_new(embedded: Path | None) -> None:
    """Say so when an embedded workspace is only now made: perhaps its name is wrong."""
    if embedded is not None and not embedded.exists():
        complain(f"{embedded} is new: an empty workspace", 0)


def refuse_same_file(files: Mapping[str, str | Path | None]) -> None:
    """Keep two files that a command reads and writes from being one.

    Raises:
        Refusal: Two of them are.
    """
    seen: dict[str, str] = {}
    for name, file in files.items():
        if file is None or str(file) == "-":
            continue
        other = seen.setdefault(os.path.realpath(file), name)
        if other != name:
            raise Refusal(f"{other} and {name} are the same file, {file}")


@contextmanager
def _terminate_like_interrupt() -> Generator[None]:
    """Let SIGTERM end the work as Ctrl-C does, so that files are finished or removed and states are saved."""

    def forward(_signal: int, _frame: object) -> None:
        if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # as for what a shell starts in the background
            raise KeyboardInterrupt
        signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGTERM, forward)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
