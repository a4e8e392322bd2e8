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
    from attio_async_api.types import (
        CompositeId as CompositeId,
        Unset as Unset,
    )

    from ._client import (
        Attio as Attio,
        ClientOptions as ClientOptions,
        ClientSettings as ClientSettings,
        SharedOptions as SharedOptions,
    )
    from ._limits.lane import Bucket as Bucket
    from ._limits.limiter import RateLimiter as RateLimiter
    from ._limits.priority import (
        Priority as Priority,
        priority as priority,
    )
    from ._limits.redis.limiter import RedisRateLimiter as RedisRateLimiter
    from ._limits.stats import (
        BucketStats as BucketStats,
        LimiterStats as LimiterStats,
        QueryStats as QueryStats,
    )
    from ._pagination.page import (
        Page as Page,
        Token as Token,
    )
    from ._pagination.pages import Pages as Pages
    from ._pagination.paginator import (
        Paginator as Paginator,
        Results as Results,
    )
    from ._pipeline.events import (
        AttemptEnded as AttemptEnded,
        BucketPaused as BucketPaused,
        Hook as Hook,
        HookEvent as HookEvent,
        LimitLowered as LimitLowered,
        LimitRestored as LimitRestored,
        Middleware as Middleware,
        PermitAwaited as PermitAwaited,
        RetryScheduled as RetryScheduled,
        Send as Send,
    )
    from ._pipeline.retry import RetryPolicy as RetryPolicy
    from ._pool import AttioPool as AttioPool
    from ._records.models import (
        ActivityRecord as ActivityRecord,
        AttributeMapping as AttributeMapping,
        Entry as Entry,
        Record as Record,
    )
    from ._resources.activities import (
        Activities as Activities,
        ActivityRecords as ActivityRecords,
    )
    from ._resources.attributes import (
        Attributes as Attributes,
        SelectOptions as SelectOptions,
        Statuses as Statuses,
    )
    from ._resources.call_recordings import CallRecordings as CallRecordings
    from ._resources.comments import Comments as Comments
    from ._resources.emails import Emails as Emails
    from ._resources.entries import Entries as Entries
    from ._resources.files import (
        Files as Files,
        Stream as Stream,
        Uploadable as Uploadable,
    )
    from ._resources.lists import (
        AttioList as AttioList,
        Lists as Lists,
    )
    from ._resources.meetings import Meetings as Meetings
    from ._resources.notes import Notes as Notes
    from ._resources.objects import (
        AttioObject as AttioObject,
        Objects as Objects,
    )
    from ._resources.records import Records as Records
    from ._resources.tasks import Tasks as Tasks
    from ._resources.threads import Threads as Threads
    from ._resources.webhooks import (
        EnsuredWebhook as EnsuredWebhook,
        Subscription as Subscription,
        Webhooks as Webhooks,
    )
    from ._resources.workspace import Sequences as Sequences
    from ._resources.workspace_members import WorkspaceMembers as WorkspaceMembers
    from ._schema import (
        Attribute as Attribute,
        ObjectSchema as ObjectSchema,
        Option as Option,
    )
    from ._transport.backends import Backend as Backend
    from ._transport.messages import (
        Content as Content,
        HttpClient as HttpClient,
        HttpTransport as HttpTransport,
        Request as Request,
        Response as Response,
        Sink as Sink,
        TokenSource as TokenSource,
    )
    from ._workspace.filters import AnyFilter as AnyFilter
    from ._workspace.history import HistoricValue as HistoricValue
    from ._workspace.identity import Identity as Identity
    from ._workspace.rows import (
        Found as Found,
        Multiselect as Multiselect,
    )
    from ._workspace.scan import Scan as Scan
    from ._workspace.write_options import WriteOptions as WriteOptions
    from .bulk import (
        BulkJob as BulkJob,
        BulkOptions as BulkOptions,
        BulkReport as BulkReport,
        Guards as Guards,
        MatchOn as MatchOn,
        Outcome as Outcome,
        Plan as Plan,
        Progress as Progress,
        Row as Row,
        SQLiteJournal as SQLiteJournal,
    )
    from .errors import (
        AccessDenied as AccessDenied,
        APIError as APIError,
        AttioError as AttioError,
        AuthenticationFailed as AuthenticationFailed,
        BadRequest as BadRequest,
        BillingLimit as BillingLimit,
        CoercionError as CoercionError,
        ConfigurationError as ConfigurationError,
        Conflict as Conflict,
        ConnectionFailed as ConnectionFailed,
        DecodeError as DecodeError,
        DuplicateKey as DuplicateKey,
        FilterError as FilterError,
        InvalidClient as InvalidClient,
        InvalidDelivery as InvalidDelivery,
        InvalidGrant as InvalidGrant,
        MergeInProgress as MergeInProgress,
        MultipleMatches as MultipleMatches,
        MultipleResultsFound as MultipleResultsFound,
        NoResultFound as NoResultFound,
        NotFound as NotFound,
        OAuthError as OAuthError,
        OutcomeUnknown as OutcomeUnknown,
        PermissionDenied as PermissionDenied,
        Problem as Problem,
        QueryTooComplex as QueryTooComplex,
        RateLimited as RateLimited,
        RequestTimeout as RequestTimeout,
        ServerError as ServerError,
        StateMismatch as StateMismatch,
        TokenInactive as TokenInactive,
        TransportError as TransportError,
        UniquenessConflict as UniquenessConflict,
        UnknownName as UnknownName,
        ValueNotFound as ValueNotFound,
    )
    from .query import (
        F as F,
        Filter as Filter,
        Sort as Sort,
        asc as asc,
        desc as desc,
    )
    from .values import (
        ActorRef as ActorRef,
        Interaction as Interaction,
        Location as Location,
        Member as Member,
        Name as Name,
        PersonName as PersonName,
        Phone as Phone,
        RecordRef as RecordRef,
        Ref as Ref,
        UnknownValue as UnknownValue,
        Value as Value,
    )
