"""A stateful stand-in for the Attio API, and the virtual clock to test with."""

from .._lazy import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING or not lazy_names(__name__):
    from .._utils.clock import Clock as Clock
    from .._utils.clock import SystemClock as SystemClock
    from ._auth.auth import FakeAuth as FakeAuth
    from ._auth.oauth import OAuthClient as OAuthClient
    from ._clock.virtual import VirtualClock as VirtualClock
    from ._errors import ApiProblem as ApiProblem
    from ._events.outbox import DeliveryAttempt as DeliveryAttempt
    from ._events.outbox import Outbox as Outbox
    from ._events.outbox import QueuedDelivery as QueuedDelivery
    from ._fake import FakeAttio as FakeAttio
    from ._faults.faults import Fault as Fault
    from ._faults.faults import FaultedRequest as FaultedRequest
    from ._faults.faults import FixedResponse as FixedResponse
    from ._faults.faults import ProxyFailure as ProxyFailure
    from ._faults.faults import QueryScoreExceeded as QueryScoreExceeded
    from ._faults.faults import ServerFailure as ServerFailure
    from ._faults.faults import TooManyRequests as TooManyRequests
    from ._faults.faults import UnreliableDeliveries as UnreliableDeliveries
    from ._faults.injector import ActiveFault as ActiveFault
    from ._faults.injector import Faults as Faults
    from ._faults.network import ConnectionRefused as ConnectionRefused
    from ._faults.network import ConnectionReset as ConnectionReset
    from ._faults.network import Garbled as Garbled
    from ._faults.network import NoAnswer as NoAnswer
    from ._faults.network import SlowBody as SlowBody
    from ._faults.network import SlowFirstByte as SlowFirstByte
    from ._faults.network import Truncated as Truncated
    from ._faults.network import WrongContentType as WrongContentType
    from ._http.calls import Call as Call
    from ._http.calls import Calls as Calls
    from ._http.server import RunningServer as RunningServer
    from ._http.transport import FakeTransport as FakeTransport
    from ._limits.limits import Limits as Limits
    from ._limits.limits import LoweredLimits as LoweredLimits
    from ._limits.query_cost import ScoreLimits as ScoreLimits
    from ._response import FakeResponse as FakeResponse
    from ._response import Transit as Transit
    from ._seed.factories import companies as companies
    from ._seed.factories import deals as deals
    from ._seed.factories import people as people
    from ._seed.seed import Seed as Seed
    from ._workspace.change_log import ChangeLog as ChangeLog
    from ._workspace.change_log import LoggedChange as LoggedChange
    from ._workspace.snapshots import Snapshot as Snapshot
