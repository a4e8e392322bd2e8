"""Saying which handlers are told what."""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar, Unpack, overload

from ..errors import ConfigurationError
from .events import Event
from .handlers import Handler
from .naming import Names
from .wanted import EventType, Wanted, Which, classes_of

__all__ = ["Registering"]

E = TypeVar("E", bound=Event)
A = TypeVar("A")
AnyHandler = TypeVar("AnyHandler", bound=Callable[[Any], Awaitable[object]])


class Registering:
    """The part of `WebhookReceiver` that takes handlers."""

    _names: Names
    _handlers: list[Handler]

    @overload
    def on(
        self, first: type[E], /, *types: type[E], name: str | None = None, **which: Unpack[Which]
    ) -> Callable[[Callable[[E], Awaitable[A]]], Callable[[E], Awaitable[A]]]: ...
    @overload
    def on(
        self, *types: str, name: str | None = None, **which: Unpack[Which]
    ) -> Callable[[AnyHandler], AnyHandler]: ...
    def on(self, *types: EventType, name: str | None = None, **which: Unpack[Which]) -> Callable[[Any], Any]:
        """Register an async function that is told the events that match, one at a time.

        ::

            @receiver.on("record.updated", object="deals", attribute="stage")
            async def moved(event): ...

        A slug that does not exist makes the handler fail when the first event comes, since only then it is looked up.

        Args:
            types: Event types by name or class; `RecordEvent` is all of a record's. None means every event.
            name: What this handler is called in the store, so that a delivery is not handled twice when the process
                is restarted in between. By default its module and name.
            which: What else must be true of an event, and how it is told: see `Which`.

        Raises:
            UnknownName: There is no such event type.
            ConfigurationError: A handler has this name already, or what it wants to be told cannot be known.
        """
        return self._registering(Wanted(types=classes_of(types), **which), name)

    @overload
    def on_burst(
        self, first: type[E], /, *types: type[E], name: str | None = None, **which: Unpack[Which]
    ) -> Callable[[Callable[[Sequence[E]], Awaitable[A]]], Callable[[Sequence[E]], Awaitable[A]]]: ...
    @overload
    def on_burst(
        self, *types: str, name: str | None = None, **which: Unpack[Which]
    ) -> Callable[[AnyHandler], AnyHandler]: ...
    def on_burst(
        self, *types: EventType, name: str | None = None, **which: Unpack[Which]
    ) -> Callable[[Any], Any]:
        """Register an async function that is told all events of one record that are waiting, together.

        Attio sends one event per changed attribute. This function is called once with all that came while the record
        waited for its turn, as a sequence in the order of arrival; with `hydrate` the record is read once for all.

        Args:
            types: As for `on`.
            name: As for `on`.
            which: As for `on`.

        Raises:
            UnknownName: There is no such event type.
            ConfigurationError: A handler has this name already, or what it wants to be told cannot be known.
        """
        return self._registering(Wanted(types=classes_of(types), together=True, **which), name)

    def _registering(self, wanted: Wanted, name: str | None) -> Callable[[Any], Any]:
        self._names.check(wanted)

        def register(function: Any) -> Any:
            if inspect.isfunction(function) and not (
                inspect.iscoroutinefunction(function) or hasattr(function, "__wrapped__")
            ):
                raise ConfigurationError(
                    f"a handler is an async function, and {function.__qualname__} is not"
                )
            chosen = name or _name_of(function)
            if any(handler.name == chosen for handler in self._handlers):
                raise ConfigurationError(
                    f"a handler is called {chosen!r} already; give this one another name="
                )
            self._handlers.append(Handler(name=chosen, wanted=wanted, function=function))
            return function

        return register


def _name_of(function: Any) -> str:
    """What a handler is called when nobody says: the same after every start.

    Raises:
        ConfigurationError: It has no name.
    """
    try:
        return f"{function.__module__}.{function.__qualname__}"
    except AttributeError:
        raise ConfigurationError("this handler has no name of its own; give it one with name=") from None
