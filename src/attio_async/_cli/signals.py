"""Ctrl-C: the first one asks a job to stop, the second one cancels it."""

import signal
from collections.abc import Awaitable, Callable

import anyio
from anyio.abc import TaskStatus

from .._utils.concurrency import sole


async def run_stoppable(job: Callable[[], Awaitable[object]], *, on_stop: Callable[[], None]) -> None:
    """Run a job; the first SIGINT (Ctrl-C) calls `on_stop`, the second one cancels the job."""

    async def listen(*, task_status: TaskStatus[None]) -> None:
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
