"""A stateful stand-in for the Attio API, and the virtual clock to test with."""

from .clock import Clock, SystemClock, VirtualClock
from .fake import Call, FakeAttio, Snapshot
from .limits import Limits
from .problems import ApiProblem
from .service import Response

__all__ = [
    "ApiProblem",
    "Call",
    "Clock",
    "FakeAttio",
    "Limits",
    "Response",
    "Snapshot",
    "SystemClock",
    "VirtualClock",
]
