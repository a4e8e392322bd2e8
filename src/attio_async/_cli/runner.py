"""Run the work of a command to its exit code: every foreseeable failure becomes one clear message."""

import os
import signal
import sys
import threading
import time
from _thread import interrupt_main, start_new_thread
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import fields
from functools import partial, wraps
from inspect import Parameter, iscoroutinefunction, signature
from itertools import pairwise
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

import typer

from .errors import Refusal
from .options import OptionGroup, OutputFormat, Verbosity
from .output import tell_error, to_json, verbosity

if TYPE_CHECKING:
    from anyio.abc import TaskStatus

_FAILED, _NOTHING_DONE, _INTERRUPTED, _READER_GONE = 1, 2, 130, 141
_MIN_HELP_WIDTH, _MAX_HELP_WIDTH = 30, 100
_SIGNAL_INTERVAL_S = 0.2
_LOST_SIGNAL_S = 0.01
_VERBOSITY = "verbosity"
_JSON_FORMATS = (OutputFormat.json, OutputFormat.jsonl)


def run_app(app: typer.Typer, arguments: Sequence[str]) -> int:
    """Run the command line with these arguments, and return its exit code."""
    from typer import _click
    from typer.main import get_command

    width = min(max(get_terminal_size().columns - 2, _MIN_HELP_WIDTH), _MAX_HELP_WIDTH)
    _open_closed_streams()
    _accept_all_texts()
    try:
        try:
            command = get_command(app)
            with command.make_context("attio-async", list(arguments), terminal_width=width) as context:
                command.invoke(context)
            code = 0
        except typer.Exit as ended:
            code = ended.exit_code
        except _click.ClickException as error:
            if _wants_json(arguments):
                facts = {"exception": type(error).__name__, "message": error.format_message()}
                tell_error(to_json({**facts, "exit_code": error.exit_code}))
            else:
                error.show()
            code = error.exit_code
        sys.stdout.flush()
    except BrokenPipeError:
        return _reader_gone()
    except OSError as error:  # such as a full disk, for the help
        tell_error(str(error))
        _leave_unwritten()
        return _FAILED
    return code


def _open_closed_streams() -> None:
    """Open what a shell or a service has closed: input is empty, and output goes nowhere."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - for the whole process


def _accept_all_texts() -> None:
    """Let standard output take every text: programs get UTF-8, and a terminal escapes of what it does not have."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)  # not in what stands in for it
    if reconfigure is not None:
        encoding = sys.stdout.encoding if sys.stdout.isatty() else "utf-8"
        reconfigure(encoding=encoding, errors="backslashreplace")


def _wants_json(arguments: Sequence[str]) -> bool:
    """Return True if the arguments, which may be invalid, ask for JSON."""
    formats = {f"--format={each}" for each in _JSON_FORMATS}
    pairs = {f"{name}={value}" for name, value in pairwise(arguments)}
    return not formats.isdisjoint({*arguments, *pairs}) or "--json" in arguments


def _reader_gone() -> int:
    """Leave what is still buffered, and return the exit code."""
    _leave_unwritten()
    return _READER_GONE


