"""Ctrl-C: the first one asks to stop, the second one stops."""

import signal
from collections.abc import Awaitable, Callable

import anyio
import attrs
from anyio.abc import TaskStatus

from .._utils.concurrency import sole


@attrs.define
class Stop:
    """Whether the user asked to stop, and whether the job was cut off rather than ended."""

    requested: bool = False
    cut_off: bool = False


async def run_stoppable(job: Callable[[Stop], Awaitable[None]], *, on_request: Callable[[], None]) -> Stop:
    """Run a job that ends early when its `Stop` says so.

    SIGINT (Ctrl-C) requests the stop, and `on_request` is called; a second one cancels the job.
    """
    stop = Stop()

    async def listen(*, task_status: TaskStatus[None]) -> None:
        with anyio.open_signal_receiver(signal.SIGINT) as signals:
            task_status.started()
            async for _ in signals:
                if stop.requested:
                    stop.cut_off = True
                    group.cancel_scope.cancel()
                else:
                    stop.requested = True
                    on_request()

    try:
        async with anyio.create_task_group() as group:
            await group.start(listen)
            await job(stop)
            group.cancel_scope.cancel()
    except BaseExceptionGroup as errors:
        raise sole(errors) from None
    return stop
