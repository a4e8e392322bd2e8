"""What is known of a workspace: attributes, options, objects and members, fetched when something needs them."""

import math
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, TypeVar, cast

import anyio
import attrs

from attio_async_api.api.attributes import (
    create_select_option,
    list_attributes,
    list_select_options,
    list_statuses,
)
from attio_async_api.api.lists import get_list, list_lists
from attio_async_api.api.objects import list_objects
from attio_async_api.api.workspace_members import list_workspace_members
from attio_async_api.models.attribute_target import AttributeTarget
from attio_async_api.operations import (
    CREATE_SELECT_OPTION,
    GET_LIST,
    LIST_ATTRIBUTES,
    LIST_LISTS,
    LIST_OBJECTS,
    LIST_SELECT_OPTIONS,
    LIST_STATUSES,
    LIST_WORKSPACE_MEMBERS,
)

from .._schema import (
    Attribute,
    ObjectSchema,
    Option,
    id_part,
    standard_schema,
)
from .._utils.clock import Clock
from ..errors import (
    APIError,
    AttioError,
    Conflict,
    DecodeError,
    NotFound,
    PermissionDenied,
)
from .session import Session
from .write_options import WriteOptions

T = TypeVar("T")


Key = tuple[str, ...]


"""What a thing is called: a kind, then what tells it from others of its kind."""


@attrs.define
class _Entry:
    lock: anyio.Lock = attrs.field(factory=anyio.Lock)
    value: Any = None
    since: float = -math.inf


CacheEntries = dict[Key, _Entry]


class Cache:
    """Values by key, each fresh for `ttl` seconds. What fails to be fetched is not kept."""

    def __init__(self, clock: Clock, ttl: float, entries: CacheEntries) -> None:
        self._clock = clock
        self._ttl = ttl
        self._entries = entries

    async def get(self, key: Key, fetch: Callable[[], Awaitable[T]]) -> T:
        """The value, fetched unless it is fresh."""
        entry = self._entries.get(key)
        if entry is None:
            entry = self._entries.setdefault(key, _Entry())
        elif self._is_fresh(entry):  # which is all that most calls do
            return cast("T", entry.value)
        async with entry.lock:
            if not self._is_fresh(entry):
                entry.value = await fetch()
                entry.since = self._clock.monotonic()
            return cast("T", entry.value)

    def peek(self, key: Key) -> Any:
        """The value if it is at hand and fresh, else None."""
        entry = self._entries.get(key)
        return entry.value if entry is not None and self._is_fresh(entry) else None

    def put(self, key: Key, value: object) -> None:
        """Keep a value that was come by otherwise."""
        entry = self._entries.setdefault(key, _Entry())
        entry.value, entry.since = value, self._clock.monotonic()

    def replace(self, key: Key, value: object) -> None:
        """Keep this instead of what was fetched, for as long as that would have been kept."""
        self._entries.setdefault(key, _Entry()).value = value

    def age(self, key: Key) -> float:
        """Seconds since the value was fetched; infinite when it never was."""
        entry = self._entries.get(key)
        return self._clock.monotonic() - entry.since if entry is not None else math.inf

    def forget(self, *prefix: str) -> None:
        """Fetch again, when next asked for, whatever has a key that begins so."""
        for key, entry in self._entries.items():
            if key[: len(prefix)] == prefix:
                entry.since = -math.inf

    def _is_fresh(self, entry: _Entry) -> bool:
        return self._clock.monotonic() - entry.since < self._ttl


_PAGE = 500


# What objects and lists may be called by, the surest first.
_OBJECT_NAMES = ("api_slug", "object_id", "plural_noun", "singular_noun")


_LIST_NAMES = ("api_slug", "list_id", "name")


_RECENT = 30.0


"""Seconds within which a schema is not read again because something was not found in it."""


