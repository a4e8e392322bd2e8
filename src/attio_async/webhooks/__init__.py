"""Receive webhooks, which deliver the events of a workspace.

`WebhookReceiver` does everything; `verify` and `parse` are pure, for use with another receiver. Names are loaded when
they are first used, so that the pure ones import neither an event loop nor a database.
"""

from .._lazy import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING or not lazy_names(__name__):
    from .._utils.asgi import (
        AsgiApp as AsgiApp,
        AsgiEndpoint as AsgiEndpoint,
        AsgiMessage as AsgiMessage,
        AsgiReceive as AsgiReceive,
        AsgiSend as AsgiSend,
    )
    from ._asgi import ReceiverResponse as ReceiverResponse
    from ._dispatcher import HandlerRetry as HandlerRetry
    from ._events import (
        EVENT_CLASSES as EVENT_CLASSES,
        ActivityAttributeCreated as ActivityAttributeCreated,
        ActivityAttributeEvent as ActivityAttributeEvent,
        ActivityAttributeUpdated as ActivityAttributeUpdated,
        ActivityCreated as ActivityCreated,
        ActivityDeleted as ActivityDeleted,
        ActivityEvent as ActivityEvent,
        ActivityRecordCreated as ActivityRecordCreated,
        ActivityRecordDeleted as ActivityRecordDeleted,
        ActivityRecordEvent as ActivityRecordEvent,
        ActivityUpdated as ActivityUpdated,
        CallRecordingCreated as CallRecordingCreated,
        CommentCreated as CommentCreated,
        CommentDeleted as CommentDeleted,
        CommentEvent as CommentEvent,
        CommentResolved as CommentResolved,
        CommentUnresolved as CommentUnresolved,
        Event as Event,
        ListAttributeCreated as ListAttributeCreated,
        ListAttributeEvent as ListAttributeEvent,
        ListAttributeUpdated as ListAttributeUpdated,
        ListCreated as ListCreated,
        ListDeleted as ListDeleted,
        ListEntryCreated as ListEntryCreated,
        ListEntryDeleted as ListEntryDeleted,
        ListEntryEvent as ListEntryEvent,
        ListEntryUpdated as ListEntryUpdated,
        ListEvent as ListEvent,
        ListUpdated as ListUpdated,
        NoteContentUpdated as NoteContentUpdated,
        NoteCreated as NoteCreated,
        NoteDeleted as NoteDeleted,
        NoteEvent as NoteEvent,
        NoteUpdated as NoteUpdated,
        ObjectAttributeCreated as ObjectAttributeCreated,
        ObjectAttributeEvent as ObjectAttributeEvent,
        ObjectAttributeUpdated as ObjectAttributeUpdated,
        RecordCreated as RecordCreated,
        RecordDeleted as RecordDeleted,
        RecordEvent as RecordEvent,
        RecordMerged as RecordMerged,
        RecordUpdated as RecordUpdated,
        TaskCreated as TaskCreated,
        TaskDeleted as TaskDeleted,
        TaskEvent as TaskEvent,
        TaskUpdated as TaskUpdated,
        UnknownEvent as UnknownEvent,
        WorkspaceMemberCreated as WorkspaceMemberCreated,
        parse as parse,
    )
    from ._match import (
        EventType as EventType,
        HandlerOptions as HandlerOptions,
        HasClientId as HasClientId,
        HasId as HasId,
        ItemReader as ItemReader,
        WorkspaceReader as WorkspaceReader,
    )
    from ._receiver import WebhookReceiver as WebhookReceiver
    from ._replay import (
        DeliveryFile as DeliveryFile,
        DeliverySink as DeliverySink,
        ReplayResult as ReplayResult,
        SavingStore as SavingStore,
        replay as replay,
    )
    from ._secrets import (
        FileSecrets as FileSecrets,
        SecretStore as SecretStore,
    )
    from ._stores.base import (
        Delivery as Delivery,
        DeliveryStore as DeliveryStore,
        MemoryStore as MemoryStore,
    )
    from ._stores.postgres import PostgresStore as PostgresStore
    from ._stores.redis import RedisStore as RedisStore
    from ._stores.sqlite import SQLiteStore as SQLiteStore
    from ._subscriptions import (
        On as On,
        SubscriptionFilter as SubscriptionFilter,
        all_of as all_of,
        any_of as any_of,
        equals as equals,
        not_equals as not_equals,
    )
    from ._verify import (
        Body as Body,
        Secrets as Secrets,
        sign as sign,
        verify as verify,
    )
