"""A stateful stand-in for the Attio API, and the virtual clock to test with."""

from .._core.clock import Clock, SystemClock
from .clock import VirtualClock
from .factories import companies, deals, people
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
    "companies",
    "deals",
    "people",
]
