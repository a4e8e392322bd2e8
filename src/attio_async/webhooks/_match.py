"""Match events with handlers, looking up the slugs that handlers give. Pure: the given client does the I/O."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, Literal, Protocol, TypedDict, TypeVar

import attrs

from .._records.models import Record
from .._schema import ObjectSchema, near
from .._utils.callbacks import check_sync
from .._utils.public import public
from ..errors import ConfigurationError, NotFound, UnknownName
from ..values._types import is_uuid
from ._events import EVENT_CLASSES, Event

EventType = str | type[Event]
"""An event type by Attio's name, such as "record.updated", or by its class."""

RecordsById = dict[tuple[str, str], Record | None]
"""Records by object id and record id; None for a record that no longer exists."""

T_co = TypeVar("T_co", covariant=True)


@public
class HandlerOptions(TypedDict, total=False):
    """Conditions on the events that a handler receives, and the form in which it receives them.

    Attributes:
        object: Slug or id of the object that the event's record belongs to.
        list: Slug or id of the event's list.
        attribute: Slug or id of the attribute that changed, on that object or list.
        where: A further condition on the event.
        ignore_self: Skip events caused by this app; its actors are described at https://docs.attio.com/docs/actors.
        hydrate: Read the record into `event.record`, as it is after the event; None when it no longer exists. The
            record is read once for all of its pending events.
    """

    object: str
    list: str
    attribute: str
    where: Callable[[Any], bool]
    ignore_self: bool
    hydrate: bool


@attrs.frozen(kw_only=True)
class Handler:
    """A registered function and the events it receives; see `HandlerOptions`.

    Attributes:
        name: The name by which the store knows it. It must be the same after every restart.
        function: The async function, called with an event.
        takes_bursts: Call the function with all pending events of a record, as a sequence.
        types: The event classes it receives; none means all events.
    """

    name: str
    function: Callable[[Any], Awaitable[object]]
    takes_bursts: bool = False
    types: tuple[type[Event], ...] = ()
    object: str | None = None
    list: str | None = None
    attribute: str | None = None
    where: Callable[[Any], bool] | None = None
    ignore_self: bool = False
    hydrate: bool = False


def event_classes(types: Iterable[EventType]) -> tuple[type[Event], ...]:
    """Return the classes of event types.

    Raises:
        UnknownName: An event type is unknown.
    """
    return tuple(_event_class(each) if isinstance(each, str) else each for each in types)


def _event_class(event_type: str) -> type[Event]:
    found = EVENT_CLASSES.get(event_type)
    if found is None:
        known = tuple(EVENT_CLASSES)
        raise UnknownName("event", event_type, suggestions=near(event_type, known), available=known)
    return found


@public
class HasId(Protocol):
    """An object or a list."""

    @property
    def id(self) -> object:
        """The id; converted to a string it is a UUID."""
        ...


@public
class HasClientId(Protocol):
    """The identity behind an access token."""

    @property
    def client_id(self) -> str | None:
        """The id of the app that the token belongs to."""
        ...


@public
class ItemReader(Protocol[T_co]):
    """A collection to read from, such as the records of an object."""

    async def get(self, name: str, /) -> T_co:
        """Return the item with this slug or id."""
        ...


@public
class WorkspaceReader(Protocol):
    """The part of `attio_async.Attio` that a receiver uses: to look up slugs, read records and identify its app."""

    @cached_property
    def objects(self) -> ItemReader[HasId]:
        """The objects of the workspace."""
        ...

    @cached_property
    def lists(self) -> ItemReader[HasId]:
        """The lists of the workspace."""
        ...

    def records(self, object: str, /) -> ItemReader[Record]:
        """Return the records of an object."""
        ...

    async def schema(self, name: str, /, *, target: Literal["objects", "lists"]) -> ObjectSchema:
        """Return the attributes of an object or a list."""
        ...

    async def identify(self) -> HasClientId:
        """Return the identity behind the access token."""
        ...


def check_conditions(handler: Handler) -> None:
    """Reject a handler whose events could never be told from others, whatever can be looked up.

    Raises:
        ConfigurationError: A condition is ambiguous.
    """
    check_sync(handler.where, "where")
    if handler.attribute and not is_uuid(handler.attribute) and not (handler.object or handler.list):
        raise ConfigurationError(
            f"attribute {handler.attribute!r} could be any object's: give object= or list= as well"
        )


