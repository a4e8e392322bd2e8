"""Cancel an operation at its n-th suspension, for all n, and look at what is left.

On asyncio the suspensions of the tasks that it starts count, too, in native modes.

Natively, by ``task.cancel()`` as ``asyncio.timeout``, servers and Ctrl-C do it, and by a cancel scope, on asyncio and trio.
"""

import asyncio
import gc
import sys
import threading
import time
import types
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar, Literal

import anyio
import attrs

Mode = Literal["native", "late", "every", "scope", "trio"]
MODES: tuple[Mode, ...] = ("native", "late", "every", "scope", "trio")
"""Cancel the task, natively: at once, or a moment later, or with all other tasks as a loop does at its end; or its scope,
on asyncio or trio."""

_LATE_S = 0.0003
_LIMIT_S = 30.0
"""An operation that takes longer hangs."""
_SETTLE_S = 3.0


class Case(ABC):
    """An operation that is cancelled, and then carried out with the same objects.

    Attributes:
        folder: An empty folder.
        number: A number that no other case of this process has.
        modes: The modes in which it is tried.
    """

    modes: ClassVar[tuple[Mode, ...]] = MODES

    def __init__(self, folder: Path, number: int) -> None:
        self.folder = folder
        self.number = number

    async def open(self) -> None:  # noqa: B027 - most cases need only some of these methods
        """Prepare what the operation needs."""

    @abstractmethod
    async def act(self) -> None:
        """Carry out the operation."""

    async def check(self) -> None:  # noqa: B027
        """Check after the operation was cancelled, and then carried out, that what was reported is done, once."""

    def check_idle(self) -> None:  # noqa: B027
        """Check right after the cancellation that nothing is held."""

    async def close(self) -> None:  # noqa: B027
        """Close everything."""


class _Counter:
    """Calls `at_point` when something suspends for the n-th time."""

    def __init__(self, point: int, at_point: Callable[[], object]) -> None:
        self._left = point
        self._at_point = at_point

    def count(self) -> None:
        self._left -= 1
        if self._left == 0:
            self._at_point()

    def factory(self, loop: asyncio.AbstractEventLoop, inner: Any, **options: Any) -> "asyncio.Task[Any]":
        """Create a task of asyncio whose suspensions count, too."""

        async def run() -> Any:
            return await _counted(inner, self)

        return asyncio.Task(run(), loop=loop, **options)


@types.coroutine
def _counted(coroutine: Coroutine[Any, Any, Any], counter: _Counter) -> Generator[Any, Any, Any]:
    """Run a coroutine, and count its suspensions."""
    value, error = None, None
    while True:
        try:
            waited_for = coroutine.send(value) if error is None else coroutine.throw(error)
        except StopIteration as end:
            return end.value
        counter.count()
        value = error = None
        try:
            value = yield waited_for
        except BaseException as thrown:  # noqa: BLE001 - passed on
            error = thrown


@attrs.define
class _Attempt:
    """The outcome of an operation that was to be cancelled."""

    reached: bool = False
    failure: BaseException | None = None


async def _attempt_natively(act: Callable[[], Coroutine[Any, Any, None]], point: int, mode: Mode) -> _Attempt:
    attempt = _Attempt()
    others = asyncio.all_tasks()

    def cancel() -> None:
        attempt.reached = True
        if mode == "late":
            asyncio.get_running_loop().call_later(_LATE_S, task.cancel)
        else:
            for each in asyncio.all_tasks() - others if mode == "every" else {task}:
                each.cancel()

    operation, loop = act(), asyncio.get_running_loop()
    loop.set_task_factory(_Counter(point, cancel).factory)
    task = asyncio.create_task(operation)
    done, _ = await asyncio.wait([task], timeout=_LIMIT_S)
    loop.set_task_factory(None)
    assert done, f"hangs when it is cancelled at point {point}: {_stack(operation)}"
    if not task.cancelled():
        attempt.failure = task.exception()
    return attempt


