"""The event loop that a client belongs to: one at a time, and another one once that has ended."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ..errors import ConfigurationError


class LoopGuard:
    """Notices that another event loop uses a client, and makes the client forget the one that has ended.

    ``asyncio.run`` twice, a loop for each test, Celery and Django all end loops that clients live longer than.

    Args:
        forget: Forgets connections and waiting tasks of the loop that has ended.
    """

    def __init__(self, forget: Callable[[], None]) -> None:
        self._forget = forget
        self._loop: Any = None
        self._process = os.getpid()
        self._lock = threading.Lock()

    def enter(self) -> None:
        """Take the running loop for the client's.

        Raises:
            ConfigurationError: Another loop that still runs uses the client. Nothing was sent.
        """
        loop = _running_loop()
        if loop is self._loop:
            return
        with self._lock:  # two threads may ask in the same moment
            if self._loop is not None:
                if self._process == os.getpid() and _is_running(self._loop):
                    raise ConfigurationError(
                        "this client is used by another event loop, which is still running; make one client for each "
                        "loop or thread"
                    )
                self._forget()
            self._loop, self._process = loop, os.getpid()


def _running_loop() -> Any:
    try:  # without `suppress`, since every request comes here
        return asyncio.get_running_loop()
    except RuntimeError:
        trio: Any = sys.modules.get("trio")
    if trio is not None:
        with suppress(RuntimeError):
            return trio.lowlevel.current_trio_token()
    return None


def _is_running(loop: Any) -> bool:
    if isinstance(loop, asyncio.AbstractEventLoop):
        return loop.is_running()
    try:
        loop.run_sync_soon(_nothing)
    except Exception:  # noqa: BLE001 - trio.RunFinishedError, without importing trio
        return False
    return True


def _nothing() -> None: ...
