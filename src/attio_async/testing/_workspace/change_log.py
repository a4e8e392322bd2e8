"""The changes of a workspace, for subscribers. One change is one webhook event."""

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from ..._utils.public import public


@public
@attrs.frozen
class LoggedChange:
    """A change: something was created, updated, deleted or merged.

    Args:
        event_type: The event type of webhooks, such as `record.created`.
        ids: The ids of what changed, as in the event's `id`; for an update of values also `attribute_id`.
        actor: The `type` and `id` of the actor.
        at: The time, with nanoseconds.
        details: Further fields of the event, such as the ids of the parent.
    """

    event_type: str
    ids: Mapping[str, str]
    actor: Mapping[str, Any]
    at: str
    details: Mapping[str, str | None] = attrs.field(factory=dict[str, str | None])

    def event(self) -> dict[str, Any]:
        """Return the event as webhooks deliver it."""
        return {
            "event_type": self.event_type,
            "id": dict(self.ids),
            **self.details,
            "actor": dict(self.actor),
        }


ChangeSubscriber = Callable[[LoggedChange], None]


@public
class ChangeLog:
    """Calls subscribers with the changes of a workspace."""

    __slots__ = ("_subscribers",)

    def __init__(self) -> None:
        self._subscribers: list[ChangeSubscriber] = []

    def __bool__(self) -> bool:
        """Return True if there are subscribers; without, a change is not even described."""
        return bool(self._subscribers)

    def subscribe(self, subscriber: ChangeSubscriber) -> None:
        """Call `subscriber` with every change from now on, in order, while the change is made."""
        self._subscribers.append(subscriber)

    def unsubscribe(self, subscriber: ChangeSubscriber) -> None:
        """Stop calling `subscriber`.

        Raises:
            ValueError: It is not subscribed.
        """
        self._subscribers.remove(subscriber)

    def publish(self, change: LoggedChange) -> None:
        """Call all subscribers, in the order in which they subscribed."""
        for subscriber in tuple(self._subscribers):
            subscriber(change)
