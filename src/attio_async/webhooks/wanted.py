"""Which events somebody wants to be told. Pure."""

from collections.abc import Callable, Iterable
from typing import Any, TypedDict

import attrs

from ..errors import UnknownName
from ..schema import near
from .events import EVENT_CLASSES, Event

__all__ = ["EventType", "Wanted", "Which", "classes_of"]

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
