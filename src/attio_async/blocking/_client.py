"""`Attio` without async."""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import ParamSpec, Self, TypeVar, Unpack

from .._client import Attio as AsyncAttio, ClientOptions, SharedOptions
from .._limits.limiter import RateLimiter
from .._pipeline.meter import Answered, MeterRecorder, Recorder, RequestMeter, ResponseLog
from .._transport.messages import TokenSource
from .._utils.public import public
from .._utils.secret import guarded
from ._facade import Facade, LoopThread

T = TypeVar("T")
P = ParamSpec("P")


@public
class Attio(Facade):
    """A client for code without async: the methods of `attio_async.Attio`, each of which returns when it is done.

        with Attio() as attio:
            for person in attio.people.query():
                print(person["name"])

    The requests are sent by an event loop in a thread of its own, with the same limits, retries and errors. Any number
    of threads may share a client. Create it after a fork. What a job or an iterator calls back runs in that thread, and
    must not call the client.

    Args:
        token: The access token; ATTIO_API_KEY by default.
        limiter: The limits; clients of one token share them by sharing it.
        options: As those of `attio_async.Attio`.

    Raises:
        ConfigurationError: An option is not valid.
    """

    _inner: AsyncAttio

    @guarded
    def __init__(
        self,
        token: TokenSource | None = None,
        *,
        limiter: RateLimiter | None = None,
        **options: Unpack[SharedOptions],
    ) -> None:
        super().__init__(AsyncAttio(token, limiter=limiter, **options), LoopThread())

    @classmethod
    def of_async(cls, client: AsyncAttio) -> Self:
        """Return the blocking form of a client, such as that of a fake: ``Attio.of_async(fake.client())``."""
        made = object.__new__(cls)
        Facade.__init__(made, client, LoopThread())
        return made

    @guarded
    def with_options(self, **changes: Unpack[ClientOptions]) -> "Attio":
        """Return a copy with some options changed; see `attio_async.Attio.with_options`."""
        made = object.__new__(type(self))
        Facade.__init__(made, self._inner.with_options(**changes), self._thread)
        return made

    def with_response(self, call: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> Answered[T]:
        """Call a method, and return its result with the status, headers, attempts and seconds of its response.

        answer = attio.with_response(attio.people.get, record_id)
        """
        log = ResponseLog()
        with self._recording(log):
            found = call(*arguments, **named)
        return Answered(result=found, responses=tuple(log.responses))

    def meter(self) -> AbstractContextManager[RequestMeter]:
        """Count the requests of a block, their waits and bytes; see `attio_async.Attio.meter`."""
        return self._metered()

    @contextmanager
    def _metered(self) -> Generator[RequestMeter]:
        meter = RequestMeter()
        with self._recording(MeterRecorder(meter)):
            yield meter

    def _recording(self, recorder: Recorder) -> AbstractContextManager[None]:
        """Record the requests that this thread makes: the loop runs each call in the context of its caller."""
        pipeline = self._inner._pipeline  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        return pipeline.recording(recorder)

    def close(self) -> None:
        """Close the connections, and end the thread."""
        try:
            self._thread.call(self._inner.aclose)
        finally:
            self._thread.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
