"""The cached schema of a workspace: attributes, options, objects and members, each read when it is first needed."""

import math
import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
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
from attio_async_api.api.lists import get_list, list_list_views, list_lists
from attio_async_api.api.objects import get_object, list_object_views, list_objects
from attio_async_api.api.workspace_members import list_workspace_members
from attio_async_api.models.attribute_target import AttributeTarget

from .._schema import Attribute, ObjectSchema, Option, id_part, standard_schema
from .._utils.checks import check_choice
from .._utils.clock import Clock
from .._utils.names import ids_of
from .._utils.text import folded, show
from ..errors import AttioError, ConfigurationError, Conflict, DecodeError, NotFound, PermissionDenied
from ..values import is_uuid
from .session import Endpoint, Session, list_reader
from .write_options import WriteOptions

T = TypeVar("T")

Key = tuple[str, ...]
"""The kind of a cached value, and its name among those of that kind."""


@attrs.define
class _CacheEntry:
    lock: anyio.Lock = attrs.field(factory=anyio.Lock)
    value: Any = None
    since: float = -math.inf


CacheEntries = dict[Key, _CacheEntry]


def forget_locks(entries: CacheEntries) -> None:
    """Replace the locks of cached values, which tasks of an ended event loop may hold for good."""
    for entry in entries.values():
        entry.lock = anyio.Lock()


class Cache:
    """Values by key, each fresh for `ttl` seconds. A failed read is not cached."""

    def __init__(
        self, clock: Clock, ttl: float, entries: CacheEntries, enter: Callable[[], None] | None = None
    ) -> None:
        self._clock = clock
        self._enter = enter
        self._ttl = ttl
        self._entries = entries

    async def get(self, key: Key, fetch: Callable[[], Awaitable[T]]) -> T:
        """Return the value; `fetch` it unless it is fresh. Concurrent callers wait for one fetch."""
        entry = self._entries.get(key)
        if entry is None:
            entry = self._entries.setdefault(key, _CacheEntry())
        elif self._is_fresh(entry):  # most calls end here, without the lock
            return cast("T", entry.value)
        if self._enter is not None:
            self._enter()  # a lock that a task of an ended loop holds is replaced
        async with entry.lock:
            if not self._is_fresh(entry):
                entry.value = await fetch()
                entry.since = self._clock.monotonic()
            return cast("T", entry.value)

    def peek(self, key: Key) -> Any:
        """Return the value if it is cached and fresh; None otherwise."""
        entry = self._entries.get(key)
        is_fresh = entry is not None and self._clock.monotonic() - entry.since < self._ttl
        return entry.value if entry is not None and is_fresh else None

    def put(self, key: Key, value: object) -> None:
        """Cache a value that was not fetched, as fresh."""
        entry = self._entries.setdefault(key, _CacheEntry())
        entry.value, entry.since = value, self._clock.monotonic()

    def outdated(self, key: Key) -> Any:
        """Return the value that was fetched last, however old; None if none was."""
        entry = self._entries.get(key)
        return entry.value if entry is not None else None

    def replace(self, key: Key, value: object) -> None:
        """Replace a value, without making it fresh for longer."""
        self._entries.setdefault(key, _CacheEntry()).value = value

    def age(self, key: Key) -> float:
        """Return the seconds since the value was fetched; infinity if it never was."""
        entry = self._entries.get(key)
        return self._clock.monotonic() - entry.since if entry is not None else math.inf

    def forget(self, *prefix: str) -> None:
        """Make the next `get` fetch every key that starts with `prefix`."""
        for key, entry in self._entries.items():
            if key[: len(prefix)] == prefix:
                entry.since = -math.inf

    def empty_copy(self) -> "Cache":
        """Return a cache of the same kind with nothing in it."""
        return Cache(self._clock, self._ttl, {})

    def _is_fresh(self, entry: _CacheEntry) -> bool:
        return self._clock.monotonic() - entry.since < self._ttl


_PAGE_SIZE = 500

