"""attio-async: the Attio CRM for asyncio and trio.

    from attio_async import Attio

    async with Attio() as attio:
        ada = await attio.people.first({"email_addresses": "ada@example.com"})

Names are loaded when they are first used, so importing the package costs next to nothing.
"""

from importlib import import_module

from ._version import __version__ as __version__

TYPE_CHECKING = False  # as type checkers understand it, without the 10 ms that importing `typing` takes
if TYPE_CHECKING:
    from ._core.hooks import AttemptEnded as AttemptEnded
    from ._core.hooks import BucketPaused as BucketPaused
    from ._core.hooks import LimitLowered as LimitLowered
    from ._core.hooks import LimitRestored as LimitRestored
    from ._core.hooks import PermitAwaited as PermitAwaited
    from ._core.hooks import RetryScheduled as RetryScheduled
    from ._core.limiter import RateLimiter as RateLimiter
    from ._core.message import Request as Request
    from ._core.message import Response as Response
    from ._core.paging import Page as Page
    from ._core.paging import Paginator as Paginator
    from ._core.priority import priority as priority
    from ._core.retry import RetryPolicy as RetryPolicy
    from .bulk import BulkReport as BulkReport
    from .bulk import Outcome as Outcome
    from .bulk import Row as Row
    from .client import Attio as Attio
    from .errors import AttioError as AttioError
    from .query import F as F
    from .query import Filter as Filter
    from .query import Sort as Sort
    from .query import asc as asc
    from .query import desc as desc
    from .records import Record as Record
    from .schema import Attribute as Attribute
    from .schema import ObjectSchema as ObjectSchema
    from .values import ActorRef as ActorRef
    from .values import Interaction as Interaction
    from .values import Location as Location
    from .values import Member as Member
    from .values import Name as Name
    from .values import PersonName as PersonName
    from .values import Phone as Phone
    from .values import RecordRef as RecordRef
    from .values import Ref as Ref
    from .values import UnknownValue as UnknownValue
    from .values import Value as Value

_HOMES = {
    "ActorRef": "values",
    "AttemptEnded": "_core.hooks",
    "Attio": "client",
    "AttioError": "errors",
    "Attribute": "schema",
    "BucketPaused": "_core.hooks",
    "BulkReport": "bulk",
    "F": "query",
    "Filter": "query",
    "Interaction": "values",
    "LimitLowered": "_core.hooks",
    "LimitRestored": "_core.hooks",
    "Location": "values",
    "Member": "values",
    "Name": "values",
    "ObjectSchema": "schema",
    "Outcome": "bulk",
    "Page": "_core.paging",
    "Paginator": "_core.paging",
    "PermitAwaited": "_core.hooks",
    "PersonName": "values",
    "Phone": "values",
    "RateLimiter": "_core.limiter",
    "Record": "records",
    "RecordRef": "values",
    "Ref": "values",
    "Request": "_core.message",
    "Response": "_core.message",
    "RetryPolicy": "_core.retry",
    "RetryScheduled": "_core.hooks",
    "Row": "bulk",
    "Sort": "query",
    "UnknownValue": "values",
    "Value": "values",
    "asc": "query",
    "desc": "query",
    "priority": "_core.priority",
}

__all__ = [
    "ActorRef",
    "AttemptEnded",
    "Attio",
    "AttioError",
    "Attribute",
    "BucketPaused",
    "BulkReport",
    "F",
    "Filter",
    "Interaction",
    "LimitLowered",
    "LimitRestored",
    "Location",
    "Member",
    "Name",
    "ObjectSchema",
    "Outcome",
    "Page",
    "Paginator",
    "PermitAwaited",
    "PersonName",
    "Phone",
    "RateLimiter",
    "Record",
    "RecordRef",
    "Ref",
    "Request",
    "Response",
    "RetryPolicy",
    "RetryScheduled",
    "Row",
    "Sort",
    "UnknownValue",
    "Value",
    "asc",
    "desc",
    "priority",
]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
