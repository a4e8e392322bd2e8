"""What happened in a workspace, told to whoever asked to hear of it. One change is one webhook event."""

from collections.abc import Callable, Mapping
from typing import Any

import attrs


@attrs.frozen
class LoggedChange:
    """One thing that was created, updated, deleted or merged.

    Args:
        event_type: As webhooks name it, such as `record.created`.
        ids: The ids of what changed, as the event's `id` holds them; of an update of values also `attribute_id`.
        actor: Who did it: `type` and `id`.
        at: When, with nanoseconds.
        details: What else the event tells, such as the parent's ids.
    """

    event_type: str
    ids: Mapping[str, str]
    actor: Mapping[str, Any]
    at: str
    details: Mapping[str, str | None] = attrs.field(factory=dict[str, str | None])

    def event(self) -> dict[str, Any]:
        """The event as a webhook's body holds it."""
        return {
            "event_type": self.event_type,
            "id": dict(self.ids),
            **self.details,
            "actor": dict(self.actor),
        }


Subscriber = Callable[[LoggedChange], None]


class ChangeLog:
    """Who hears of the changes of a workspace."""

    __slots__ = ("_subscribers",)

    def __init__(self) -> None:
        self._subscribers: list[Subscriber] = []

    def __bool__(self) -> bool:
        """Whether anybody listens: without, a change need not even be described."""
        return bool(self._subscribers)

    def subscribe(self, subscriber: Subscriber) -> None:
        """Call `subscriber` with every change from now on, in order, while the change is being made."""
        self._subscribers.append(subscriber)

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Stop calling it.

        Raises:
            ValueError: It does not listen.
        """
        self._subscribers.remove(subscriber)

    def publish(self, change: LoggedChange) -> None:
        """Tell everybody, in the order in which they subscribed."""
        for subscriber in tuple(self._subscribers):
            subscriber(change)
