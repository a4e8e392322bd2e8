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
    from ._core.shared_limiter import RedisRateLimiter as RedisRateLimiter
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
    from .records import ActivityRecord as ActivityRecord
    from .records import Entry as Entry
    from .records import Record as Record
    from .resources.activities import Activity as Activity
    from .resources.attributes import SelectOption as SelectOption
    from .resources.attributes import Status as Status
    from .resources.call_recordings import CallRecording as CallRecording
    from .resources.call_recordings import CallRecordingSummary as CallRecordingSummary
    from .resources.call_recordings import TranscriptSegment as TranscriptSegment
    from .resources.comments import Comment as Comment
    from .resources.emails import Email as Email
    from .resources.files import FileItem as FileItem
    from .resources.history import HistoricValue as HistoricValue
    from .resources.lists import AttioList as AttioList
    from .resources.lists import ListView as ListView
    from .resources.meetings import Meeting as Meeting
    from .resources.meta import Identity as Identity
    from .resources.notes import Note as Note
    from .resources.objects import AttioObject as AttioObject
    from .resources.objects import ObjectView as ObjectView
    from .resources.records import RecordEntry as RecordEntry
    from .resources.search import SearchHit as SearchHit
    from .resources.sequences import UnsubscribedEmail as UnsubscribedEmail
    from .resources.tasks import Task as Task
    from .resources.threads import Thread as Thread
    from .resources.threads import ThreadSummary as ThreadSummary
    from .resources.webhooks import CreatedWebhook as CreatedWebhook
    from .resources.webhooks import Webhook as Webhook
    from .resources.workspace_members import WorkspaceMember as WorkspaceMember
    from .resources.writing import Writing as Writing
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
    "Activity": "resources.activities",
    "ActivityRecord": "records",
    "ActorRef": "values",
    "AttemptEnded": "_core.hooks",
    "Attio": "client",
    "AttioError": "errors",
    "AttioList": "resources.lists",
    "AttioObject": "resources.objects",
    "Attribute": "schema",
    "BucketPaused": "_core.hooks",
    "BulkReport": "bulk",
    "CallRecording": "resources.call_recordings",
    "CallRecordingSummary": "resources.call_recordings",
    "Comment": "resources.comments",
    "CreatedWebhook": "resources.webhooks",
    "Email": "resources.emails",
    "Entry": "records",
    "F": "query",
    "FileItem": "resources.files",
    "Filter": "query",
    "HistoricValue": "resources.history",
    "Identity": "resources.meta",
    "Interaction": "values",
    "LimitLowered": "_core.hooks",
    "LimitRestored": "_core.hooks",
    "ListView": "resources.lists",
    "Location": "values",
    "Meeting": "resources.meetings",
    "Member": "values",
    "Name": "values",
    "Note": "resources.notes",
    "ObjectSchema": "schema",
    "ObjectView": "resources.objects",
    "Outcome": "bulk",
    "Page": "_core.paging",
    "Paginator": "_core.paging",
    "PermitAwaited": "_core.hooks",
    "PersonName": "values",
    "Phone": "values",
    "RateLimiter": "_core.limiter",
    "Record": "records",
    "RecordEntry": "resources.records",
    "RecordRef": "values",
    "RedisRateLimiter": "_core.shared_limiter",
    "Ref": "values",
    "Request": "_core.message",
    "Response": "_core.message",
    "RetryPolicy": "_core.retry",
    "RetryScheduled": "_core.hooks",
    "Row": "bulk",
    "SearchHit": "resources.search",
    "SelectOption": "resources.attributes",
    "Sort": "query",
    "Status": "resources.attributes",
    "Task": "resources.tasks",
    "Thread": "resources.threads",
    "ThreadSummary": "resources.threads",
    "TranscriptSegment": "resources.call_recordings",
    "UnknownValue": "values",
    "UnsubscribedEmail": "resources.sequences",
    "Value": "values",
    "Writing": "resources.writing",
    "Webhook": "resources.webhooks",
    "WorkspaceMember": "resources.workspace_members",
    "asc": "query",
    "desc": "query",
    "priority": "_core.priority",
}

__all__ = [
    "Activity",
    "ActivityRecord",
    "ActorRef",
    "AttemptEnded",
    "Attio",
    "AttioError",
    "AttioList",
    "AttioObject",
    "Attribute",
    "BucketPaused",
    "BulkReport",
    "CallRecording",
    "CallRecordingSummary",
    "Comment",
    "CreatedWebhook",
    "Email",
    "Entry",
    "F",
    "FileItem",
    "Filter",
    "HistoricValue",
    "Identity",
    "Interaction",
    "LimitLowered",
    "LimitRestored",
    "ListView",
    "Location",
    "Meeting",
    "Member",
    "Name",
    "Note",
    "ObjectSchema",
    "ObjectView",
    "Outcome",
    "Page",
    "Paginator",
    "PermitAwaited",
    "PersonName",
    "Phone",
    "RateLimiter",
    "Record",
    "RecordEntry",
    "RecordRef",
    "RedisRateLimiter",
    "Ref",
    "Request",
    "Response",
    "RetryPolicy",
    "RetryScheduled",
    "Row",
    "SearchHit",
    "SelectOption",
    "Sort",
    "Status",
    "Task",
    "Thread",
    "ThreadSummary",
    "TranscriptSegment",
    "UnknownValue",
    "UnsubscribedEmail",
    "Value",
    "Webhook",
    "WorkspaceMember",
    "Writing",
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
