"""The driver for trio, which knows when all its tasks are blocked."""

from collections.abc import Callable

import trio
import trio.testing


class TrioDriver:
    """Watches from a system task that lives as long as any task sleeps."""

    __slots__ = ("_step", "_token", "_watching")

    def __init__(self, step: Callable[[], bool]) -> None:
        self._token = trio.lowlevel.current_trio_token()
        self._step = step
        self._watching = False

    def kick(self) -> None:
        """See `Driver`."""
        if not self._watching:
            self._watching = True
            trio.lowlevel.spawn_system_task(self._watch)

    def is_here(self) -> bool:
        """See `Driver`."""
        return trio.lowlevel.in_trio_task() and trio.lowlevel.current_trio_token() is self._token

    def is_open(self) -> bool:
        """See `Driver`."""
        return self._watching

    async def park(self, receive: Callable[[Callable[[], None]], None]) -> None:
        """See `Driver`."""
        task = trio.lowlevel.current_task()

        def wake() -> None:
            trio.lowlevel.reschedule(task)

        def abort(_: object) -> trio.lowlevel.Abort:
            return trio.lowlevel.Abort.SUCCEEDED

        receive(wake)
        await trio.lowlevel.wait_task_rescheduled(abort)

    async def _watch(self) -> None:
        try:
            while True:
                await trio.testing.wait_all_tasks_blocked(0.0)
                if not self._step():
                    return
        finally:
            self._watching = False
