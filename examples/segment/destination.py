"""Write events of a product, in the form of Segment, to Attio: its users, and the companies they work for.

    python examples/segment/destination.py events.jsonl

An `identify` event becomes a person and a user, linked to each other, and a `group` event a company and a workspace, which
is linked to the user of the event. Mappings handle any other event. See docs/segment.md.
"""
# ruff: noqa: INP001 - a program, not a package

import json
import re
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import anyio
import attrs

from attio_async import Attio, F, Record, RecordRef, Ref
from attio_async.errors import AttioError
from attio_async.values import is_uuid

SegmentEvent = Mapping[str, Any]
Source = str | tuple[str, ...] | Callable[[SegmentEvent], Any]
"""The source of a value: a path such as "traits.plan", several paths whose values are joined by ", ", or a function.

`FirstOf` is such a function.
"""

_DOMAIN = re.compile(r"[^\s@/]+\.[^\s@/.]+")
_MAX_CONCURRENT = 16


class InvalidEvent(Exception):
    """An event without a value that its mapping requires. Nothing of it was written."""


@attrs.frozen(init=False)
class FirstOf:
    """The value of the first of several paths that has one: `FirstOf("traits.email", "email")`."""

    paths: tuple[str, ...]

    def __init__(self, *paths: str) -> None:
        self.__attrs_init__(paths)

    def __call__(self, event: SegmentEvent) -> Any:
        """Return the value; None if no path has one."""
        found = (value_at(event, path)[1] for path in self.paths)
        return next((value for value in found if value is not None), None)

    def __str__(self) -> str:
        return " or ".join(self.paths)


@attrs.frozen
class WriteResult:
    """The outcome of an event.

    Attributes:
        event: The event.
        records: The records that were written, by object; empty if no mapping handles the event.
        error: The error that stopped it, if any; `records` were written before.
    """

    event: SegmentEvent
    records: Mapping[str, Record] = attrs.field(factory=dict[str, Record])
    error: AttioError | InvalidEvent | None = None


class EventMapping(Protocol):
    """Writes the events of some types to records."""

    @property
    def types(self) -> frozenset[str]:
        """The event types that it handles."""
        ...

    def keys(self, event: SegmentEvent) -> list[str]:
        """Return keys of the records to write: events that share a key are written one after the other."""
        ...

    def write(self, writer: "RecordUpserter", event: SegmentEvent) -> AsyncIterator[tuple[str, Record]]:
        """Write an event, and yield the object and record of each write."""
        ...


def value_at(event: SegmentEvent, source: Source) -> tuple[bool, Any]:
    """Return True and the value if the event has one there, which may be null; False otherwise."""
    if callable(source):
        return True, source(event)
    if isinstance(source, tuple):
        found = [text for path in source for there, text in [value_at(event, path)] if there and text]
        return bool(found), ", ".join(map(str, found))
    value: Any = event
    for part in source.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return False, None
        value = value[part]
    return True, value


def key_of(object: str, event: SegmentEvent, source: Source) -> str:
    """Return the key of the record of an object whose matching value has this source."""
    value = value_at(event, source)[1]
    return f"{object} {value}".strip().lower()


def required(event: SegmentEvent, source: Source, name: str) -> Any:
    """Return a value that an event must have."""
    there, value = value_at(event, source)
    if not there or value in {None, ""}:
        raise InvalidEvent(f"the event has no {name} ({source})")
    return value


def values_of(event: SegmentEvent, attributes: Mapping[str, Source]) -> dict[str, Any]:
    """Return the attributes that the event has values for. A null unsets one; an absent value leaves it unchanged."""
    found = {slug: value_at(event, source) for slug, source in attributes.items()}
    return {slug: value for slug, (there, value) in found.items() if there}


def _types(*names: str) -> Any:
    return attrs.field(default=frozenset(names), converter=frozenset)


