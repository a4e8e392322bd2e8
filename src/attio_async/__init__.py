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
    from .bulk import BulkJob as BulkJob
    from .bulk import BulkOptions as BulkOptions
    from .bulk import BulkReport as BulkReport
    from .bulk import Guards as Guards
    from .bulk import Matching as Matching
    from .bulk import Outcome as Outcome
    from .bulk import Plan as Plan
    from .bulk import Progress as Progress
    from .bulk import Row as Row
    from .bulk import SQLiteJournal as SQLiteJournal
    from .client import Attio as Attio
    from .errors import AccessDenied as AccessDenied
    from .errors import APIError as APIError
    from .errors import AttioError as AttioError
    from .errors import AuthenticationFailed as AuthenticationFailed
    from .errors import BadRequest as BadRequest
    from .errors import BillingLimit as BillingLimit
    from .errors import CoercionError as CoercionError
    from .errors import ConfigurationError as ConfigurationError
    from .errors import Conflict as Conflict
    from .errors import ConnectionFailed as ConnectionFailed
    from .errors import DecodeError as DecodeError
    from .errors import DuplicateKey as DuplicateKey
    from .errors import FilterError as FilterError
    from .errors import InvalidClient as InvalidClient
    from .errors import InvalidDelivery as InvalidDelivery
    from .errors import InvalidGrant as InvalidGrant
    from .errors import MergeInProgress as MergeInProgress
    from .errors import MultipleMatches as MultipleMatches
    from .errors import MultipleResultsFound as MultipleResultsFound
    from .errors import NoResultFound as NoResultFound
    from .errors import NotFound as NotFound
    from .errors import OAuthError as OAuthError
    from .errors import OutcomeUnknown as OutcomeUnknown
    from .errors import PermissionDenied as PermissionDenied
    from .errors import Problem as Problem
    from .errors import QueryTooComplex as QueryTooComplex
    from .errors import RateLimited as RateLimited
    from .errors import RequestTimeout as RequestTimeout
    from .errors import ServerError as ServerError
    from .errors import StateMismatch as StateMismatch
    from .errors import TokenInactive as TokenInactive
    from .errors import TransportError as TransportError
    from .errors import UniquenessConflict as UniquenessConflict
    from .errors import UnknownName as UnknownName
    from .errors import ValueNotFound as ValueNotFound
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
    "APIError": "errors",
    "AccessDenied": "errors",
    "Activity": "resources.activities",
    "ActivityRecord": "records",
    "ActorRef": "values",
    "AttemptEnded": "_core.hooks",
    "Attio": "client",
    "AttioError": "errors",
    "AttioList": "resources.lists",
    "AttioObject": "resources.objects",
    "Attribute": "schema",
    "AuthenticationFailed": "errors",
    "BadRequest": "errors",
    "BillingLimit": "errors",
    "BucketPaused": "_core.hooks",
    "BulkJob": "bulk",
    "BulkOptions": "bulk",
    "BulkReport": "bulk",
    "CallRecording": "resources.call_recordings",
    "CallRecordingSummary": "resources.call_recordings",
    "CoercionError": "errors",
    "Comment": "resources.comments",
    "ConfigurationError": "errors",
    "Conflict": "errors",
    "ConnectionFailed": "errors",
    "CreatedWebhook": "resources.webhooks",
    "DecodeError": "errors",
    "DuplicateKey": "errors",
    "Email": "resources.emails",
    "Entry": "records",
    "F": "query",
    "FileItem": "resources.files",
    "Filter": "query",
    "FilterError": "errors",
    "Guards": "bulk",
    "HistoricValue": "resources.history",
    "Identity": "resources.meta",
    "Interaction": "values",
    "InvalidClient": "errors",
    "InvalidDelivery": "errors",
    "InvalidGrant": "errors",
    "LimitLowered": "_core.hooks",
    "LimitRestored": "_core.hooks",
    "ListView": "resources.lists",
    "Location": "values",
    "Matching": "bulk",
    "Meeting": "resources.meetings",
    "Member": "values",
    "MergeInProgress": "errors",
    "MultipleMatches": "errors",
    "MultipleResultsFound": "errors",
    "Name": "values",
    "NoResultFound": "errors",
    "NotFound": "errors",
    "Note": "resources.notes",
    "OAuthError": "errors",
    "ObjectSchema": "schema",
    "ObjectView": "resources.objects",
    "Outcome": "bulk",
    "OutcomeUnknown": "errors",
    "Page": "_core.paging",
    "Paginator": "_core.paging",
    "PermissionDenied": "errors",
    "PermitAwaited": "_core.hooks",
    "PersonName": "values",
    "Phone": "values",
    "Plan": "bulk",
    "Problem": "errors",
    "Progress": "bulk",
    "QueryTooComplex": "errors",
    "RateLimited": "errors",
    "RateLimiter": "_core.limiter",
    "Record": "records",
    "RecordEntry": "resources.records",
    "RecordRef": "values",
    "RedisRateLimiter": "_core.shared_limiter",
    "Ref": "values",
    "Request": "_core.message",
    "RequestTimeout": "errors",
    "Response": "_core.message",
    "RetryPolicy": "_core.retry",
    "RetryScheduled": "_core.hooks",
    "Row": "bulk",
    "SQLiteJournal": "bulk",
    "SearchHit": "resources.search",
    "SelectOption": "resources.attributes",
    "ServerError": "errors",
    "Sort": "query",
    "StateMismatch": "errors",
    "Status": "resources.attributes",
    "Task": "resources.tasks",
    "Thread": "resources.threads",
    "ThreadSummary": "resources.threads",
    "TokenInactive": "errors",
    "TranscriptSegment": "resources.call_recordings",
    "TransportError": "errors",
    "UniquenessConflict": "errors",
    "UnknownName": "errors",
    "UnknownValue": "values",
    "UnsubscribedEmail": "resources.sequences",
    "Value": "values",
    "ValueNotFound": "errors",
    "Webhook": "resources.webhooks",
    "WorkspaceMember": "resources.workspace_members",
    "Writing": "resources.writing",
    "asc": "query",
    "desc": "query",
    "priority": "_core.priority",
}