class Matcher:
    """Matches events with handlers, and reads records for them. It remembers every id that it looked up.

    Args:
        reader: The client to look up with; None when ids suffice.
        own_actors: Ids of actors that are this app.
    """

    def __init__(self, reader: WorkspaceReader | None, own_actors: Iterable[str] = ()) -> None:
        self._reader = reader
        self._own_actors = frozenset(own_actors)
        self._own_app_id: str | None = None
        self._ids: dict[tuple[str, ...], str] = {}

    def check(self, handler: Handler) -> None:
        """Reject a handler whose events could never be told from others.

        Raises:
            ConfigurationError: A condition is ambiguous, or needs a client to look it up.
        """
        check_conditions(handler)
        if self._reader is not None:
            return
        for name in (handler.object, handler.list, handler.attribute):
            if name is not None and not is_uuid(name):
                raise ConfigurationError(
                    f"{name!r} cannot be looked up without a client: give attio=, or its id"
                )
        if handler.hydrate:
            raise ConfigurationError("hydrate=True needs a client to read records with: give attio=")
        if handler.ignore_self and not self._own_actors:
            raise ConfigurationError(
                "ignore_self=True must know which actors are this app: give own_actors= or attio="
            )

    async def matches(self, event: Event, handler: Handler) -> bool:
        """Return True if the handler is to receive the event. Slugs are looked up only when it depends on them."""
        if handler.types and not isinstance(event, handler.types):
            return False
        if handler.ignore_self and await self._is_own(event):
            return False
        return await self._is_about(event, handler) and (handler.where is None or bool(handler.where(event)))

    async def hydrate(self, events: Sequence[Event], records: RecordsById) -> list[Event]:
        """Return the events with their records, None where a record no longer exists.

        A record is read unless it is among `records`, and added to them.
        """
        for event in events:
            object_id, record_id = ids = _record_ids(event)
            if all(ids) and ids not in records:
                records[ids] = await self._record(object_id, record_id)
        return [attrs.evolve(event, record=records.get(_record_ids(event))) for event in events]

    async def _is_own(self, event: Event) -> bool:
        if event.actor is None or event.actor.id is None:
            return False
        return event.actor.id in self._own_actors or event.actor.id == await self._own_app()

    async def _own_app(self) -> str:
        """Return the id of the app that the client's token belongs to; empty when it belongs to none."""
        if self._own_app_id is None:
            self._own_app_id = (await self._reader.identify()).client_id or "" if self._reader else ""
        return self._own_app_id

    async def _is_about(self, event: Event, handler: Handler) -> bool:
        """Return True if the event is about the handler's object, list and attribute."""
        if handler.object is not None and _record_ids(event)[0] != await self._id("object", handler.object):
            return False
        if handler.list is not None and _part(event, "list_id") != await self._id("list", handler.list):
            return False
        if handler.attribute is None:
            return True
        # The attributes of a list entry belong to its list; its object is only that of its parent record.
        attribute = await self._attribute_id(handler.object, handler.list, handler.attribute)
        return _part(event, "attribute_id") == attribute

    async def _id(self, kind: Literal["object", "list"], name: str) -> str:
        if is_uuid(name):
            return name.lower()
        if (kind, name) not in self._ids:
            found = await (self._client.lists if kind == "list" else self._client.objects).get(name)
            self._ids[kind, name] = str(found.id)
        return self._ids[kind, name]

    async def _attribute_id(self, object: str | None, list: str | None, name: str) -> str:
        if is_uuid(name):
            return name.lower()
        owner = (object or "", list or "", name)
        if owner not in self._ids:
            schema = await self._client.schema(list or object or "", target="lists" if list else "objects")
            self._ids[owner] = schema.find(name).id
        return self._ids[owner]

    async def _record(self, object_id: str, record_id: str) -> Record | None:
        try:
            return await self._client.records(object_id).get(record_id)
        except NotFound:  # deleted or merged since then, or a test event with random ids
            return None

    @property
    def _client(self) -> WorkspaceReader:
        if self._reader is None:
            raise ConfigurationError("a client is needed to look things up in the workspace: give attio=")
        return self._reader


def _part(event: Event, name: str) -> str:
    return str(getattr(event, name, None) or "").lower()


def _record_ids(event: Event) -> tuple[str, str]:
    """Return the ids of the object and record that an event is about."""
    object_id = _part(event, "object_id") or _part(event, "parent_object_id")
    return object_id, _part(event, "record_id") or _part(event, "parent_record_id")
