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
    from attio_async_api.models import (
        Activity as Activity,
        ActivityId as ActivityId,
        ActivityParent as ActivityParent,
        Actor as Actor,
        AttributeTarget as AttributeTarget,
        AttributeType as AttributeType,
        CallRecording as CallRecording,
        CallRecordingId as CallRecordingId,
        CallRecordingSummary as CallRecordingSummary,
        CallRecordingTranscript as CallRecordingTranscript,
        Comment as Comment,
        CommentEntry as CommentEntry,
        CommentId as CommentId,
        CommentRecord as CommentRecord,
        CreateActivityExtends as CreateActivityExtends,
        CreatedWebhook as CreatedWebhook,
        Email as Email,
        EmailId as EmailId,
        EmailParticipant as EmailParticipant,
        ExternalStorageProvider as ExternalStorageProvider,
        File as File,
        FileId as FileId,
        LinkedRecord as LinkedRecord,
        ListId as ListId,
        ListView as ListView,
        ListViewId as ListViewId,
        ListWorkspaceMemberAccess as ListWorkspaceMemberAccess,
        Meeting as Meeting,
        MeetingId as MeetingId,
        MeetingParticipant as MeetingParticipant,
        MeetingSort as MeetingSort,
        MeetingTime as MeetingTime,
        Note as Note,
        NoteFormat as NoteFormat,
        NoteId as NoteId,
        NoteTag as NoteTag,
        ObjectId as ObjectId,
        ObjectView as ObjectView,
        ObjectViewId as ObjectViewId,
        RecordEntry as RecordEntry,
        RecordId as RecordId,
        SearchHit as SearchHit,
        SelectOption as SelectOption,
        SelectOptionId as SelectOptionId,
        Status as Status,
        StatusId as StatusId,
        StorageProvider as StorageProvider,
        Task as Task,
        TaskAssignee as TaskAssignee,
        TaskId as TaskId,
        TaskLinkedRecord as TaskLinkedRecord,
        TaskSort as TaskSort,
        Thread as Thread,
        ThreadId as ThreadId,
        ThreadSummary as ThreadSummary,
        TranscriptSegment as TranscriptSegment,
        TranscriptSpeaker as TranscriptSpeaker,
        UnsubscribedEmail as UnsubscribedEmail,
        Webhook as Webhook,
        WebhookId as WebhookId,
        WebhookSubscription as WebhookSubscription,
        WorkspaceAccess as WorkspaceAccess,
        WorkspaceMember as WorkspaceMember,
        WorkspaceMemberId as WorkspaceMemberId,
    )
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
    from ._json_schema import Purpose as Purpose
    from ._limits.gate import (
        Priority as Priority,
        priority as priority,
    )
    from ._limits.lane import Bucket as Bucket
    from ._limits.limiter import RateLimiter as RateLimiter
    from ._limits.redis_limiter import RedisRateLimiter as RedisRateLimiter
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
    from ._pipeline.meter import (
        Answered as Answered,
        RequestMeter as RequestMeter,
        ResponseInfo as ResponseInfo,
    )
    from ._pipeline.retry import RetryPolicy as RetryPolicy
    from ._pipeline.telemetry import Telemetry as Telemetry
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
    from ._resources.comments import (
        Comments as Comments,
        Threads as Threads,
    )
    from ._resources.emails import Emails as Emails
    from ._resources.entries import (
        Entries as Entries,
        OnMultiple as OnMultiple,
    )
    from ._resources.files import (
        Files as Files,
        Stream as Stream,
        Uploadable as Uploadable,
    )
    from ._resources.lists import (
        AttioList as AttioList,
        Lists as Lists,
    )
    from ._resources.meetings import (
        CallRecordings as CallRecordings,
        Meetings as Meetings,
    )
    from ._resources.notes import Notes as Notes
    from ._resources.objects import (
        AttioObject as AttioObject,
        Objects as Objects,
    )
    from ._resources.records import Records as Records
    from ._resources.tasks import Tasks as Tasks
    from ._resources.webhooks import (
        EnsuredWebhook as EnsuredWebhook,
        Subscription as Subscription,
        Webhooks as Webhooks,
    )
    from ._resources.workspace import (
        Sequences as Sequences,
        WorkspaceMembers as WorkspaceMembers,
    )
    from ._schema import (
        Attribute as Attribute,
        ObjectSchema as ObjectSchema,
        Option as Option,
    )
    from ._transport.backends import Backend as Backend
    from ._transport.messages import (
        Content as Content,
        HiddenToken as HiddenToken,
        HttpClient as HttpClient,
        HttpTransport as HttpTransport,
        Request as Request,
        Response as Response,
        Sink as Sink,
        TokenSource as TokenSource,
    )
    from ._utils.clock import (
        Clock as Clock,
        SystemClock as SystemClock,
    )
    from ._utils.json import jsonable as jsonable
    from ._utils.secret import Secret as Secret
    from ._workspace.filters import AnyFilter as AnyFilter
    from ._workspace.history import HistoricValue as HistoricValue
    from ._workspace.identity import Identity as Identity
    from ._workspace.merge import (
        MergedAttribute as MergedAttribute,
        MergePlan as MergePlan,
    )
    from ._workspace.merges import Merges as Merges
    from ._workspace.plan import Plan as Plan
    from ._workspace.rows import (
        Found as Found,
        Multiselect as Multiselect,
        Nulls as Nulls,
    )
    from ._workspace.scan import Scan as Scan
    from ._workspace.write_options import WriteOptions as WriteOptions
    from .bulk import (
        BulkJob as BulkJob,
        BulkOptions as BulkOptions,
        BulkReport as BulkReport,
        Guards as Guards,
        JobPlan as JobPlan,
        MatchOn as MatchOn,
        Outcome as Outcome,
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
        InputChanged as InputChanged,
        InvalidClient as InvalidClient,
        InvalidDelivery as InvalidDelivery,
        InvalidGrant as InvalidGrant,
        JobSuperseded as JobSuperseded,
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
        StorageError as StorageError,
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
