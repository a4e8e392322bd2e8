"""Run the work of a command to its exit code: every foreseeable failure becomes one clear message."""

import os
import signal
import sys
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import fields
from functools import partial, wraps
from inspect import Parameter, iscoroutinefunction, signature
from typing import TYPE_CHECKING, Any

import typer

from .errors import Refusal
from .options import OptionGroup
from .output import tell

if TYPE_CHECKING:
    from anyio.abc import TaskStatus

_FAILED, _NOTHING_DONE, _INTERRUPTED = 1, 2, 130


def as_command(function: Callable[..., Any]) -> Callable[..., None]:
    """Wrap the function of a command so that it ends with an exit code.

    An `OptionGroup` in the signature becomes the options of the group.

    Args:
        function: Returns the exit code, or None for 0. A coroutine function is run in an event loop.
    """
    given = signature(function)
    groups = {
        each.name: each.annotation
        for each in given.parameters.values()
        if isinstance(each.annotation, type) and issubclass(each.annotation, OptionGroup)
    }

    @wraps(function)
    def command(**options: Any) -> None:
        for name, group in groups.items():
            options[name] = group(**{each.name: options.pop(each.name) for each in fields(group)})
        work = partial(function, **options)
        raise typer.Exit(run(partial(_run_async, work) if iscoroutinefunction(function) else work))

    parameters = [each for each in given.parameters.values() if each.name not in groups]
    parameters += [
        Parameter(each.name, Parameter.KEYWORD_ONLY, default=each.default, annotation=each.type)
        for group in groups.values()
        for each in fields(group)
    ]
    vars(command)["__signature__"] = given.replace(parameters=parameters)
    return command


def run(work: Callable[[], int | None]) -> int:
    """Return the exit code of a command's work: its own, or that of the failure that ended it."""
    from ..errors import AttioError, CoercionError, ConfigurationError

    try:
        with _sigterm_as_sigint():
            return work() or 0
    except (Refusal, CoercionError, ConfigurationError) as error:
        message, code = str(error), _NOTHING_DONE
    except AttioError as error:
        message, code = str(error), _FAILED
    except BrokenPipeError:
        # The reader of the output has gone; what is still buffered must not fail again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _FAILED
    except OSError as error:
        message, code = f"{error.filename}: {error.strerror}" if error.filename else str(error), _FAILED
    except KeyboardInterrupt:
        message, code = "Interrupted.", _INTERRUPTED
    tell(message)
    return code


def _run_async(work: Callable[[], Awaitable[int | None]]) -> int | None:
    import anyio

    return anyio.run(work)


@contextmanager
def _sigterm_as_sigint() -> Generator[None]:
    """Let SIGTERM end the work as Ctrl-C does, so that files are finished or removed and states are saved."""

    def forward(_signal: int, _frame: object) -> None:
        if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # a shell starts background processes like this
            raise KeyboardInterrupt
        signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGTERM, forward)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


async def run_stoppable(job: Callable[[], Awaitable[object]], *, on_stop: Callable[[], None]) -> None:
    """Run a job; the first SIGINT (Ctrl-C) calls `on_stop`, the second one cancels the job."""
    import anyio

    from .._utils.concurrency import sole

    async def listen(*, task_status: "TaskStatus[None]") -> None:
        with anyio.open_signal_receiver(signal.SIGINT) as signals:
            task_status.started()
            await anext(signals)
            on_stop()
            await anext(signals)
            group.cancel_scope.cancel()

    try:
        async with anyio.create_task_group() as group:
            await group.start(listen)
            await job()
            group.cancel_scope.cancel()
    except BaseExceptionGroup as errors:
        raise sole(errors) from None