__all__ = [
    "APIError",
    "AccessDenied",
    "Activity",
    "ActivityRecord",
    "ActorRef",
    "AttemptEnded",
    "Attio",
    "AttioError",
    "AttioList",
    "AttioObject",
    "Attribute",
    "AuthenticationFailed",
    "BadRequest",
    "BillingLimit",
    "BucketPaused",
    "BulkJob",
    "BulkOptions",
    "BulkReport",
    "CallRecording",
    "CallRecordingSummary",
    "CoercionError",
    "Comment",
    "ConfigurationError",
    "Conflict",
    "ConnectionFailed",
    "CreatedWebhook",
    "DecodeError",
    "DuplicateKey",
    "Email",
    "Entry",
    "F",
    "FileItem",
    "Filter",
    "FilterError",
    "Guards",
    "HistoricValue",
    "Identity",
    "Interaction",
    "InvalidClient",
    "InvalidDelivery",
    "InvalidGrant",
    "LimitLowered",
    "LimitRestored",
    "ListView",
    "Location",
    "Matching",
    "Meeting",
    "Member",
    "MergeInProgress",
    "MultipleMatches",
    "MultipleResultsFound",
    "Name",
    "NoResultFound",
    "NotFound",
    "Note",
    "OAuthError",
    "ObjectSchema",
    "ObjectView",
    "Outcome",
    "OutcomeUnknown",
    "Page",
    "Paginator",
    "PermissionDenied",
    "PermitAwaited",
    "PersonName",
    "Phone",
    "Plan",
    "Problem",
    "Progress",
    "QueryTooComplex",
    "RateLimited",
    "RateLimiter",
    "Record",
    "RecordEntry",
    "RecordRef",
    "RedisRateLimiter",
    "Ref",
    "Request",
    "RequestTimeout",
    "Response",
    "RetryPolicy",
    "RetryScheduled",
    "Row",
    "SQLiteJournal",
    "SearchHit",
    "SelectOption",
    "ServerError",
    "Sort",
    "StateMismatch",
    "Status",
    "Task",
    "Thread",
    "ThreadSummary",
    "TokenInactive",
    "TranscriptSegment",
    "TransportError",
    "UniquenessConflict",
    "UnknownName",
    "UnknownValue",
    "UnsubscribedEmail",
    "Value",
    "ValueNotFound",
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
