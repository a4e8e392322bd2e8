"""Events of a product, as Segment describes them, into Attio: who uses it, and for which company.

    python examples/segment/destination.py events.jsonl

An `identify` event makes a person and their user of the product, linked to each other; a `group` event a company and
its workspace in the product; what else becomes what is said by mappings. See docs/segment.md.
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

from attio_async import Attio, Record, RecordRef
from attio_async.errors import AttioError
from attio_async.values import is_uuid

Event = Mapping[str, Any]
Source = str | tuple[str, ...] | Callable[[Event], Any]
"""Where a value comes from: a path such as "traits.plan", several whose texts are joined by ", ", or a function."""

_DOMAIN = re.compile(r"[^\s@/]+\.[^\s@/.]+")
_LANES = 16


class EventRefused(Exception):
    """An event that lacks what its mapping needs. Nothing of it was written."""


@attrs.frozen
class WriteResult:
    """What became of one event.

    Attributes:
        event: The event.
        records: The records it was written to, by object; empty where no mapping is meant for it.
        error: Why it was not written, or not all of it: what is in `records` was.
    """

    event: Event
    records: Mapping[str, Record] = attrs.field(factory=dict[str, Record])
    error: AttioError | EventRefused | None = None


class MappedRow(Protocol):
    """What is done with the events of some types."""

    @property
    def types(self) -> frozenset[str]:
        """Which events."""
        ...

    def keys(self, event: Event) -> list[str]:
        """What is written to: events that share one of these are written one after the other."""
        ...

    def write(self, writer: "Writer", event: Event) -> AsyncIterator[tuple[str, Record]]:
        """Write the event; each object and record that it was written to, as soon as it is."""
        ...


def value_at(event: Event, source: Source) -> tuple[bool, Any]:
    """Whether the event has a value there, and the value; a null is a value."""
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


def needed(event: Event, source: Source, what: str) -> Any:
    """The value that an event cannot do without."""
    there, value = value_at(event, source)
    if not there or value in {None, ""}:
        raise EventRefused(f"the event has no {what} ({source})")
    return value


def filled(event: Event, attributes: Mapping[str, Source]) -> dict[str, Any]:
    """The attributes that the event says something of; a null unsets one, what is absent leaves it alone."""
    found = {slug: value_at(event, source) for slug, source in attributes.items()}
    return {slug: value for slug, (there, value) in found.items() if there}


def _types(*names: str) -> Any:
    return attrs.field(default=frozenset(names), converter=frozenset)


@attrs.frozen(kw_only=True)
class IdentifyUser:
    """A person by e-mail address, and the user of the product that they are."""

    types: frozenset[str] = _types("identify")
    email: Source = "traits.email"
    user_id: Source = "userId"
    person: Mapping[str, Source] = attrs.field(factory=dict[str, Source])
    user: Mapping[str, Source] = attrs.field(factory=dict[str, Source])

    def keys(self, event: Event) -> list[str]:
        """The person and the user."""
        return [f"{path} {value_at(event, path)[1]}" for path in (self.email, self.user_id)]

    async def write(self, writer: "Writer", event: Event) -> AsyncIterator[tuple[str, Record]]:
        """Assert both, the person first, since the user refers to them."""
        email, user_id = needed(event, self.email, "e-mail address"), needed(event, self.user_id, "user id")
        person = await writer.put(
            "people", "email_addresses", {"email_addresses": email, **filled(event, self.person)}
        )
        yield "people", person
        about = {"user_id": str(user_id), "primary_email_address": email, "person": person}
        yield "users", await writer.put("users", "user_id", about | filled(event, self.user))


@attrs.frozen(kw_only=True)
class GroupWorkspace:
    """A company by domain, and the workspace in the product that it has."""

    types: frozenset[str] = _types("group")
    domain: Source = "traits.domain"
    workspace_id: Source = "groupId"
    company: Mapping[str, Source] = attrs.field(factory=dict[str, Source])
    workspace: Mapping[str, Source] = attrs.field(factory=lambda: {"name": "traits.name"})

    def keys(self, event: Event) -> list[str]:
        """The company and the workspace."""
        return [f"{path} {value_at(event, path)[1]}" for path in (self.domain, self.workspace_id)]

    async def write(self, writer: "Writer", event: Event) -> AsyncIterator[tuple[str, Record]]:
        """Assert both, the company first, since the workspace refers to it."""
        domain, identity = needed(event, self.domain, "domain"), needed(event, self.workspace_id, "group id")
        company = await writer.put("companies", "domains", {"domains": domain, **filled(event, self.company)})
        yield "companies", company
        about = {"workspace_id": str(identity), "company": company}
        values = about | filled(event, self.workspace)
        yield "workspaces", await writer.put("workspaces", "workspace_id", values)


@attrs.frozen(kw_only=True)
class AssertRecord:
    """A record of any object, by the attribute `match`, which is among `attributes`."""

    object: str
    match: str
    attributes: Mapping[str, Source]
    types: frozenset[str] = _types("track")

    def keys(self, event: Event) -> list[str]:
        """The record."""
        return [f"{self.object} {value_at(event, self.attributes[self.match])[1]}"]

    async def write(self, writer: "Writer", event: Event) -> AsyncIterator[tuple[str, Record]]:
        """Assert it."""
        needed(event, self.attributes[self.match], self.match)
        yield self.object, await writer.put(self.object, self.match, filled(event, self.attributes))


class Writer:
    """Asserts records. Companies and people that are only referred to are made when they are not there."""

    def __init__(self, attio: Attio) -> None:
        self._attio = attio
        self._referred: dict[str, RecordRef] = {}
        self._turn = anyio.Lock()

    async def put(self, object: str, match: str, values: Mapping[str, Any]) -> Record:
        """The record that has this value of `match`, updated, or created."""
        schema = await self._attio.schema(object)
        named = {schema.find(name): value for name, value in values.items()}
        data = {
            attribute.slug: await self._reference(value)
            if attribute.type == "record-reference" and isinstance(value, str)
            else value
            for attribute, value in named.items()
        }
        return await self._attio.records(object).upsert(data, match=match)

    async def _reference(self, text: str) -> object:
        """What a text in a reference means: an e-mail address a person, a domain a company, else an id."""
        if not _DOMAIN.fullmatch(text.rpartition("@")[2]) or is_uuid(text):
            return text
        async with self._turn:  # so that two events do not make the same company at the same time
            if text not in self._referred:
                self._referred[text] = await self._asserted(text)
        return self._referred[text]

    async def _asserted(self, text: str) -> RecordRef:
        if "@" in text:
            person = await self._attio.people.upsert({"email_addresses": text}, match="email_addresses")
            return RecordRef("people", person.id)
        company = await self._attio.companies.upsert({"domains": text}, match="domains")
        return RecordRef("companies", company.id)


class SegmentDestination:
    """Writes events to Attio.

    Args:
        attio: The workspace.
        mappings: What to do with which events; by default `IdentifyUser` and `GroupWorkspace`.
    """

    def __init__(self, attio: Attio, mappings: Iterable[MappedRow] | None = None) -> None:
        self._attio = attio
        self._mappings = tuple(mappings) if mappings is not None else (IdentifyUser(), GroupWorkspace())

    async def write(self, event: Event) -> WriteResult:
        """What became of one event."""
        return (await self.batch([event]))[0]

    async def batch(self, events: Iterable[Event]) -> list[WriteResult]:
        """What became of each event, in their order; an event that cannot be written keeps no other from it.

        Events about the same person, user, company or workspace are written one after the other, others side by side.
        """
        all_events = list(events)
        done: dict[int, WriteResult] = {}
        writer, limit = Writer(self._attio), anyio.CapacityLimiter(_LANES)

        async def walk(lane: Sequence[int]) -> None:
            async with limit:
                for place in lane:
                    done[place] = await self._write(writer, all_events[place])

        async with anyio.create_task_group() as group:
            for lane in self._lanes(all_events):
                group.start_soon(walk, lane)
        return [done[place] for place in range(len(all_events))]

    async def _write(self, writer: Writer, event: Event) -> WriteResult:
        records: dict[str, Record] = {}
        try:
            for mapping in self._meant_for(event):
                async for written in mapping.write(writer, event):
                    records.update([written])
        except (AttioError, EventRefused) as error:
            return WriteResult(event, records, error)
        return WriteResult(event, records)

    def _meant_for(self, event: Event) -> list[MappedRow]:
        return [mapping for mapping in self._mappings if event.get("type") in mapping.types]

    def _lanes(self, events: Sequence[Event]) -> list[list[int]]:
        """The places of events that have to wait for each other, together and in order."""
        lane_of: dict[str, list[int]] = {}
        lanes: dict[int, list[int]] = {}
        for place, event in enumerate(events):
            keys = [key for mapping in self._meant_for(event) for key in mapping.keys(event)]
            joined = {id(lane_of[key]): lane_of[key] for key in keys if key in lane_of}
            lane = sorted([place, *(other for lane in joined.values() for other in lane)])
            for old in joined:
                del lanes[old]
            lanes[id(lane)] = lane
            for key, old_lane in list(lane_of.items()):
                if id(old_lane) in joined:
                    lane_of[key] = lane
            lane_of.update(dict.fromkeys(keys, lane))
        return list(lanes.values())


async def main(path: str) -> int:
    """Write the events of a file, one JSON object per line; say what became of each."""
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