_SLUG_OR_ID = re.compile(r"[a-z0-9_-]+")

_OBJECT_NAMES = ("api_slug", "object_id", "plural_noun", "singular_noun")
_LIST_NAMES = ("api_slug", "list_id", "name")
"""The fields that an object or list may be named by; earlier ones win."""

_MIN_REFRESH_AGE_S = 30.0
"""A schema that was read more recently is not read again because a name was not found in it."""


class SchemaCache:
    """The schema of the workspace of one access token. It is never shared between tokens."""

    def __init__(
        self,
        session: Session,
        cache: Cache,
        write_options: WriteOptions,
        *,
        has_attributes: bool = True,
        planned_options: Mapping[str, Iterable[str]] | None = None,
    ) -> None:
        self.write_options = write_options
        self._explaining_session = session
        self._session = session.without_explanations()  # most of what is denied here can be done without
        self._cache = cache
        self.has_attributes = has_attributes
        self._planned_options = planned_options or {}

    def without_attributes(self) -> "SchemaCache":
        """Return a view for rows whose attributes the API does not describe, such as those of activities."""
        return SchemaCache(self._explaining_session, self._cache, self.write_options, has_attributes=False)

    def with_planned_options(self, titles: Mapping[str, Iterable[str]]) -> "SchemaCache":
        """Return a view with a cache of its own, in which attributes have options that are to be created.

        Args:
            titles: Titles of options by attribute; attributes of that slug have them in every object and list.
        """
        cache = self._cache.empty_copy()
        return SchemaCache(self._explaining_session, cache, self.write_options, planned_options=titles)

    async def get(self, name: str, *, target: AttributeTarget = "objects") -> ObjectSchema:
        """Return the schema of an object (or of a list, with ``target="lists"``) by slug or id.

        Raises:
            NotFound: The object or list is unknown.
            PermissionDenied: The token may not read its configuration.
        """
        try:
            return await self._get(name, target)
        except PermissionDenied as error:
            await self._explaining_session.explain(error)
            raise

    async def find(self, name: str, *, target: AttributeTarget = "objects") -> ObjectSchema:
        """Return the schema of an object or list by slug, id or title.

        Raises:
            NotFound: The object or list is unknown.
            ConfigurationError: The name is not a text, or the target not valid. Nothing was sent.
        """
        check_choice("target", target, ("objects", "lists"))
        if not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not be typed
            raise ConfigurationError(f"name must be text, not {show(name)}")
        try:
            return await self.get(name, target=target)
        except NotFound:
            slug = (await self.titles(target)).get(folded(name), name)
            if slug == name:
                raise
            return await self.get(slug, target=target)

    def peek(self, name: str, *, target: AttributeTarget = "objects") -> ObjectSchema | None:
        """Return the schema if it is cached and fresh; None otherwise."""
        found: ObjectSchema | None = self._cache.peek((target, name)) if self.has_attributes else None
        return found

    async def for_writing(self, name: str, *, target: AttributeTarget = "objects") -> ObjectSchema | None:
        """Return the workspace's schema, or the standard one if it may not be read; None if there is neither.

        Raises:
            AttioError: It could not be read, which says nothing about the workspace, and was not read before.
        """
        return await self._known(name, target)

    async def for_reading(self, name: str, *, target: AttributeTarget = "objects") -> ObjectSchema | None:
        """Return the same as `for_writing`, also where the schema is not what the API documents: records are readable."""
        try:
            return await self._known(name, target)
        except DecodeError:
            return standard_schema(name) if target == "objects" else None

    async def _known(self, name: str, target: AttributeTarget) -> ObjectSchema | None:
        if not self.has_attributes:
            return None
        known = self.peek(name, target=target)
        if known is not None or self._cache.peek(("denied", target, name)) is None:
            try:
                return known or await self._get(name, target)
            except (PermissionDenied, NotFound) as error:  # such as a token that may read records alone
                self._cache.put(("denied", target, name), type(error))
            except AttioError:  # says nothing about the workspace, so an outdated schema is the better one
                outdated: ObjectSchema | None = self._cache.outdated((target, name))
                if outdated is None:
                    raise
                return outdated
        return standard_schema(name) if target == "objects" else None

    async def newer(
        self, schema: ObjectSchema, slugs: Collection[str], *, target: AttributeTarget = "objects"
    ) -> ObjectSchema:
        """Return the schema that has these slugs, which records came with; the same if they cannot be found.

        It is read again once for all records with these slugs.
        """
        unknown = set(slugs) - schema.attributes.keys()
        key = ("unresolved", target, schema.name)
        unresolved: frozenset[str] = self._cache.peek(key) or frozenset()
        if not schema.complete or unknown <= unresolved:
            return schema
        cached = self.peek(schema.name, target=target)
        if cached is None or cached is schema or not unknown <= cached.attributes.keys():
            self._cache.forget(target, schema.name)
        try:
            found = await self._get(schema.name, target)
        except AttioError:
            return schema
        self._cache.put(key, unresolved | (unknown - found.attributes.keys()))
        return found

    async def with_options(
        self, schema: ObjectSchema, slugs: Iterable[str], *, target: AttributeTarget = "objects"
    ) -> ObjectSchema:
        """Return the schema with the options or statuses of these attributes. One read for each that has some.

        Options that may not be read stay unknown, and titles are then not checked.
        """
        for slug in slugs:
            attribute = schema.attributes.get(slug)
            if attribute is None or not attribute.has_options or attribute.options is not None:
                continue
            try:
                options = await self._options(target, schema.name, attribute)
            except (PermissionDenied, NotFound, DecodeError):
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
        """Create options with these titles, and return the schema with them. One write each, and one read."""
        for slug, titles in missing.items():
            for title in titles:
                with suppress(Conflict):  # created by somebody else in the meantime
                    await self._session.execute(
                        create_select_option, target, schema.name, slug, body={"title": title}
                    )
            known = schema.attributes[slug]
            schema = schema.with_options(slug, await self._options(target, schema.name, known))
            self._cache.replace((target, schema.name), schema)
        return schema

    async def members(self) -> Mapping[str, list[str]]:
        """Return the ids of the members by their e-mail addresses and full names, case-folded."""
        return await self._cache.get(("members",), self._members)

    def known_members(self) -> Mapping[str, list[str]] | None:
        """Return the same if it is cached and fresh; None otherwise."""
        found: Mapping[str, list[str]] | None = self._cache.peek(("members",))
        return found

    async def titles(self, target: AttributeTarget = "objects") -> Mapping[str, str]:
        """Return the slugs of the objects or lists by their slugs, ids and titles, case-folded.

        A title that several have is left out. Empty if the token may not read them.
        """
        return {name: slugs[0] for name, slugs in (await self._named(target)).items() if len(slugs) == 1}

    async def _named(self, target: AttributeTarget) -> Mapping[str, tuple[str, ...]]:
        """Return the slugs of all objects or lists that have a slug, id or title, case-folded."""
        try:
            return await self._cache.get(("titles", target), lambda: self._titles(target))
        except PermissionDenied:
            return {}

    def is_slug_or_id(self, name: str, *, target: AttributeTarget = "objects") -> bool:
        """Return True if a name is not known to be a title or held by an id, so that it needs no looking up."""
        is_plain = _SLUG_OR_ID.fullmatch(name) is not None and not ids_of(name)
        return (is_plain and self._cache.peek(_alias(target, name)) is None) or not self.has_attributes

    async def slug(self, name: str, target: AttributeTarget = "objects") -> str:
        """Return the slug or id of an object or list that is named by slug, id or title; an unknown name as it is.

        Only a name that cannot be a slug is looked up, or one that holds an id, whose slug may be another by now.

        Raises:
            ConfigurationError: Several have this title.
        """
        if self.is_slug_or_id(name, target=target):
            return name
        named = await self._named(target)
        if len(same := named.get(folded(name), ())) > 1:
            raise ConfigurationError(
                f"{len(same)} {target} are called {name!r}: {', '.join(same)}; give the slug of one"
            )
        slug, key = slug_among(await self.titles(target), name), ("titles", target)
        if slug == str(name) and _MIN_REFRESH_AGE_S < self._cache.age(key) < math.inf:
            self._cache.forget(*key)  # it may be newer
            slug = slug_among(await self.titles(target), name)
        return slug

    async def canonical(self, name: str, target: AttributeTarget = "objects") -> str:
        """Return the slug of an object or list by its slug, id or title; an unknown name as it is.

        Unlike `slug`, it also looks up ids, so that two names can be compared.
        """
        return slug_among(await self.titles(target), name)

    async def attribute_slug(self, owner: str, target: AttributeTarget, name: str) -> str:
        """Return the slug or id of an attribute that is named by slug, id or title; an unknown name as it is.

        Only a name that cannot be a slug is looked up.
        """
        if self.is_slug_or_id(name):
            return name
        schema = await self.for_reading(await self.slug(owner, target), target=target)
        found = None if schema is None else schema.lookup(name)
        return name if found is None else found.slug

    def is_missing(self, name: str, *, target: AttributeTarget = "objects") -> bool:
        """Return True if the API has said lately that it knows no object or list by this slug."""
        return self._cache.peek(("denied", target, name)) is NotFound

    async def learn_title(self, name: str, *, target: AttributeTarget) -> bool:
        """Look up a name that looks like a slug, but is not one. Return True if it is a title; `slug` then knows it."""
        try:
            found = (await self.titles(target)).get(folded(name), name)
        except AttioError:  # the error that led here says more
            return False
        if found != name:
            self._cache.put(_alias(target, name), found)
        return found != name

    async def id_of(self, name: str, *, target: AttributeTarget) -> str:
        """Return the id of an object or list by slug, title or id. One read for each, unless it is an id.

        Raises:
            NotFound: The object or list is unknown.
            PermissionDenied: The token may not read its configuration.
        """
        if is_uuid(name):
            return name
        slug = await self.slug(name, target=target)
        return await self._cache.get(("id", target, slug), lambda: self._id(target, slug))

    async def views(self, name: str, *, target: AttributeTarget = "objects") -> Mapping[str, list[str]]:
        """Return the ids of the saved views of an object or list by their titles, case-folded."""
        return await self._cache.get(("views", target, name), lambda: self._views(target, name))

    async def parents(self, name: str) -> tuple[str, ...]:
        """Return the objects whose records a list may contain."""
        return await self._cache.get(("parents", name), lambda: self._parents(name))

    def forget(self, name: str, *, target: AttributeTarget = "objects") -> None:
        """Read the attributes and options of an object or list again when they are next needed.

        Where the name is a title or an id, those of all are read again: they are cached by slug, too.
        """
        self._cache.forget(target, *([name] if self.is_slug_or_id(name) and not is_uuid(name) else []))

    def refresh(self, name: str, *, target: AttributeTarget = "objects") -> bool:
        """Forget what may be outdated, because a name was not found in it. Return True if there was anything."""
        keys = ((target, name), ("members",))
        old = [key for key in keys if _MIN_REFRESH_AGE_S < self._cache.age(key) < math.inf]
        for key in old:
            self._cache.forget(*key)
        return bool(old)

    async def _get(self, name: str, target: AttributeTarget) -> ObjectSchema:
        async def read() -> ObjectSchema:
            try:
                return await self._attributes(target, name)
            except DecodeError:  # garbled on its way; what the network loses is retried below
                return await self._attributes(target, name)

        return await self._cache.get((target, name), read)

    async def _attributes(self, target: AttributeTarget, name: str) -> ObjectSchema:
        found: dict[str, Attribute] = {}
        offset = 0
        while True:
            place = {"limit": _PAGE_SIZE, "offset": offset}
            page = await self._session.many(
                list_attributes, Attribute.parse, target, name, show_archived=True, **place
            )
            count = len(found)
            found.update((attribute.slug, attribute) for attribute in page)
            offset += len(page)
            if len(page) < _PAGE_SIZE or len(found) == count:  # nothing new: the server ignores the offset
                return ObjectSchema(name, found.values())

    async def _options(self, target: AttributeTarget, name: str, attribute: Attribute) -> tuple[Option, ...]:
        try:
            return await self._read_options(target, name, attribute)
        except DecodeError:  # garbled on its way
            return await self._read_options(target, name, attribute)

    async def _read_options(
        self, target: AttributeTarget, name: str, attribute: Attribute
    ) -> tuple[Option, ...]:
        endpoint: Endpoint = list_statuses if attribute.type == "status" else list_select_options
        found = await self._session.many(endpoint, Option.parse, target, name, attribute.slug)
        known = {folded(option.title) for option in found}
        planned = self._planned_options.get(attribute.slug, ())
        return (*found, *(Option(title) for title in planned if folded(title) not in known))

    async def _members(self) -> Mapping[str, list[str]]:
        names: dict[str, list[str]] = {}
        for raw in await self._session.many(list_workspace_members, _raw):
            identity = id_part(raw.get("id"), "workspace_member_id")
            first, last, email = (
                _text(raw.get(part)) for part in ("first_name", "last_name", "email_address")
            )
            for name in filter(None, (email, f"{first} {last}".strip())):
                names.setdefault(folded(" ".join(name.split())), []).append(identity)
        return names

    async def _titles(self, target: AttributeTarget) -> Mapping[str, tuple[str, ...]]:
        if target == "lists":
            keys: tuple[str, ...] = _LIST_NAMES
            found = await self._session.many(list_lists, _raw)
        else:
            keys = _OBJECT_NAMES
            found = await self._session.many(list_objects, _raw)
        titles: dict[str, tuple[str, ...]] = {}
        for key in keys:
            named: dict[str, dict[str, None]] = {}
            for raw in found:
                name = id_part(raw.get("id"), key) or raw.get(key)
                if name and raw.get("api_slug"):
                    named.setdefault(folded(str(name)), {})[str(raw["api_slug"])] = None
            titles = {name: tuple(slugs) for name, slugs in named.items()} | titles  # earlier keys win
        return titles

    async def _id(self, target: AttributeTarget, slug: str) -> str:
        endpoint: Endpoint = get_list if target == "lists" else get_object
        raw = await self._explaining_session.one(endpoint, _raw, slug)
        return id_part(raw.get("id"), "list_id" if target == "lists" else "object_id")

    async def _views(self, target: AttributeTarget, name: str) -> Mapping[str, list[str]]:
        from .list_page import paginate  # noqa: PLC0415 - loads all of paging, which few clients need this for

        endpoint: Endpoint = list_list_views if target == "lists" else list_object_views
        ids: dict[str, list[str]] = {}
        async for raw in paginate(self._session, endpoint, list_reader(_raw), name):
            ids.setdefault(folded(str(raw.get("title"))), []).append(id_part(raw.get("id"), "view_id"))
        return ids

    async def _parents(self, name: str) -> tuple[str, ...]:
        raw = await self._session.one(get_list, _raw, name)
        parents: object = raw.get("parent_object") or []
        return tuple(map(str, cast("list[object]", parents) if isinstance(parents, list) else [parents]))


def _alias(target: AttributeTarget, name: str) -> Key:
    """Return the key of the slug of an object or list whose title looks like a slug."""
    return ("alias", target, name)


def slug_among(slugs: Mapping[str, str], name: str) -> str:
    """Return the slug of an object or list by an id that the name holds, else by the name; an unknown name as it is."""
    held = (slugs[id_] for id_ in ids_of(name) if id_ in slugs)
    return next(held, None) or slugs.get(folded(name), str(name))


def _raw(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    return raw


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