@attrs.frozen(kw_only=True)
class IdentifyUser:
    """Writes a person, matched by e-mail address, and a user, matched by id."""

    types: frozenset[str] = _types("identify")
    email: Source = FirstOf("traits.email", "email")
    user_id: Source = FirstOf("userId", "anonymousId")
    person: Mapping[str, Source] = attrs.field(factory=dict[str, Source])
    user: Mapping[str, Source] = attrs.field(factory=dict[str, Source])

    def keys(self, event: SegmentEvent) -> list[str]:
        """Return the keys of the person and the user."""
        return [key_of("people", event, self.email), key_of("users", event, self.user_id)]

    async def write(self, writer: "RecordUpserter", event: SegmentEvent) -> AsyncIterator[tuple[str, Record]]:
        """Upsert both, the person first, since the user refers to it."""
        email, user_id = (
            required(event, self.email, "e-mail address"),
            required(event, self.user_id, "user id"),
        )
        person = await writer.put(
            "people", "email_addresses", {"email_addresses": email, **values_of(event, self.person)}
        )
        yield "people", person
        about = {"user_id": str(user_id), "primary_email_address": email, "person": person}
        yield "users", await writer.put("users", "user_id", about | values_of(event, self.user))


@attrs.frozen(kw_only=True)
class GroupWorkspace:
    """Writes a company, matched by domain, and a workspace, matched by id. The event's user is added to the workspace.

    The user has to exist. An event without one adds none, as does `user_id=None`.
    """

    types: frozenset[str] = _types("group")
    domain: Source = FirstOf("traits.website", "website")
    workspace_id: Source = FirstOf("groupId", "context.group_id")
    user_id: Source | None = "userId"
    company: Mapping[str, Source] = attrs.field(factory=dict[str, Source])
    workspace: Mapping[str, Source] = attrs.field(factory=dict[str, Source])

    def keys(self, event: SegmentEvent) -> list[str]:
        """Return the keys of the company, the workspace and the user."""
        keys = [key_of("companies", event, self.domain), key_of("workspaces", event, self.workspace_id)]
        return [*keys, key_of("users", event, self.user_id)] if self._user(event) else keys

    def _user(self, event: SegmentEvent) -> str:
        value = value_at(event, self.user_id)[1] if self.user_id else None
        return "" if value is None else str(value)

    async def write(self, writer: "RecordUpserter", event: SegmentEvent) -> AsyncIterator[tuple[str, Record]]:
        """Upsert both, the company first, since the workspace refers to it."""
        domain, identity = (
            required(event, self.domain, "domain"),
            required(event, self.workspace_id, "group id"),
        )
        company = await writer.put(
            "companies", "domains", {"domains": domain, **values_of(event, self.company)}
        )
        yield "companies", company
        user = self._user(event)
        users = {"users": [Ref("users", user_id=user)]} if user else {}
        about = {"workspace_id": str(identity), "company": company, **users}
        values = about | values_of(event, self.workspace)
        yield "workspaces", await writer.put("workspaces", "workspace_id", values)


@attrs.frozen(kw_only=True)
class AssertRecord:
    """Writes a record of any object, matched by the attribute `match`, which is among `attributes`."""

    object: str
    match: str
    attributes: Mapping[str, Source]
    types: frozenset[str] = _types("track")

    def keys(self, event: SegmentEvent) -> list[str]:
        """Return the key of the record."""
        return [key_of(self.object, event, self.attributes[self.match])]

    async def write(self, writer: "RecordUpserter", event: SegmentEvent) -> AsyncIterator[tuple[str, Record]]:
        """Upsert the record."""
        required(event, self.attributes[self.match], self.match)
        yield self.object, await writer.put(self.object, self.match, values_of(event, self.attributes))


class RecordUpserter:
    """Upserts records, and adds to their multiselect attributes. It creates missing companies and people they refer to."""

    def __init__(self, attio: Attio) -> None:
        self._attio = attio
        self._references: dict[str, RecordRef] = {}
        self._lock = anyio.Lock()

    async def put(self, object: str, match: str, values: Mapping[str, Any]) -> Record:
        """Update the record with this value of `match`, or create it, and return it.

        An upsert would replace the values of multiselect attributes, so a record that exists is updated instead.
        """
        schema = await self._attio.schema(object)
        named = {schema.find(name): value for name, value in values.items()}
        data = {
            attribute.slug: await self._reference(value)
            if attribute.type == "record-reference" and isinstance(value, str)
            else value
            for attribute, value in named.items()
        }
        records, key = self._attio.records(object), schema.find(match).slug
        if any(attribute.is_multiselect and attribute.slug != key for attribute in named):
            found = await records.query(F[key].in_(*_as_list(data[key])), limit=2)
            if len(found) == 1:
                return await records.update(found[0], data, multiselect="append")
        return await records.upsert(data, match=key)

    async def _reference(self, text: str) -> object:
        """Return the person of an e-mail address or the company of a domain; any other text is an id."""
        if not _DOMAIN.fullmatch(text.rpartition("@")[2]) or is_uuid(text):
            return text
        async with self._lock:  # two events must not create the same company
            if text not in self._references:
                self._references[text] = await self._upsert(text)
        return self._references[text]

    async def _upsert(self, text: str) -> RecordRef:
        if "@" in text:
            person = await self._attio.people.upsert({"email_addresses": text}, match="email_addresses")
            return RecordRef("people", person.id)
        company = await self._attio.companies.upsert({"domains": text}, match="domains")
        return RecordRef("companies", company.id)


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


