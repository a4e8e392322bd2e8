"""Which events somebody wants to be told. Pure."""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, Literal, Protocol, TypedDict, TypeVar

import attrs

from .._records.models import Record
from .._schema import ObjectSchema, near
from ..errors import ConfigurationError, NotFound, UnknownName
from ..values._types import is_uuid
from ._events import EVENT_CLASSES, Event

T_co = TypeVar("T_co", covariant=True)


class HasId(Protocol):
    """An object or a list."""

    @property
    def id(self) -> object:
        """Its id, which is its text."""
        ...


class HasClientId(Protocol):
    """The identity of an access token."""

    @property
    def client_id(self) -> str | None:
        """The id of the app that the token belongs to."""
        ...


class Lookup(Protocol[T_co]):
    """Reads one thing."""

    async def get(self, name: str, /) -> T_co:
        """Return the thing with this slug or id."""
        ...


class WorkspaceReader(Protocol):
    """The part of `attio_async.Attio` that a receiver reads slugs, records and its own identity with."""

    @cached_property
    def objects(self) -> Lookup[HasId]:
        """The objects of the workspace."""
        ...

    @cached_property
    def lists(self) -> Lookup[HasId]:
        """The lists of the workspace."""
        ...

    def records(self, object: str, /) -> Lookup[Record]:
        """Return a reader of an object's records."""
        ...

    async def schema(self, name: str, /, *, target: Literal["objects", "lists"]) -> ObjectSchema:
        """Return the attributes of an object or a list."""
        ...

    async def identify(self) -> HasClientId:
        """Return the identity of the access token."""
        ...


EventType = str | type[Event]


"""An event type by Attio's name, such as "record.updated", or a class of events."""


class Which(TypedDict, total=False):
    """What narrows events down, and how they are told.

    Attributes:
        object: The slug or id of the object that the event's record is one of.
        list: The slug or id of the event's list.
        attribute: The slug or id of the attribute that was changed, on that object or list.
        where: What else must be true of the event.
        ignore_self: Leave out what this app did itself.
        hydrate: Read the record into `event.record`, as it is after the event; None when it no longer exists. It is read
            once for all events of it that wait together.
    """

    object: str
    list: str
    attribute: str
    where: Callable[[Any], bool]
    ignore_self: bool
    hydrate: bool


@attrs.frozen(kw_only=True)
class Wanted:
    """Which events a handler is told, and how: see `Which`.

    `types` are classes of events, and none means all events; `together` is whether the handler takes all events of
    one record that are waiting in one call.
    """

    types: tuple[type[Event], ...] = ()
    object: str | None = None
    list: str | None = None
    attribute: str | None = None
    where: Callable[[Any], bool] | None = None
    ignore_self: bool = False
    hydrate: bool = False
    together: bool = False


def classes_of(types: Iterable[EventType]) -> tuple[type[Event], ...]:
    """The classes of these event types.

    Raises:
        UnknownName: There is no such event type.
    """
    return tuple(_class_of(each) if isinstance(each, str) else each for each in types)


def _class_of(event_type: str) -> type[Event]:
    found = EVENT_CLASSES.get(event_type)
    if found is None:
        known = tuple(EVENT_CLASSES)
        raise UnknownName("event", event_type, suggestions=near(event_type, known), available=known)
    return found


KnownRecords = dict[tuple[str, str], Record | None]


"""Records by the ids of their object and themselves; None for one that is gone."""


class Names:
    """Looks up what events do not say, and remembers the ids of slugs.

    Args:
        attio: The client to ask; None when ids are all there is.
        own_actors: Ids of actors that are this app.
    """

    def __init__(self, attio: WorkspaceReader | None, own_actors: Iterable[str] = ()) -> None:
        self._attio = attio
        self._own = frozenset(own_actors)
        self._app: str | None = None
        self._ids: dict[tuple[str, ...], str] = {}

    def check(self, wanted: Wanted) -> None:
        """Refuse what can never be told apart, before anything happens.

        Raises:
            ConfigurationError: Something has to be looked up, and there is no client to ask.
        """
        if wanted.attribute and not is_uuid(wanted.attribute) and not (wanted.object or wanted.list):
            raise ConfigurationError(f"say the object or list that {wanted.attribute!r} is an attribute of")
        if self._attio is not None:
            return
        for name in (wanted.object, wanted.list, wanted.attribute):
            if name is not None and not is_uuid(name):
                raise ConfigurationError(f"give attio= to look up {name!r}, or its id: events say ids only")
        if wanted.hydrate:
            raise ConfigurationError("give attio= to read records from")
        if wanted.ignore_self and not self._own:
            raise ConfigurationError("give own_actors=, or attio=, to tell this app's own writes from others")

    async def includes(self, event: Event, wanted: Wanted) -> bool:
        """Whether the event is one of those wanted; slugs are looked up when it depends on them."""
        if wanted.types and not isinstance(event, wanted.types):
            return False
        if wanted.ignore_self and await self._is_own(event):
            return False
        return await self._matches(event, wanted) and (wanted.where is None or bool(wanted.where(event)))

    async def _is_own(self, event: Event) -> bool:
        if event.actor is None or event.actor.id is None:
            return False
        return event.actor.id in self._own or event.actor.id == await self._own_app()

    async def _matches(self, event: Event, wanted: Wanted) -> bool:
        """Whether it is about the object, list and attribute that are wanted."""
        if wanted.object is not None and _object_id(event) != await self._id("object", wanted.object):
            return False
        if wanted.list is not None and _part(event, "list_id") != await self._id("list", wanted.list):
            return False
        if wanted.attribute is None:
            return True
        # An entry's attributes are its list's; its object is only that of its parent.
        attribute = await self._attribute_id(wanted.object, wanted.list, wanted.attribute)
        return _part(event, "attribute_id") == attribute

    async def hydrated(self, events: Sequence[Event], known: KnownRecords) -> list[Event]:
        """The events with their records, None where one is gone; those not known yet are read, and known then."""
        for event in events:
            named = _object_id(event), _record_id(event)
            if all(named) and named not in known:
                known[named] = await self._record(*named)
        return [attrs.evolve(e, record=known.get((_object_id(e), _record_id(e)))) for e in events]

    async def _record(self, object_id: str, record_id: str) -> Record | None:
        try:
            return await self._client.records(object_id).get(record_id)
        except NotFound:  # deleted or merged since, or an event that was made up for a test
            return None

    async def _own_app(self) -> str:
        """The id of the app that the client's token belongs to; empty when there is none."""
        if self._app is None:
            self._app = (await self._attio.identify()).client_id or "" if self._attio else ""
        return self._app

    async def _id(self, kind: str, name: str) -> str:
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

    @property
    def _client(self) -> WorkspaceReader:
        if self._attio is None:
            raise ConfigurationError("give attio= to look things up in the workspace")
        return self._attio


def _part(event: Event, name: str) -> str:
    return str(getattr(event, name, None) or "").lower()


def _object_id(event: Event) -> str:
    """The object of the record an event is about."""
    return _part(event, "object_id") or _part(event, "parent_object_id")


def _record_id(event: Event) -> str:
    return _part(event, "record_id") or _part(event, "parent_record_id")