async def _attempt_in_scope(act: Callable[[], Coroutine[Any, Any, None]], point: int) -> _Attempt:
    attempt = _Attempt()
    with anyio.fail_after(_LIMIT_S), anyio.CancelScope() as scope:

        def cancel() -> None:
            attempt.reached = True
            scope.cancel()

        try:
            await _counted(act(), _Counter(point, cancel))
        except Exception as error:  # noqa: BLE001 - judged by the caller
            attempt.failure = error
    return attempt


def _stack(inner: Any) -> str:
    frames: list[str] = []
    while inner is not None:
        frame = getattr(inner, "cr_frame", None) or getattr(inner, "gi_frame", None)
        frames.append(
            f"{getattr(inner, '__qualname__', type(inner).__name__)}:{frame.f_lineno if frame else '?'}"
        )
        inner = getattr(inner, "cr_await", None) or getattr(inner, "gi_yieldfrom", None)
    return " > ".join(frames)


class Leaks:
    """The files, sockets, threads and tasks that this process holds."""

    def __init__(self) -> None:
        self._files = _open_files()
        self._threads = _threads()
        self._tasks = _tasks()

    async def check(self) -> None:
        """Check that nothing new is held, as soon as what is ending has ended."""
        until = time.monotonic() + _SETTLE_S
        while found := self._found():
            assert time.monotonic() < until, f"left behind: {'; '.join(found)}"
            gc.collect()
            await anyio.sleep(0.005)

    def _found(self) -> list[str]:
        files = _open_files()
        more = len(files) - len(self._files)
        found = [f"files {sorted(set(files.values()) - set(self._files.values()))[:5]}"] if more > 0 else []
        found += [f"thread {each.name}" for each in _threads() - self._threads]
        found += [f"task {each}" for each in _tasks() - self._tasks]
        return found


def _open_files() -> dict[str, str]:
    found: dict[str, str] = {}
    for link in Path("/proc/self/fd").iterdir() if sys.platform == "linux" else []:
        with suppress(FileNotFoundError):
            found[link.name] = str(link.readlink())
    return found


def _threads() -> set[threading.Thread]:
    """Return the threads, without those that wait for further work."""
    return {
        each for each in threading.enumerate() if not each.name.startswith(("attio-async", "AnyIO", "Trio"))
    }


def _tasks() -> set["asyncio.Task[Any]"]:
    try:
        return asyncio.all_tasks()
    except RuntimeError:  # trio, which lets no task outlive its nursery
        return set()


async def cancel_at(make: Callable[[], Case], point: int, mode: Mode) -> bool:
    """Cancel the operation of a new case at a point, then carry it out. Return False if there are fewer points."""
    leaks = Leaks()
    case = make()
    if mode not in case.modes:
        return False
    await case.open()
    try:
        if mode in ("scope", "trio"):
            attempt = await _attempt_in_scope(case.act, point)
        else:
            attempt = await _attempt_natively(case.act, point, mode)
        if attempt.failure is not None:
            raise AssertionError(f"cancelled at point {point}, it fails") from attempt.failure
        case.check_idle()
        with anyio.fail_after(_LIMIT_S):
            await case.act()
            await case.check()
    finally:
        with anyio.CancelScope(shield=True):
            await case.close()
    await leaks.check()
    return attempt.reached


async def cancel_everywhere(make: Callable[[], Case], mode: Mode, points: Iterable[int]) -> int:
    """Cancel at these points, up to the last that there is; return how many were tried."""
    count = 0
    for point in points:
        try:
            if not await cancel_at(make, point, mode):
                break
        except AssertionError:
            raise
        except BaseException as error:
            raise AssertionError(f"after a cancellation at point {point}: {error!r}") from error
        count += 1
    return count


def run(act: Callable[[], Awaitable[int]], mode: Mode) -> int:
    """Run in an event loop of the mode."""
    return anyio.run(act, backend="trio" if mode == "trio" else "asyncio")