class SegmentDestination:
    """Writes events to Attio.

    Args:
        attio: The workspace.
        mappings: The mappings of events; by default `IdentifyUser` and `GroupWorkspace`.
    """

    def __init__(self, attio: Attio, mappings: Iterable[EventMapping] | None = None) -> None:
        self._attio = attio
        self._mappings = tuple(mappings) if mappings is not None else (IdentifyUser(), GroupWorkspace())

    async def write(self, event: SegmentEvent) -> WriteResult:
        """Write an event and return its outcome."""
        return (await self.batch([event]))[0]

    async def batch(self, events: Iterable[SegmentEvent]) -> list[WriteResult]:
        """Write events and return their outcomes in the same order. An event that fails does not stop others.

        Events about the same person, user, company or workspace are written one after the other, others concurrently.
        """
        all_events = list(events)
        results: dict[int, WriteResult] = {}
        writer, limiter = RecordUpserter(self._attio), anyio.CapacityLimiter(_MAX_CONCURRENT)

        async def write_in_order(places: Sequence[int]) -> None:
            async with limiter:
                for place in places:
                    results[place] = await self._write(writer, all_events[place])

        async with anyio.create_task_group() as group:
            for places in group_by_key([self._keys(event) for event in all_events]):
                group.start_soon(write_in_order, places)
        return [results[place] for place in range(len(all_events))]

    async def _write(self, writer: RecordUpserter, event: SegmentEvent) -> WriteResult:
        records: dict[str, Record] = {}
        try:
            for mapping in self._mappings_for(event):
                async for written in mapping.write(writer, event):
                    records.update([written])
        except (AttioError, InvalidEvent) as error:
            return WriteResult(event, records, error)
        return WriteResult(event, records)

    def _mappings_for(self, event: SegmentEvent) -> list[EventMapping]:
        return [mapping for mapping in self._mappings if event.get("type") in mapping.types]

    def _keys(self, event: SegmentEvent) -> list[str]:
        return [key for mapping in self._mappings_for(event) for key in mapping.keys(event)]


def group_by_key(keys: Sequence[Iterable[str]]) -> list[list[int]]:
    """Group the positions of items that share a key, directly or through other items; each group is in order."""
    parents = list(range(len(keys)))

    def root(place: int) -> int:
        while parents[place] != place:
            parents[place] = place = parents[parents[place]]
        return place

    first_with: dict[str, int] = {}
    for place, own_keys in enumerate(keys):
        for key in own_keys:
            parents[root(place)] = root(first_with.setdefault(key, place))
    groups: dict[int, list[int]] = {}
    for place in range(len(keys)):
        groups.setdefault(root(place), []).append(place)
    return list(groups.values())


async def main(path: str) -> int:
    """Write the events of a file with one JSON object per line, and print the outcome of each."""
    text = await anyio.Path(path).read_text("utf-8")
    events = [json.loads(line) for line in text.splitlines() if line.strip()]
    async with Attio() as attio:
        results = await SegmentDestination(attio).batch(events)
    for result in results:
        records = {name: record.id for name, record in result.records.items()}
        error = None if result.error is None else str(result.error)
        print(json.dumps({"type": result.event.get("type"), "records": records, "error": error}))  # noqa: T201
    return 1 if any(result.error for result in results) else 0


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_file():  # noqa: PLR2004 - a program and a file
        sys.exit("usage: destination.py EVENTS.jsonl")
    sys.exit(anyio.run(main, sys.argv[1]))
