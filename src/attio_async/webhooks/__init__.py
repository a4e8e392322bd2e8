"""Receive webhooks, which deliver the events of a workspace.

`WebhookReceiver` does everything; `verify` and `parse` are pure, for use with another receiver. Names are loaded when
they are first used, so that the pure ones import neither an event loop nor a database.
"""

from .._lazy import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING or not lazy_names(__name__):
    from .._utils.asgi import AsgiApp as AsgiApp
    from .._utils.asgi import AsgiMessage as AsgiMessage
    from .._utils.asgi import AsgiReceive as AsgiReceive
    from .._utils.asgi import AsgiSend as AsgiSend
    from ._asgi import ReceiverResponse as ReceiverResponse
    from ._dispatcher import HandlerRetry as HandlerRetry
    from ._events import EVENT_CLASSES as EVENT_CLASSES
    from ._events import ActivityAttributeCreated as ActivityAttributeCreated
    from ._events import ActivityAttributeEvent as ActivityAttributeEvent
    from ._events import ActivityAttributeUpdated as ActivityAttributeUpdated
    from ._events import ActivityCreated as ActivityCreated
    from ._events import ActivityDeleted as ActivityDeleted
    from ._events import ActivityEvent as ActivityEvent
    from ._events import ActivityRecordCreated as ActivityRecordCreated
    from ._events import ActivityRecordDeleted as ActivityRecordDeleted
    from ._events import ActivityRecordEvent as ActivityRecordEvent
    from ._events import ActivityUpdated as ActivityUpdated
    from ._events import CallRecordingCreated as CallRecordingCreated
    from ._events import CommentCreated as CommentCreated
    from ._events import CommentDeleted as CommentDeleted
    from ._events import CommentEvent as CommentEvent
    from ._events import CommentResolved as CommentResolved
    from ._events import CommentUnresolved as CommentUnresolved
    from ._events import Event as Event
    from ._events import ListAttributeCreated as ListAttributeCreated
    from ._events import ListAttributeEvent as ListAttributeEvent
    from ._events import ListAttributeUpdated as ListAttributeUpdated
    from ._events import ListCreated as ListCreated
    from ._events import ListDeleted as ListDeleted
    from ._events import ListEntryCreated as ListEntryCreated
    from ._events import ListEntryDeleted as ListEntryDeleted
    from ._events import ListEntryEvent as ListEntryEvent
    from ._events import ListEntryUpdated as ListEntryUpdated
    from ._events import ListEvent as ListEvent
    from ._events import ListUpdated as ListUpdated
    from ._events import NoteContentUpdated as NoteContentUpdated
    from ._events import NoteCreated as NoteCreated
    from ._events import NoteDeleted as NoteDeleted
    from ._events import NoteEvent as NoteEvent
    from ._events import NoteUpdated as NoteUpdated
    from ._events import ObjectAttributeCreated as ObjectAttributeCreated
    from ._events import ObjectAttributeEvent as ObjectAttributeEvent
    from ._events import ObjectAttributeUpdated as ObjectAttributeUpdated
    from ._events import RecordCreated as RecordCreated
    from ._events import RecordDeleted as RecordDeleted
    from ._events import RecordEvent as RecordEvent
    from ._events import RecordMerged as RecordMerged
    from ._events import RecordUpdated as RecordUpdated
    from ._events import TaskCreated as TaskCreated
    from ._events import TaskDeleted as TaskDeleted
    from ._events import TaskEvent as TaskEvent
    from ._events import TaskUpdated as TaskUpdated
    from ._events import UnknownEvent as UnknownEvent
    from ._events import WorkspaceMemberCreated as WorkspaceMemberCreated
    from ._match import EventType as EventType
    from ._match import HandlerOptions as HandlerOptions
    from ._match import HasClientId as HasClientId
    from ._match import HasId as HasId
    from ._match import ItemReader as ItemReader
    from ._match import WorkspaceReader as WorkspaceReader
    from ._parse import parse as parse
    from ._receiver import WebhookReceiver as WebhookReceiver
    from ._replay import DeliveryFile as DeliveryFile
    from ._replay import DeliverySink as DeliverySink
    from ._replay import ReplayResult as ReplayResult
    from ._replay import SavingStore as SavingStore
    from ._replay import replay as replay
    from ._secrets import FileSecrets as FileSecrets
    from ._secrets import SecretStore as SecretStore
    from ._stores.base import Delivery as Delivery
    from ._stores.base import DeliveryStore as DeliveryStore
    from ._stores.base import MemoryStore as MemoryStore
    from ._stores.redis import RedisStore as RedisStore
    from ._stores.sqlite import SQLiteStore as SQLiteStore
    from ._subscriptions import SubscriptionFilter as SubscriptionFilter
    from ._subscriptions import all_of as all_of
    from ._subscriptions import any_of as any_of
    from ._subscriptions import equals as equals
    from ._subscriptions import not_equals as not_equals
    from ._verify import Body as Body
    from ._verify import Secrets as Secrets
    from ._verify import sign as sign
    from ._verify import verify as verify
