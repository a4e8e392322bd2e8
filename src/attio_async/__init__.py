"""attio-async: the Attio CRM for asyncio and trio.

    from attio_async import Attio

    async with Attio() as attio:
        ada = await attio.people.first({"email_addresses": "ada@example.com"})

Names are loaded when they are first used, so importing the package costs next to nothing.
"""

from ._lazy import lazy_names
from ._version import __version__ as __version__

TYPE_CHECKING = False  # as type checkers understand it, without the 10 ms that importing `typing` takes
if TYPE_CHECKING or not lazy_names(__name__):
    from attio_async_api.models.activity import Activity as Activity
    from attio_async_api.models.call_recording import CallRecording as CallRecording
    from attio_async_api.models.call_recording_summary import CallRecordingSummary as CallRecordingSummary
    from attio_async_api.models.comment import Comment as Comment
    from attio_async_api.models.created_webhook import CreatedWebhook as CreatedWebhook
    from attio_async_api.models.email import Email as Email
    from attio_async_api.models.file import File as File
    from attio_async_api.models.list_view import ListView as ListView
    from attio_async_api.models.meeting import Meeting as Meeting
    from attio_async_api.models.note import Note as Note
    from attio_async_api.models.object_view import ObjectView as ObjectView
    from attio_async_api.models.record_entry import RecordEntry as RecordEntry
    from attio_async_api.models.search_hit import SearchHit as SearchHit
    from attio_async_api.models.select_option import SelectOption as SelectOption
    from attio_async_api.models.status import Status as Status
    from attio_async_api.models.task import Task as Task
    from attio_async_api.models.thread import Thread as Thread
    from attio_async_api.models.thread_summary import ThreadSummary as ThreadSummary
    from attio_async_api.models.transcript_segment import TranscriptSegment as TranscriptSegment
    from attio_async_api.models.unsubscribed_email import UnsubscribedEmail as UnsubscribedEmail
    from attio_async_api.models.webhook import Webhook as Webhook
    from attio_async_api.models.workspace_member import WorkspaceMember as WorkspaceMember

    from ._client import Attio as Attio
    from ._limits.gate import priority as priority
    from ._limits.limiter import RateLimiter as RateLimiter
    from ._limits.redis.limiter import RedisRateLimiter as RedisRateLimiter
    from ._pagination.paginator import Page as Page
    from ._pagination.paginator import Paginator as Paginator
    from ._pagination.paginator import Results as Results
    from ._pipeline.events import AttemptEnded as AttemptEnded
    from ._pipeline.events import BucketPaused as BucketPaused
    from ._pipeline.events import LimitLowered as LimitLowered
    from ._pipeline.events import LimitRestored as LimitRestored
    from ._pipeline.events import PermitAwaited as PermitAwaited
    from ._pipeline.events import RetryScheduled as RetryScheduled
    from ._pipeline.retry import RetryPolicy as RetryPolicy
    from ._pool import AttioPool as AttioPool
    from ._records.models import ActivityRecord as ActivityRecord
    from ._records.models import Entry as Entry
    from ._records.models import Record as Record
    from ._resources.lists import AttioList as AttioList
    from ._resources.objects import AttioObject as AttioObject
    from ._schema import Attribute as Attribute
    from ._schema import ObjectSchema as ObjectSchema
    from ._transport.messages import Request as Request
    from ._transport.messages import Response as Response
    from ._workspace.history import HistoricValue as HistoricValue
    from ._workspace.identity import Identity as Identity
    from ._workspace.write_options import WriteOptions as WriteOptions
    from .bulk import BulkJob as BulkJob
    from .bulk import BulkOptions as BulkOptions
    from .bulk import BulkReport as BulkReport
    from .bulk import Guards as Guards
    from .bulk import MatchOn as MatchOn
    from .bulk import Outcome as Outcome
    from .bulk import Plan as Plan
    from .bulk import Progress as Progress
    from .bulk import Row as Row
    from .bulk import SQLiteJournal as SQLiteJournal
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
