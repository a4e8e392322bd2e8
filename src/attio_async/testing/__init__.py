"""A stateful stand-in for the Attio API, and the virtual clock to test with."""

from .._core.clock import Clock, SystemClock
from .answers import Response, Transit
from .broken import (
    ConnectionRefused,
    ConnectionReset,
    Garbled,
    NoAnswer,
    SlowBody,
    SlowFirstByte,
    Truncated,
    WrongContentType,
)
from .calls import Call, Calls
from .changes import Change
from .clock import VirtualClock
from .deliveries import DeliveryAttempt, QueuedDelivery
from .factories import companies, deals, people
from .fake import FakeAttio
from .faulting import Active
from .faults import (
    Answer,
    Asked,
    Deliveries,
    Fault,
    LoweredLimits,
    ProxyFailure,
    QueryScoreExceeded,
    ServerFailure,
    TooManyRequests,
)
from .limits import Limits
from .oauth_apps import OAuthClient
from .problems import ApiProblem
from .scores import ScoreLimits
from .snapshots import Snapshot

__all__ = [
    "Active",
    "Answer",
    "ApiProblem",
    "Asked",
    "Call",
    "Calls",
    "Change",
    "Clock",
    "ConnectionRefused",
    "ConnectionReset",
    "Deliveries",
    "DeliveryAttempt",
    "FakeAttio",
    "Fault",
    "Garbled",
    "Limits",
    "LoweredLimits",
    "NoAnswer",
    "OAuthClient",
    "ProxyFailure",
    "QueryScoreExceeded",
    "QueuedDelivery",
    "Response",
    "ScoreLimits",
    "ServerFailure",
    "SlowBody",
    "SlowFirstByte",
    "Snapshot",
    "SystemClock",
    "TooManyRequests",
    "Transit",
    "Truncated",
    "VirtualClock",
    "WrongContentType",
    "companies",
    "deals",
    "people",
]
