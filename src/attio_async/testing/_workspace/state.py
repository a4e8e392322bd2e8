"""The workspace of a fake as it is now."""

import threading

from ..._utils.clock import Clock
from .. import _timestamps
from .ids import SYSTEM, Stamp
from .workspace import Workspace


class WorkspaceState:
    """A workspace that can be replaced, with its clock and its lock.

    Attributes:
        workspace: The workspace; restoring a snapshot replaces it.
        clock: The source of time.
        lock: To be held while the workspace is read or changed, as a served fake answers in a thread of its own.
    """

    def __init__(self, workspace: Workspace, clock: Clock) -> None:
        self.workspace = workspace
        self.clock = clock
        self.lock = threading.RLock()

    def now(self) -> str:
        """Return the time of the clock as it is stored."""
        return _timestamps.iso_nanoseconds(self.clock.time())

    def stamp(self) -> Stamp:
        """Return the stamp of what the system itself writes now."""
        return Stamp(self.now(), SYSTEM)
