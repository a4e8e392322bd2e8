"""A stateful stand-in for the Attio API, and the virtual clock to test with."""

from .._lazy import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING or not lazy_names(__name__):
    from .._utils.clock import (
        Clock as Clock,
        SystemClock as SystemClock,
    )
    from ._auth.auth import FakeAuth as FakeAuth
    from ._auth.oauth import OAuthClient as OAuthClient
    from ._clock import VirtualClock as VirtualClock
    from ._errors import ApiProblem as ApiProblem
    from ._events.outbox import (
        Deliveries as Deliveries,
        DeliveryAttempt as DeliveryAttempt,
        Outbox as Outbox,
        QueuedDelivery as QueuedDelivery,
    )
    from ._factories import (
        companies as companies,
        deals as deals,
        people as people,
    )
    from ._fake import FakeAttio as FakeAttio
    from ._fault_injector import (
        ActiveFault as ActiveFault,
        Faults as Faults,
        FaultSelector as FaultSelector,
    )
    from ._faults import (
        ConnectionRefused as ConnectionRefused,
        ConnectionReset as ConnectionReset,
        Fault as Fault,
        FaultedRequest as FaultedRequest,
        FaultTime as FaultTime,
        FixedResponse as FixedResponse,
        Garbled as Garbled,
        NoAnswer as NoAnswer,
        ProxyFailure as ProxyFailure,
        QueryScoreExceeded as QueryScoreExceeded,
        RetryAfterForm as RetryAfterForm,
        ServerFailure as ServerFailure,
        SlowBody as SlowBody,
        SlowFirstByte as SlowFirstByte,
        TooManyRequests as TooManyRequests,
        Truncated as Truncated,
        UnreliableDeliveries as UnreliableDeliveries,
        WrongContentType as WrongContentType,
    )
    from ._http.calls import (
        Call as Call,
        Calls as Calls,
    )
    from ._http.server import RunningServer as RunningServer
    from ._limits import (
        Limits as Limits,
        LimitWindow as LimitWindow,
        LoweredLimits as LoweredLimits,
    )
    from ._query_cost import ScoreLimits as ScoreLimits
    from ._response import (
        FakeResponse as FakeResponse,
        Transit as Transit,
        TransitEnd as TransitEnd,
    )
    from ._seed import (
        Seed as Seed,
        SeedParticipant as SeedParticipant,
    )
    from ._workspace.change_log import (
        ChangeLog as ChangeLog,
        ChangeSubscriber as ChangeSubscriber,
        LoggedChange as LoggedChange,
    )
    from ._workspace.snapshots import Snapshot as Snapshot