class SchemaCache:
    """What is known of one workspace; never shared between access tokens."""

    def __init__(
        self, session: Session, *, ttl: float, entries: CacheEntries, write_options: WriteOptions
    ) -> None:
        self.write_options = write_options
        self._told = session
        self._session = session.quiet()  # most of what is refused here is done without
        self._cache = Cache(session.pipeline.clock, ttl, entries)

    async def get(self, name: str, *, target: AttributeTarget = "objects") -> ObjectSchema:
        """The schema of an object (or list, with ``target="lists"``), by slug or id.

        Raises:
            NotFound: There is no such object.
            PermissionDenied: The token may not read the configuration.
        """
        try:
            return await self._get(name, target)
        except PermissionDenied as error:
            await self._told.explain(error)
            raise

    async def find(self, name: str, *, target: AttributeTarget = "objects") -> ObjectSchema:
        """The schema of an object or list, by slug, id, or what it is called in the app.

        Raises:
            NotFound: There is no such object or list.
        """
        try:
            return await self.get(name, target=target)
        except NotFound:
            slug = (await self.titles(target)).get(name.strip().casefold(), name)
            if slug == name:
                raise
            return await self.get(slug, target=target)

    def peek(self, name: str, *, target: AttributeTarget = "objects") -> ObjectSchema | None:
        """The schema if it is at hand and fresh."""
        found: ObjectSchema | None = self._cache.peek((target, name))
        return found

    async def for_reading(self, name: str, *, target: AttributeTarget = "objects") -> ObjectSchema | None:
        """What is known for shaping records: the workspace's schema, else the standard one, else None."""
        if self._cache.peek(("refused", target, name)) is None:
            try:
                return await self._get(name, target)
            except AttioError:  # such as a token that may read records but not their configuration
                self._cache.put(("refused", target, name), True)
        return standard_schema(name) if target == "objects" else None

    async def with_options(
        self, schema: ObjectSchema, slugs: Iterable[str], *, target: AttributeTarget = "objects"
    ) -> ObjectSchema:
        """The schema with the options or statuses of these attributes, where they have some. One read each.

        What cannot be read stays unknown: then titles are sent unchecked.
        """
        for slug in slugs:
            attribute = schema.attributes.get(slug)
            if attribute is None or not attribute.has_options or attribute.options is not None:
                continue
            try:
                options = await self._options(target, schema.name, attribute)
            except (APIError, DecodeError):
                continue
            schema = schema.with_options(slug, options)
            self._cache.replace((target, schema.name), schema)
        return schema

    async def option_titles(
        self, name: str, slug: str, *, target: AttributeTarget = "objects"
    ) -> tuple[str, ...] | None:
        """Return the titles of an attribute's options or statuses; None if they cannot be read."""
        schema = await self.for_reading(name, target=target)
        if schema is None:
            return None
        schema = await self.with_options(schema, [slug], target=target)
        return schema.attributes[slug].option_titles

    async def create_options(
        self, schema: ObjectSchema, missing: Mapping[str, Iterable[str]], *, target: AttributeTarget
    ) -> ObjectSchema:
        """The schema after making these titles options of their attributes. One write each, and one read."""
        for slug, titles in missing.items():
            for title in titles:
                built = create_select_option.build_request(target, schema.name, slug, body={"title": title})
                with suppress(
                    Conflict
                ):  # somebody else was quicker: it is there, which is all that is wanted
                    await self._session.data(CREATE_SELECT_OPTION, built)
            known = schema.attributes[slug]
            schema = schema.with_options(slug, await self._options(target, schema.name, known))
            self._cache.replace((target, schema.name), schema)
        return schema

    async def members(self) -> Mapping[str, list[str]]:
        """E-mail addresses and full names of the members, case-folded, to the ids of those who have them."""
        return await self._cache.get(("members",), self._members)

    def known_members(self) -> Mapping[str, list[str]] | None:
        """The same if they are at hand and fresh."""
        found: Mapping[str, list[str]] | None = self._cache.peek(("members",))
        return found

    async def titles(self, target: AttributeTarget = "objects") -> Mapping[str, str]:
        """Slugs, ids and names of the objects or lists, case-folded, to their slugs.

        Empty when they may not be read.
        """
        try:
            return await self._cache.get(("titles", target), lambda: self._titles(target))
        except PermissionDenied:
            return {}

    async def parents(self, name: str) -> tuple[str, ...]:
        """The objects whose records a list holds."""
        return await self._cache.get(("parents", name), lambda: self._parents(name))

    def forget(self, name: str, *, target: AttributeTarget = "objects") -> None:
        """Read the attributes and options of an object or list again when they are next needed."""
        self._cache.forget(target, name)

    def refresh(self, name: str, *, target: AttributeTarget = "objects") -> bool:
        """Forget what was not read just now, since something was not found in it; whether there was any of it."""
        old = [key for key in ((target, name), ("members",)) if _RECENT < self._cache.age(key) < math.inf]
        for key in old:
            self._cache.forget(*key)
        return bool(old)

    async def _get(self, name: str, target: AttributeTarget) -> ObjectSchema:
        return await self._cache.get((target, name), lambda: self._attributes(target, name))

    async def _attributes(self, target: AttributeTarget, name: str) -> ObjectSchema:
        found: dict[str, Attribute] = {}
        offset = 0
        while True:
            built = list_attributes.build_request(
                target, name, limit=_PAGE, offset=offset, show_archived=True
            )
            page = await self._session.many(LIST_ATTRIBUTES, built, Attribute.parse)
            known = len(found)
            found.update((attribute.slug, attribute) for attribute in page)
            offset += len(page)
            if len(page) < _PAGE or len(found) == known:  # nothing new: a server that does not count off
                return ObjectSchema(name, found.values())

    async def _options(self, target: AttributeTarget, name: str, attribute: Attribute) -> tuple[Option, ...]:
        if attribute.type == "status":
            built = list_statuses.build_request(target, name, attribute.slug)
            return tuple(await self._session.many(LIST_STATUSES, built, Option.parse))
        built = list_select_options.build_request(target, name, attribute.slug)
        return tuple(await self._session.many(LIST_SELECT_OPTIONS, built, Option.parse))

    async def _members(self) -> Mapping[str, list[str]]:
        names: dict[str, list[str]] = {}
        built = list_workspace_members.build_request()
        for raw in await self._session.many(LIST_WORKSPACE_MEMBERS, built, _as_is):
            identity = id_part(raw.get("id"), "workspace_member_id")
            first, last, email = (
                _text(raw.get(part)) for part in ("first_name", "last_name", "email_address")
            )
            for name in filter(None, (email, f"{first} {last}".strip())):
                names.setdefault(name.casefold(), []).append(identity)
        return names

    async def _titles(self, target: AttributeTarget) -> Mapping[str, str]:
        keys: tuple[str, ...] = _LIST_NAMES if target == "lists" else _OBJECT_NAMES
        if target == "lists":
            found = await self._session.many(LIST_LISTS, list_lists.build_request(), _as_is)
        else:
            found = await self._session.many(LIST_OBJECTS, list_objects.build_request(), _as_is)
        titles: dict[str, str] = {}
        for key in keys:
            for raw in found:
                name = id_part(raw.get("id"), key) or raw.get(key)
                if name and raw.get("api_slug"):
                    titles.setdefault(str(name).casefold(), str(raw["api_slug"]))
        return titles

    async def _parents(self, name: str) -> tuple[str, ...]:
        raw = await self._session.one(GET_LIST, get_list.build_request(name), _as_is)
        parents: object = raw.get("parent_object") or []
        return tuple(map(str, cast("list[object]", parents) if isinstance(parents, list) else [parents]))


def _as_is(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    return raw


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
