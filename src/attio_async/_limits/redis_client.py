"""Calls of `permits.lua`, which keeps rate limits in Redis for several processes.

They are made in a thread of their own, since the driver is synchronous.
"""

import os
import queue
import secrets
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib import resources
from typing import TYPE_CHECKING, Protocol, cast

import msgspec

from .._utils.clock import Clock, SystemClock
from .._utils.shield import outcome, running_loop, start_thread
from ..errors import ConfigurationError

if TYPE_CHECKING:
    import redis
    from redis.commands.core import Script

_TIMEOUT_S = 0.25
"""For one step of a call: connecting, or a reply."""

_CLOSE_TIMEOUT_S = 1.0
"""For the thread, which ends by itself in any case."""


class ScriptCall(msgspec.Struct, frozen=True, kw_only=True):
    """One call about one bucket.

    Attributes:
        limit: Permits.
        window: Seconds for which a used permit stays out.
        process: The name of the calling process.
        at: When the call was sent, by the clock of Redis; 0 while that clock is not known.
        wanted: How many permits to reserve. Only a few of those due later are given at a time.
        rejoining: True if the process went on alone because it got no replies.
        rate_limited: Permits whose requests got a 429, and for how many seconds from now to wait.
        late: Permits whose requests arrived after their instant, as far as responses tell, and by how many seconds.
        queried: True if a query is about to be sent.
        score_limited: The seconds that a 429 for the score of queries asks to wait for; below 0 if there was none.
    """

    limit: int
    window: float
    process: str
    at: float = 0.0
    wanted: int = 0
    rejoining: bool = False
    rate_limited: list[tuple[int, float]] = []
    late: list[tuple[int, float]] = []
    queried: bool = False
    score_limited: float = -1.0


class ScriptReply(msgspec.Struct, frozen=True, kw_only=True):
    """The reply to a `ScriptCall`. Spans are seconds from the moment it was given.

    Attributes:
        now: When the reply was given, by the clock of Redis.
        stale: True if the call was so old that it was ignored.
        era: Changes when reserved but unused permits become void.
        pause: How much longer nothing is sent, because the limit was reached; usually below 0.
        resumes: When permits are given out again after an outage; usually below 0.
        scale: The part of the limit that Attio seems to allow now.
        spacing: Seconds between two permits.
        load: The part of the allowed requests that was sent in the last window.
        last_limited: How long ago the last 429 of any process was.
        peers: How many processes called lately, this one included.
        score_limited_count: How many 429s for the score of queries were reported so far.
        score_pause: How much longer queries have to wait for these.
        queried: How long ago another process sent a query.
        slots: The permits: a number, and when it may be used.
    """

    now: float
    stale: bool
    era: float
    pause: float
    resumes: float
    scale: float
    spacing: float
    load: float
    last_limited: float
    peers: int
    score_limited_count: int
    score_pause: float
    queried: float
    slots: list[tuple[int, float]] = []


OnReply = Callable[[ScriptReply | None, float], None]
"""Takes a reply, or None if there was none, and the monotonic instant of its arrival."""


class Caller(Protocol):
    """Carries calls to Redis."""

    @property
    def process(self) -> str:
        """The name of this process among those that share."""
        ...

    def call(self, bucket: str, call: ScriptCall, on_reply: OnReply) -> None:
        """Send a call and return at once. `on_reply` is called later, in the same event loop."""
        ...


class Piggyback(Protocol):
    """Data that travels with the calls of a pool."""

    def attach(self, call: ScriptCall, now: float) -> ScriptCall:
        """Return the call with the data added."""
        ...

    def receive(self, reply: ScriptReply, now: float) -> None:
        """Take the data from a reply."""
        ...


_Jobs = queue.SimpleQueue[tuple[str, ScriptCall, Callable[[ScriptReply | None, str], None]] | None]


