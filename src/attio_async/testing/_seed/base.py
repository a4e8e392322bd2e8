"""What all that is put into a fake workspace has in common."""

import threading
from abc import ABC, abstractmethod

from .._workspace.ids import SYSTEM, Stamp
from .._workspace.workspace import Workspace


class Seeded(ABC):
    """A part of `FakeAttio` that works on its workspace in plain Python."""

    _lock: threading.RLock

    @property
    @abstractmethod
    def _workspace(self) -> Workspace: ...

    @abstractmethod
    def _now(self) -> str: ...

    def _stamp(self) -> Stamp:
        return Stamp(self._now(), SYSTEM)