def _leave_unwritten() -> None:
    """Leave what is still buffered and cannot be written, so that it does not fail again at the end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def as_command(function: Callable[..., Any]) -> Callable[..., None]:
    """Wrap the function of a command so that it ends with an exit code.

    An `OptionGroup` in the signature becomes the options of the group, and every command has those of `Verbosity`.

    Args:
        function: Returns the exit code, or None for 0. A coroutine function is run in an event loop.
    """
    given = signature(function)
    groups: dict[str, type[OptionGroup]] = {
        each.name: each.annotation
        for each in given.parameters.values()
        if isinstance(each.annotation, type) and issubclass(each.annotation, OptionGroup)
    } | {_VERBOSITY: Verbosity}

    @wraps(function)
    def command(**options: Any) -> None:
        as_json = bool(options.get("as_json")) or options.get("format") in _JSON_FORMATS
        for name, group in groups.items():
            given = {each.name: options.pop(each.name) for each in fields(group) if each.name in options}
            options[name] = group(**given)
        before = verbosity.set(options.pop(_VERBOSITY))
        work = partial(function, **options)
        work = partial(_run_async, work) if iscoroutinefunction(function) else work
        try:
            raise typer.Exit(run(work, as_json=as_json))
        finally:
            verbosity.reset(before)

    parameters = [each for each in given.parameters.values() if each.name not in groups]
    parameters += [
        Parameter(each.name, Parameter.KEYWORD_ONLY, default=each.default, annotation=each.type)
        for group in groups.values()
        for each in fields(group)
    ]
    vars(command)["__signature__"] = given.replace(parameters=parameters)
    return command


def run(work: Callable[[], int | None], *, as_json: bool = False) -> int:
    """Return the exit code of a command's work: its own, or that of the failure that ended it.

    Args:
        work: Returns the exit code, or None for 0.
        as_json: Print the failure as JSON.
    """
    from ..errors import AttioError, CoercionError, ConfigurationError

    failure: BaseException
    try:
        with _sigterm_as_sigint(), _lost_interrupts_repeated(), _logging():
            code = work() or 0
            sys.stdout.flush()
            return code
    except (Refusal, CoercionError, ConfigurationError) as error:
        failure, message, code = error, str(error), _NOTHING_DONE
    except AttioError as error:
        failure, message, code = error, str(error), _FAILED
    except BrokenPipeError:
        return _reader_gone()
    except OSError as error:
        failure, code = error, _FAILED
        message = f"{error.filename}: {error.strerror}" if error.filename else str(error)
    except (KeyboardInterrupt, typer.Abort) as error:
        failure, message, code = error, "Interrupted.", _INTERRUPTED
    except RuntimeError as error:
        # What Python 3.11 makes of an interrupt while a class is created, as in an import that a command begins with.
        if not isinstance(error.__cause__, KeyboardInterrupt):
            raise
        failure, message, code = error, "Interrupted.", _INTERRUPTED
    _tell_failure(failure, message, code, as_json=as_json)
    return code


def _tell_failure(failure: BaseException, message: str, code: int, *, as_json: bool) -> None:
    from ..errors import AttioError

    if verbosity.get().debug:
        import traceback

        tell_error("".join(traceback.format_exception(failure)))
    if as_json:
        cause = failure.__cause__ if isinstance(failure, Refusal) and failure.__cause__ else failure
        facts = cause.to_dict() if isinstance(cause, AttioError) else {"exception": type(cause).__name__}
        message = to_json({**facts, "message": message, "exit_code": code})
    tell_error(message)


@contextmanager
def _logging() -> Generator[None]:
    """Show the log of the library on standard error, if the command is to debug."""
    if not verbosity.get().debug:
        yield
        return
    import logging

    logger, handler = logging.getLogger("attio_async"), logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)


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

    outside = signal.getsignal(signal.SIGINT)
    if outside != signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    before = signal.signal(signal.SIGTERM, forward)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
        signal.signal(signal.SIGINT, outside)


@contextmanager
def _lost_interrupts_repeated() -> Generator[None]:
    """Interrupt again after an interrupt that Python only reports, as it does in callbacks.

    One is that of the weak references to the locks of modules, so an `import` may lose an interrupt.
    """
    before, main = sys.unraisablehook, threading.get_ident()
    guard, is_over = threading.Lock(), False

    def repeat(lost: "sys.UnraisableHookArgs") -> None:
        if isinstance(lost.exc_value, KeyboardInterrupt):
            # Not at once, since that would interrupt this function and be lost as well.
            start_new_thread(interrupt_soon, ())
        else:
            before(lost)

    def interrupt_soon() -> None:
        time.sleep(_LOST_SIGNAL_S)
        with guard:
            if not is_over:
                _interrupt(main)

    sys.unraisablehook = repeat
    try:
        yield
    finally:
        sys.unraisablehook = before
        with guard:
            is_over = True


def _interrupt(thread: int) -> None:
    """Interrupt the main thread, also in a sleep or another system call; by SIGTERM, since a shell may have SIGINT ignored."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(thread, signal.SIGTERM)
    else:
        interrupt_main(signal.SIGTERM)


def wait_for_interrupt(is_over: Callable[[], bool] = lambda: False) -> None:
    """Wait until it is over.

    The main thread must not wait for a lock: a signal that arrives just before it blocks, or in another thread, does
    not wake it, and one within `threading.Event.wait` may end in a RuntimeError. A sleep ends by itself, and the
    interrupt is raised then.

    Raises:
        KeyboardInterrupt: Ctrl-C or SIGTERM.
    """
    while not is_over():
        time.sleep(_SIGNAL_INTERVAL_S)


async def run_stoppable(job: Callable[[], Awaitable[object]], *, on_stop: Callable[[], None]) -> None:
    """Run a job; the first SIGINT (Ctrl-C) calls `on_stop`, the second one cancels the job."""
    import anyio

    from .._utils.concurrency import sole

    async def listen(*, task_status: "TaskStatus[None]") -> None:
        with suppress(NotImplementedError):  # on Windows, where Ctrl-C cancels the job at once
            with anyio.open_signal_receiver(signal.SIGINT) as signals:
                task_status.started()
                await anext(signals)
                on_stop()
                await anext(signals)
                group.cancel_scope.cancel()
            return
        task_status.started()

    try:
        async with anyio.create_task_group() as group:
            await group.start(listen)
            await job()
            group.cancel_scope.cancel()
    except BaseExceptionGroup as errors:
        raise sole(errors) from None
