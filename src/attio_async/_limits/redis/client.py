"""Calls to Redis from a thread of their own, which is what a synchronous driver needs."""

import asyncio
import os
import queue
import secrets
import sys
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib import resources
from typing import TYPE_CHECKING, cast

import anyio
import anyio.to_thread
import msgspec

from ..._utils.clock import Clock, SystemClock
from ...errors import ConfigurationError
from .protocol import Heard, ScriptCall, ScriptReply

if TYPE_CHECKING:
    import redis
    from redis.commands.core import Script

_TIMEOUT = 0.25
"""Seconds for one step of a call: connecting, or an answer."""

_CLOSING = 1.0
"""Seconds to wait for the thread at most; it ends by itself in any case."""

_Soon = Callable[[Callable[[], object]], object]
_Jobs = queue.SimpleQueue[tuple[str, ScriptCall, Callable[[ScriptReply | None, str], None]] | None]


def redis_client(url: str, *, timeout: float) -> "redis.Redis":
    """A client that repeats nothing and waits no longer than told.

    Raises:
        ConfigurationError: The extra is not installed, or the address is none; the address is not shown.
    """
    try:
        import redis  # noqa: PLC0415 - an extra
        from redis.backoff import NoBackoff  # noqa: PLC0415 - as above
        from redis.retry import Retry  # noqa: PLC0415 - as above
    except ImportError:
        raise ConfigurationError("Redis needs the extra: pip install 'attio-async[redis]'") from None
    scheme = url.partition("://")[0]
    if scheme not in {"redis", "rediss", "unix"}:
        raise ConfigurationError("the address of Redis begins with redis://, rediss:// or unix://")
    try:
        from_url = cast("Callable[..., redis.Redis]", redis.Redis.from_url)  # pyright: ignore[reportUnknownMemberType]
        return from_url(
            url,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            retry=Retry(NoBackoff(), 0),
        )
    except ValueError:
        raise ConfigurationError("the address of Redis cannot be read") from None


class RedisCaller:
    """Has calls answered by `permits.lua` on a Redis server.

    Attributes:
        clock: What arrivals are timed with.
        failure: Why the last call that had no answer had none.
    """

    def __init__(self, url: str) -> None:
        redis_client(url, timeout=_TIMEOUT).close()  # so that what cannot work is said here
        self._url = url
        self._name = secrets.token_hex(6)
        self._jobs: _Jobs = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._when_forgotten: weakref.finalize[..., object] | None = None
        self.clock: Clock = SystemClock()
        self.failure = ""

    def __repr__(self) -> str:
        return "RedisCaller()"

    @property
    def process(self) -> str:
        """The name of this process; a forked one is another."""
        return f"{self._name}-{os.getpid()}"

    def call(self, bucket: str, call: ScriptCall, heard: Heard) -> None:
        """Have a call answered by the thread. `heard` is told in the event loop that runs now."""
        in_loop = running_loop()

        def deliver(answer: ScriptReply | None, failure: str) -> None:
            at = self.clock.monotonic()
            with suppress(RuntimeError):  # the loop is closed: nobody waits
                in_loop(partial(self._told, heard, answer, failure, at))

        if self._thread is None or not self._thread.is_alive():  # after a fork it is not
            self._start()
        self._jobs.put((bucket, call, deliver))

    async def aclose(self) -> None:
        """Let the thread finish what it does, and its connection be closed."""
        thread, self._thread = self._thread, None
        if self._when_forgotten is not None:
            self._when_forgotten()  # which tells the thread to stop
        if thread is not None:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(thread.join, _CLOSING)

    def _start(self) -> None:
        self._jobs = queue.SimpleQueue()
        self._thread = threading.Thread(
            target=_work, args=(self._url, self._jobs), name="attio-redis", daemon=True
        )
        self._when_forgotten = weakref.finalize(self, self._jobs.put, None)
        self._thread.start()

    def _told(self, heard: Heard, answer: ScriptReply | None, failure: str, at: float) -> None:
        if answer is None:
            self.failure = failure
        heard(answer, at)


def _work(url: str, jobs: _Jobs) -> None:
    """What the thread does until it is told to stop. It knows no `RedisCaller`, so that this can be forgotten."""
    source = resources.files(__name__.rpartition(".")[0]).joinpath("permits.lua").read_text("utf-8")
    with redis_client(url, timeout=_TIMEOUT) as client:
        script = client.register_script(source)
        while (job := jobs.get()) is not None:
            bucket, call, deliver = job
            deliver(*_answer(script, bucket, call))
            del job, deliver


def _answer(script: "Script", bucket: str, call: ScriptCall) -> tuple[ScriptReply | None, str]:
    """The answer, or why there is none: its kind only, since a message may name the address."""
    import redis  # noqa: PLC0415 - an extra; it is there

    try:
        packed = cast("bytes", script(keys=[bucket], args=[msgspec.msgpack.encode(call)]))
        return msgspec.msgpack.decode(packed, type=ScriptReply), ""
    except (redis.RedisError, OSError, msgspec.MsgspecError) as error:
        return None, type(error).__name__


def running_loop() -> _Soon:
    """What has something called in the event loop that runs now, from any thread."""
    trio = sys.modules.get("trio")
    if trio is not None and trio.lowlevel.in_trio_task():
        return cast("_Soon", trio.lowlevel.current_trio_token().run_sync_soon)
    return asyncio.get_running_loop().call_soon_threadsafe
