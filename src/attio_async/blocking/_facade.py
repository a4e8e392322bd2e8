"""Objects of the async client as code without async uses them: each call runs in the event loop of another thread.

The types are in `__init__.pyi`, which `scripts/blocking_types.py` generates from the async classes.
"""

import functools
import inspect
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractAsyncContextManager, AbstractContextManager, ExitStack, contextmanager
from types import TracebackType
from typing import Any, Self

import anyio
from anyio.from_thread import BlockingPortal, start_blocking_portal

from ..errors import ConfigurationError

_ENDED = object()

_SIGNAL_INTERVAL_S = 0.2
"""Seconds of one wait for a result: a signal that comes just before a wait begins, or in another thread, does not end it."""


class LoopThread:
    """A thread with an event loop, started by the first call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stack = ExitStack()
        self._portal: BlockingPortal | None = None
        self._ident: int | None = None

    @property
    def is_current(self) -> bool:
        """True in the thread itself, as in a callback of a job."""
        return threading.get_ident() == self._ident

    def check_other(self) -> None:
        """Check that another thread is calling.

        Raises:
            ConfigurationError: It is the thread itself, which cannot wait for itself.
        """
        if self.is_current:
            raise ConfigurationError(
                "a callback or generator of rows runs in the client's own thread, which cannot wait for itself; "
                "keep what it was given, and call the client once the job has ended"
            )

    def portal(self) -> BlockingPortal:
        """Return the portal to the thread."""
        self.check_other()
        with self._lock:
            if self._portal is None:
                starting = start_blocking_portal(name="attio-async")
                # An interruption while it starts would leave it running, and anyio waiting for its end.
                with ThreadPoolExecutor(1) as starter:
                    portal = starter.submit(self._stack.enter_context, starting).result()
                self._ident = portal.call(threading.get_ident)
                self._portal = portal
            return self._portal

    def call(self, function: Callable[..., Any], *arguments: object) -> Any:
        """Run a function in the loop, await its result, and return it. An interruption cancels it, and waits for its end."""
        return _Call(self.portal(), function, *arguments).result()

    def enter(self, manager: AbstractAsyncContextManager[Any]) -> AbstractContextManager[Any]:
        """Return an async context manager as one for ``with``; its parts run in one task."""
        self.check_other()
        return _Block(manager, self)

    def stop(self, exc: BaseException | None = None) -> None:
        """End the thread; the next call starts another."""
        self.check_other()
        with self._lock:
            self._portal = self._ident = None
            self._stack.__exit__(type(exc) if exc else None, exc, exc.__traceback__ if exc else None)


class _Call:
    """A function that runs in the loop, and is cancelled by an interruption of the thread that waits for it."""

    def __init__(self, portal: BlockingPortal, function: Callable[..., Any], *arguments: object) -> None:
        self._portal = portal
        self._function = function
        self._arguments = arguments
        self._ended = threading.Event()
        self._is_interrupted = False
        self._future: Future[Any] | None = None
        with self._interruptible():
            self._future = portal.start_task_soon(self._run)  # waits as long as the loop is busy

    async def _run(self) -> Any:
        with anyio.CancelScope() as scope:
            if self._is_interrupted:
                scope.cancel()
            try:
                return await self._function(*self._arguments)
            finally:
                self._ended.set()

    def result(self, part: "Future[Any] | None" = None, *, after: Callable[[], object] | None = None) -> Any:
        """Return the result, or that of a part of the call; `after` is called in the loop before."""
        with self._interruptible():
            if after is not None:
                self._portal.start_task_soon(after)
            awaited = part or self._future
            while awaited is not None and not awaited.done():
                wait((awaited,), _SIGNAL_INTERVAL_S)
            return None if awaited is None else awaited.result()

    @contextmanager
    def _interruptible(self) -> Generator[None]:
        try:
            yield
        except BaseException:
            self._is_interrupted = True
            if self._future is not None and self._future.cancel():
                # What it holds, such as a journal, is free when the caller goes on.
                while not self._ended.wait(_SIGNAL_INTERVAL_S):
                    pass
            raise


class _Block(AbstractContextManager[Any]):
    """An async context manager as one for ``with``. That of anyio stays open if its beginning is interrupted."""

    def __init__(self, manager: AbstractAsyncContextManager[Any], thread: LoopThread) -> None:
        self._manager = manager
        self._thread = thread
        self._failure: tuple[Any, Any, Any] = (None, None, None)

    async def _run(self) -> bool | None:
        self._left = anyio.Event()
        try:
            value = await self._manager.__aenter__()
        except BaseException as error:
            self._entered.set_exception(error)
            raise
        self._entered.set_result(value)
        try:
            await self._left.wait()
        finally:
            is_handled = await self._manager.__aexit__(*self._failure)
        return is_handled

    def __enter__(self) -> Any:
        self._entered = Future[Any]()
        self._call = _Call(self._thread.portal(), self._run)
        return self._call.result(self._entered)

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        self._failure = exc_type, exc, traceback
        found: bool | None = self._call.result(after=self._left.set)
        return found


class Facade:
    """The base class of all blocking objects: attributes and results of the async object, made blocking."""

    def __init__(self, inner: Any, thread: LoopThread) -> None:
        self._inner = inner
        self._thread = thread

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return made_blocking(getattr(self._inner, name), self._thread)

    def __dir__(self) -> list[str]:
        return [name for name in dir(self._inner) if not name.startswith("_")]

    def __repr__(self) -> str:
        return f"<blocking {str(self._inner).strip('<>')}>"


class Iterated(Facade):
    """An object whose items are fetched as the loop gets to them."""

    def __iter__(self) -> Iterator[Any]:
        return iterated(self._inner, self._thread)


class Paged(Facade):
    """A query: its pages are fetched as the loop gets to them."""

    def __iter__(self) -> Iterator[Any]:
        for page in iterated(self._inner.pages(), self._thread):
            yield from page.items


class Run(Facade):
    """A job, which runs when it is told to."""

    def __repr__(self) -> str:
        return super().__repr__().replace("await it", "call run()")

    def run(self) -> Any:
        """Run the job, and return its report."""
        return made_blocking(self._thread.call(awaited, self._inner), self._thread)


class Closed(Facade):
    """An object that ends with a ``with`` block."""

    _context: AbstractContextManager[Any]

    def __enter__(self) -> Self:
        self._context = self._thread.enter(self._inner)
        self._context.__enter__()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._context.__exit__(exc_type, exc, traceback)

    def close(self) -> None:
        """Close it."""
        self._thread.call(self._inner.aclose)


async def awaited(thing: Any) -> Any:
    """Return the result of anything that can be awaited."""
    return await thing


def iterated(source: Any, thread: LoopThread) -> Iterator[Any]:
    """Yield the items of an async iterable."""
    items = source.__aiter__()

    async def advance() -> Any:
        return await anext(items, _ENDED)

    try:
        while (item := thread.call(advance)) is not _ENDED:
            yield made_blocking(item, thread)
    finally:
        if isinstance(items, AsyncGenerator):
            thread.call(items.aclose)


def made_blocking(value: Any, thread: LoopThread) -> Any:
    """Return a value of the async client as the blocking one shows it."""
    if inspect.ismethod(value):
        return _blocking_method(value, thread)
    if inspect.iscoroutine(value):
        if thread.is_current:
            value.close()  # it is not going to be awaited
        return made_blocking(thread.call(awaited, value), thread)
    if facade := facade_of(value.__class__):
        return facade(value, thread)
    if isinstance(value, AsyncIterator):
        return iterated(value, thread)
    return _Entered(value, thread) if hasattr(value, "__aenter__") else value


def _blocking_method(method: Callable[..., Any], thread: LoopThread) -> Callable[..., Any]:
    @functools.wraps(method)
    def call(*arguments: Any, **named: Any) -> Any:
        given = [getattr(each, "_inner", each) if isinstance(each, Facade) else each for each in arguments]
        return made_blocking(method(*given, **named), thread)

    return call


class _Entered(AbstractContextManager[Any]):
    """An async context manager whose value is made blocking."""

    def __init__(self, manager: AbstractAsyncContextManager[Any], thread: LoopThread) -> None:
        self._thread = thread
        self._context = thread.enter(manager)

    def __enter__(self) -> Any:
        return made_blocking(self._context.__enter__(), self._thread)

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        return self._context.__exit__(exc_type, exc, traceback)


_facades: dict[type[object], type[Facade] | None] = {}
"""The blocking class of each class that was seen; None for those that are given as they are."""


def facade_of(cls: type[object]) -> type[Facade] | None:
    """Return the blocking class of an async one; None for a class with nothing to await."""
    if cls not in _facades:
        _facades[cls] = _made_for(cls) if _is_async(cls) else None
    return _facades[cls]


def _is_async(cls: type[object]) -> bool:
    """Return True for the classes of this package that have something to await."""
    members: list[tuple[str, object]] = [
        each
        for base in cls.__mro__
        if base.__module__.partition(".")[0] == "attio_async"
        for each in vars(base).items()
    ]
    return any(
        name in {"__aiter__", "__await__"}
        or inspect.iscoroutinefunction(member)
        or inspect.isasyncgenfunction(member)
        or "Paginator" in str(getattr(member, "__annotations__", {}).get("return", ""))
        for name, member in members
    )


def _made_for(cls: type[object]) -> type[Facade]:
    """Return a blocking class for an async one, with the same name."""
    is_query = cls.__name__ == "Paginator"
    bases: list[type[Facade]] = [Paged] if is_query else []
    if hasattr(cls, "__aiter__") and not is_query:
        bases.append(Iterated)
    if hasattr(cls, "__await__") and not is_query:
        bases.append(Run)
    if hasattr(cls, "__aenter__"):
        bases.append(Closed)
    doc = f"{(inspect.getdoc(cls) or '').partition(chr(10))[0]} Blocking; see `{cls.__module__}.{cls.__name__}`."
    return type(cls.__name__, tuple(bases or [Facade]), {"__doc__": doc, "__module__": __package__})
