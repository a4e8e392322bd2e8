"""Secrets, and exceptions that hold none.

Error reporters send the local variables of each frame of a traceback, and those of each exception behind the first. So a
secret is passed on as a `Secret`, whose `repr` shows nothing, and an exception leaves the code that puts the plain text on
the wire without the frames of that code.
"""

import functools
import hmac
import inspect
import traceback
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, ParamSpec, TypeVar, cast

from ..errors import AttioError
from .public import public

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

_PACKAGE = Path(__file__).parents[1]
_WIRE = str(_PACKAGE / "_transport")
_OURS = str(_PACKAGE)
_PACKAGE_FOLDERS = ("site-packages", "dist-packages")
_HTTP_LIBRARIES = frozenset({"aiohttp", "h11", "httpcore", "httpcore2", "httpx", "httpx2", "httpx_aiohttp"})


@functools.cache
def _library_folders() -> tuple[str, ...]:
    """Return the folders of the standard library and of installed packages."""
    import sysconfig  # noqa: PLC0415 - slow, and needed after a failure only

    paths = sysconfig.get_paths().items()
    return tuple({str(Path(path)) for name, path in paths if name.endswith(("lib", "stdlib"))})


@public
class Secret:
    """A text that no `repr`, log, traceback or pickle shows.

    Args:
        text: The text, such as an access token.

    Attributes:
        reveal: Returns the text.
    """

    __slots__ = ("reveal",)

    def __init__(self, text: str) -> None:
        self.reveal: Callable[[], str] = lambda: text

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self.reveal().encode(), other.reveal().encode())

    def __hash__(self) -> int:
        return hash(self.reveal())

    def __repr__(self) -> str:
        return "Secret('…')"

    def __reduce__(self) -> str:
        raise TypeError("a secret cannot be pickled")


def hidden(given: str | T) -> Secret | T:
    """Return a text as a secret, and anything else as it is. Callers forget the text at once."""
    return Secret(given) if isinstance(given, str) else given


def guarded(function: Callable[P, R]) -> Callable[P, R]:
    """Decorate a function that takes a secret as text: what it raises keeps no frame of this package."""
    if inspect.iscoroutinefunction(function):
        return cast("Callable[P, R]", _guarded_coroutine(function))

    @functools.wraps(function)
    def call(*arguments: P.args, **options: P.kwargs) -> R:
        try:
            return function(*arguments, **options)
        except BaseException as error:  # noqa: BLE001 - raised again below
            failure = error
        del arguments, options
        try:
            raise cleaned(failure, keep_own=False)
        finally:
            del failure

    return call


def _guarded_coroutine(function: Callable[P, Coroutine[Any, Any, R]]) -> Callable[P, Coroutine[Any, Any, R]]:
    @functools.wraps(function)
    async def call(*arguments: P.args, **options: P.kwargs) -> R:
        try:
            return await function(*arguments, **options)
        except BaseException as error:  # noqa: BLE001 - raised again below
            failure = error
        del arguments, options
        try:
            raise cleaned(failure, keep_own=False)
        finally:
            del failure

    return call


def cleaned(error: BaseException, *, keep_own: bool = True) -> BaseException:
    """Remove the frames of the wire and of libraries from an exception and those behind it, and return it.

    The caller's own frames stay, such as those of a function that writes a download. Exceptions of HTTP libraries are
    removed, since they hold the request. An exception that is not documented gets a note of where it was raised.
    With `keep_own` the frames of this package above the wire stay, too.
    """
    if isinstance(error, Exception) and not isinstance(error, AttioError):
        for frame, line in list(traceback.walk_tb(error.__traceback__))[-1:]:
            if _is_dropped(place := frame.f_code.co_filename, keep_own=keep_own):
                error.add_note(f"raised in {place}, line {line}; frames that may hold secrets are left out")
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        each.__traceback__ = _kept(each.__traceback__, keep_own=keep_own)
        hides_context = each.__suppress_context__
        each.__cause__ = _harmless(each.__cause__)
        each.__context__ = _harmless(each.__context__)
        each.__suppress_context__ = hides_context
        waiting += [other for other in (each.__cause__, each.__context__) if other is not None]
        if isinstance(each, BaseExceptionGroup):
            waiting += cast("BaseExceptionGroup[BaseException]", each).exceptions
    return error


def _harmless(error: BaseException | None) -> BaseException | None:
    """Return an exception; in place of one of an HTTP library, the first one behind it that is not."""
    while error is not None and type(error).__module__.partition(".")[0] in _HTTP_LIBRARIES:
        error = error.__cause__ or error.__context__
    return error


def _kept(trace: TracebackType | None, *, keep_own: bool) -> TracebackType | None:
    """Return the frames of a traceback that stay."""
    frames: list[TracebackType] = []
    while trace is not None:
        if not _is_dropped(trace.tb_frame.f_code.co_filename, keep_own=keep_own):
            frames.append(trace)
        trace = trace.tb_next
    kept: TracebackType | None = None
    for each in reversed(frames):  # a loop, since a traceback may be as deep as the stack
        kept = TracebackType(kept, each.tb_frame, each.tb_lasti, each.tb_lineno)
    return kept


def _is_dropped(filename: str, *, keep_own: bool) -> bool:
    if filename.startswith(_OURS):
        return not keep_own or filename.startswith(_WIRE)
    is_library = filename.startswith(_library_folders()) or any(
        folder in filename for folder in _PACKAGE_FOLDERS
    )
    return is_library or filename.startswith(("<frozen ", "<attrs "))