def redis_client(url: str, *, timeout: float) -> "redis.Redis":
    """Create a client that retries nothing and waits no longer than `timeout` seconds for each step.

    Raises:
        ConfigurationError: The extra is not installed, or the URL is not valid; the URL is not shown.
    """
    try:
        import redis  # noqa: PLC0415 - an extra
        from redis.backoff import NoBackoff  # noqa: PLC0415 - as above
        from redis.retry import Retry  # noqa: PLC0415 - as above
    except ImportError:
        raise ConfigurationError("Redis needs an extra: pip install 'attio-async[redis]'") from None
    scheme = url.partition("://")[0]
    if scheme not in {"redis", "rediss", "unix"}:
        raise ConfigurationError("the URL of Redis must begin with redis://, rediss:// or unix://")
    try:
        from_url = cast("Callable[..., redis.Redis]", redis.Redis.from_url)  # pyright: ignore[reportUnknownMemberType]
        return from_url(
            url,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            retry=Retry(NoBackoff(), 0),
        )
    except ValueError:
        raise ConfigurationError(
            "the URL of Redis is not valid; it must look like redis://host:port/0"
        ) from None


class RedisCaller:
    """Runs `permits.lua` on a Redis server.

    Attributes:
        clock: The clock that replies are timed with.
        failure: The kind of error of the last call without a reply.
    """

    def __init__(self, url: str) -> None:
        redis_client(url, timeout=_TIMEOUT_S).close()  # to reject an invalid URL here
        self._url = url
        self._name = secrets.token_hex(6)
        self._jobs: _Jobs = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._finalizer: weakref.finalize[..., object] | None = None
        self.clock: Clock = SystemClock()
        self.failure = ""

    def __repr__(self) -> str:
        return "RedisCaller()"

    @property
    def process(self) -> str:
        """The name of this process; a forked one is another."""
        return f"{self._name}-{os.getpid()}"

    def call(self, bucket: str, call: ScriptCall, on_reply: OnReply) -> None:
        """Send a call from the thread. `on_reply` is called in the event loop that runs now."""
        call_soon = running_loop()

        def deliver(reply: ScriptReply | None, failure: str) -> None:
            at = self.clock.monotonic()
            with suppress(RuntimeError):  # the loop is closed
                call_soon(partial(self._deliver, on_reply, reply, failure, at))

        if self._thread is None or not self._thread.is_alive():  # it is not after a fork
            self._start()
        self._jobs.put((bucket, call, deliver))

    async def aclose(self) -> None:
        """Let the thread finish its calls and close its connection."""
        thread, self._thread = self._thread, None
        if self._finalizer is not None:
            self._finalizer()  # stops the thread
        if thread is not None:
            await outcome(start_thread(partial(thread.join, _CLOSE_TIMEOUT_S)))

    def _start(self) -> None:
        self._jobs = queue.SimpleQueue()
        self._thread = threading.Thread(
            target=_work, args=(self._url, self._jobs), name="attio-redis", daemon=True
        )
        self._finalizer = weakref.finalize(self, self._jobs.put, None)
        self._thread.start()

    def _deliver(self, on_reply: OnReply, reply: ScriptReply | None, failure: str, at: float) -> None:
        if reply is None:
            self.failure = failure
        on_reply(reply, at)


def _work(url: str, jobs: _Jobs) -> None:
    """Run the thread. It holds no reference to its `RedisCaller`, which can so be garbage-collected."""
    source = resources.files(__name__.rpartition(".")[0]).joinpath("permits.lua").read_text("utf-8")
    with redis_client(url, timeout=_TIMEOUT_S) as client:
        script = client.register_script(source)
        while (job := jobs.get()) is not None:
            bucket, call, deliver = job
            deliver(*_run(script, bucket, call))
            del job, deliver


def _run(script: "Script", bucket: str, call: ScriptCall) -> tuple[ScriptReply | None, str]:
    """Return the reply, or the kind of error; not its message, which may contain the URL."""
    import redis  # noqa: PLC0415 - an extra

    try:
        packed = cast("bytes", script(keys=[bucket], args=[msgspec.msgpack.encode(call)]))
        return msgspec.msgpack.decode(packed, type=ScriptReply), ""
    except (redis.RedisError, OSError, msgspec.MsgspecError) as error:
        return None, type(error).__name__
