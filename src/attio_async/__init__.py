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
    from attio_async_api.models.activity_id import ActivityId as ActivityId
    from attio_async_api.models.activity_parent import ActivityParent as ActivityParent
    from attio_async_api.models.actor import Actor as Actor
    from attio_async_api.models.attribute_target import AttributeTarget as AttributeTarget
    from attio_async_api.models.attribute_type import AttributeType as AttributeType
    from attio_async_api.models.call_recording import CallRecording as CallRecording
    from attio_async_api.models.call_recording_id import CallRecordingId as CallRecordingId
    from attio_async_api.models.call_recording_summary import CallRecordingSummary as CallRecordingSummary
    from attio_async_api.models.call_recording_transcript import (
        CallRecordingTranscript as CallRecordingTranscript,
    )
    from attio_async_api.models.comment import Comment as Comment
    from attio_async_api.models.comment_entry import CommentEntry as CommentEntry
    from attio_async_api.models.comment_id import CommentId as CommentId
    from attio_async_api.models.comment_record import CommentRecord as CommentRecord
    from attio_async_api.models.create_activity_extends import CreateActivityExtends as CreateActivityExtends
    from attio_async_api.models.created_webhook import CreatedWebhook as CreatedWebhook
    from attio_async_api.models.email import Email as Email
    from attio_async_api.models.email_id import EmailId as EmailId
    from attio_async_api.models.email_participant import EmailParticipant as EmailParticipant
    from attio_async_api.models.external_storage_provider import (
        ExternalStorageProvider as ExternalStorageProvider,
    )
    from attio_async_api.models.file import File as File
    from attio_async_api.models.file_id import FileId as FileId
    from attio_async_api.models.linked_record import LinkedRecord as LinkedRecord
    from attio_async_api.models.list_id import ListId as ListId
    from attio_async_api.models.list_view import ListView as ListView
    from attio_async_api.models.list_view_id import ListViewId as ListViewId
    from attio_async_api.models.list_workspace_member_access import (
        ListWorkspaceMemberAccess as ListWorkspaceMemberAccess,
    )
    from attio_async_api.models.meeting import Meeting as Meeting
    from attio_async_api.models.meeting_id import MeetingId as MeetingId
    from attio_async_api.models.meeting_participant import MeetingParticipant as MeetingParticipant
    from attio_async_api.models.meeting_sort import MeetingSort as MeetingSort
    from attio_async_api.models.meeting_time import MeetingTime as MeetingTime
    from attio_async_api.models.note import Note as Note
    from attio_async_api.models.note_format import NoteFormat as NoteFormat
    from attio_async_api.models.note_id import NoteId as NoteId
    from attio_async_api.models.note_tag import NoteTag as NoteTag
    from attio_async_api.models.object_id import ObjectId as ObjectId
    from attio_async_api.models.object_view import ObjectView as ObjectView
    from attio_async_api.models.object_view_id import ObjectViewId as ObjectViewId
    from attio_async_api.models.record_entry import RecordEntry as RecordEntry
    from attio_async_api.models.record_id import RecordId as RecordId
    from attio_async_api.models.search_hit import SearchHit as SearchHit
    from attio_async_api.models.select_option import SelectOption as SelectOption
    from attio_async_api.models.select_option_id import SelectOptionId as SelectOptionId
    from attio_async_api.models.status import Status as Status
    from attio_async_api.models.status_id import StatusId as StatusId
    from attio_async_api.models.storage_provider import StorageProvider as StorageProvider
    from attio_async_api.models.task import Task as Task
    from attio_async_api.models.task_assignee import TaskAssignee as TaskAssignee
    from attio_async_api.models.task_id import TaskId as TaskId
    from attio_async_api.models.task_linked_record import TaskLinkedRecord as TaskLinkedRecord
    from attio_async_api.models.task_sort import TaskSort as TaskSort
    from attio_async_api.models.thread import Thread as Thread
    from attio_async_api.models.thread_id import ThreadId as ThreadId
    from attio_async_api.models.thread_summary import ThreadSummary as ThreadSummary
    from attio_async_api.models.transcript_segment import TranscriptSegment as TranscriptSegment
    from attio_async_api.models.transcript_speaker import TranscriptSpeaker as TranscriptSpeaker
    from attio_async_api.models.unsubscribed_email import UnsubscribedEmail as UnsubscribedEmail
    from attio_async_api.models.webhook import Webhook as Webhook
    from attio_async_api.models.webhook_id import WebhookId as WebhookId
    from attio_async_api.models.webhook_subscription import WebhookSubscription as WebhookSubscription
    from attio_async_api.models.workspace_access import WorkspaceAccess as WorkspaceAccess
    from attio_async_api.models.workspace_member import WorkspaceMember as WorkspaceMember
    from attio_async_api.models.workspace_member_id import WorkspaceMemberId as WorkspaceMemberId
    from attio_async_api.operations import Operation as Operation
    from attio_async_api.types import CompositeId as CompositeId
    from attio_async_api.types import Unset as Unset

    from ._client import Attio as Attio
    from ._client import ClientOptions as ClientOptions
    from ._client import ClientSettings as ClientSettings
    from ._client import SharedOptions as SharedOptions
    from ._limits.lane import Bucket as Bucket
    from ._limits.limiter import RateLimiter as RateLimiter
    from ._limits.priority import Priority as Priority
    from ._limits.priority import priority as priority
    from ._limits.redis.limiter import RedisRateLimiter as RedisRateLimiter
    from ._limits.stats import BucketStats as BucketStats
    from ._limits.stats import LimiterStats as LimiterStats
    from ._limits.stats import QueryStats as QueryStats
    from ._pagination.page import Page as Page
    from ._pagination.page import Token as Token
    from ._pagination.pages import Pages as Pages
    from ._pagination.paginator import Paginator as Paginator
    from ._pagination.paginator import Results as Results
    from ._pipeline.events import AttemptEnded as AttemptEnded
    from ._pipeline.events import BucketPaused as BucketPaused
    from ._pipeline.events import Hook as Hook
    from ._pipeline.events import LimitLowered as LimitLowered
    from ._pipeline.events import LimitRestored as LimitRestored
    from ._pipeline.events import Middleware as Middleware
    from ._pipeline.events import PermitAwaited as PermitAwaited
    from ._pipeline.events import RetryScheduled as RetryScheduled
    from ._pipeline.retry import RetryPolicy as RetryPolicy
    from ._pool import AttioPool as AttioPool
    from ._records.models import ActivityRecord as ActivityRecord
    from ._records.models import AttributeMapping as AttributeMapping
    from ._records.models import Entry as Entry
    from ._records.models import Record as Record
    from ._resources.activities import Activities as Activities
    from ._resources.activities import ActivityRecords as ActivityRecords
    from ._resources.attributes import Attributes as Attributes
    from ._resources.attributes import SelectOptions as SelectOptions
    from ._resources.attributes import Statuses as Statuses
    from ._resources.call_recordings import CallRecordings as CallRecordings
    from ._resources.comments import Comments as Comments
    from ._resources.emails import Emails as Emails
    from ._resources.entries import Entries as Entries
    from ._resources.files import Files as Files
    from ._resources.files import Stream as Stream
    from ._resources.files import Uploadable as Uploadable
    from ._resources.lists import AttioList as AttioList
    from ._resources.lists import Lists as Lists
    from ._resources.meetings import Meetings as Meetings
    from ._resources.notes import Notes as Notes
    from ._resources.objects import AttioObject as AttioObject
    from ._resources.objects import Objects as Objects
    from ._resources.records import Records as Records
    from ._resources.tasks import Tasks as Tasks
    from ._resources.threads import Threads as Threads
    from ._resources.webhooks import EnsuredWebhook as EnsuredWebhook
    from ._resources.webhooks import Subscription as Subscription
    from ._resources.webhooks import Webhooks as Webhooks
    from ._resources.workspace import Sequences as Sequences
    from ._resources.workspace_members import WorkspaceMembers as WorkspaceMembers
    from ._schema import Attribute as Attribute
    from ._schema import ObjectSchema as ObjectSchema
    from ._schema import Option as Option
    from ._transport.backends import Backend as Backend
    from ._transport.messages import Content as Content
    from ._transport.messages import HttpClient as HttpClient
    from ._transport.messages import HttpTransport as HttpTransport
    from ._transport.messages import Request as Request
    from ._transport.messages import Response as Response
    from ._transport.messages import Sink as Sink
    from ._transport.messages import TokenSource as TokenSource
    from ._workspace.filters import AnyFilter as AnyFilter
    from ._workspace.history import HistoricValue as HistoricValue
    from ._workspace.identity import Identity as Identity
    from ._workspace.rows import Found as Found
    from ._workspace.rows import Multiselect as Multiselect
    from ._workspace.scan import Scan as Scan
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
