"""Read the schema of a workspace: every object and list with its attributes, options and statuses."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, TypeVar, cast

from .._resources.attributes import Attributes
from .._resources.lists import AttioList, Lists
from .._resources.objects import AttioObject, Objects
from .._schema import Attribute
from .._utils.concurrency import task_group
from .._workspace.arguments import as_list, check_text
from .._workspace.identity import identify
from .._workspace.schema_cache import SchemaCache
from .._workspace.session import Session
from ..errors import CoercionError, UnknownName
from ..values import coerce, read
from ._schema import SchemaAttribute, SchemaContent, SchemaList, SchemaObject, SchemaOption

T = TypeVar("T")
S = TypeVar("S")

_GIVEN_BY_ATTIO = frozenset({"record_id", "entry_id", "created_at", "created_by"})
"""Attributes that every object or list has."""


class SchemaReader:
    """Reads the schema of one workspace. Lists of attributes and options are read concurrently, within the limits."""

    def __init__(self, session: Session, schemas: SchemaCache) -> None:
        self._session = session
        self._schemas = schemas

    async def read(
        self, objects: Iterable[str] | None = None, lists: Iterable[str] | None = None
    ) -> SchemaContent:
        """Return the schema of all objects and lists, or of those named; naming either kind leaves the other out.

        Raises:
            UnknownName: An object or list is unknown.
        """
        objects = None if objects is None else as_list(objects, "objects")
        lists = None if lists is None else as_list(lists, "lists")
        identity = await identify(self._session)
        is_whole = objects is None and lists is None
        every_object = await Objects(self._session).list()
        chosen_objects = _chosen(every_object, objects, is_whole=is_whole, what="object", title=_noun)
        chosen_lists: Sequence[AttioList] = ()
        if is_whole or lists is not None:
            every_list = await Lists(self._session).list()
            chosen_lists = _chosen(every_list, lists, is_whole=is_whole, what="list", title=_name)
        slugs = {str(each.id): each.api_slug for each in every_object}
        return SchemaContent(
            objects=tuple(await _each(chosen_objects, lambda one: self._object(one, slugs))),
            lists=tuple(await _each(chosen_lists, lambda one: self._list(one, slugs))),
            workspace_id=identity.workspace_id or "",
            workspace_name=identity.workspace_name or "",
            is_whole=is_whole,
        )

    async def read_like(self, schema: SchemaContent) -> tuple[SchemaContent, bool]:
        """Return the objects and lists of a schema as they are now, and whether the schema's ids are of this workspace.

        Those that are gone are missing; if the schema is whole, those that are new come with it.
        """
        identity = await identify(self._session)
        has_ids = bool(schema.workspace_id) and schema.workspace_id == identity.workspace_id
        if schema.is_whole:
            return await self.read(), has_ids
        every_object = await Objects(self._session).list()
        every_list = await Lists(self._session).list() if schema.lists else ()
        objects = [_known(one, every_object, has_ids=has_ids) for one in schema.objects]
        lists = [_known(one, every_list, has_ids=has_ids) for one in schema.lists]
        found = await self.read([one for one in objects if one], [one for one in lists if one])
        return found, has_ids

    async def _object(self, found: AttioObject, slugs: Mapping[str, str]) -> SchemaObject:
        return SchemaObject(
            slug=found.api_slug,
            singular=found.singular_noun,
            plural=found.plural_noun,
            attributes=await self._attributes(found.api_slug, "objects", slugs),
            id=str(found.id),
        )

    async def _list(self, found: AttioList, slugs: Mapping[str, str]) -> SchemaList:
        return SchemaList(
            slug=found.api_slug,
            name=found.name or "",
            parents=tuple(slugs.get(parent, parent) for parent in found.parent_object or ()),
            access=found.workspace_access,
            member_access={
                str(one.workspace_member_id): one.level or "" for one in found.workspace_member_access or ()
            },
            attributes=await self._attributes(found.api_slug, "lists", slugs),
            id=str(found.id),
        )

    async def _attributes(
        self, name: str, target: Literal["objects", "lists"], slugs: Mapping[str, str]
    ) -> tuple[SchemaAttribute, ...]:
        attributes = Attributes(self._session, self._schemas, name, target)
        found = await attributes.list(show_archived=True)
        shown = [one for one in found if one.slug not in _GIVEN_BY_ATTIO]

        async def described(one: Attribute) -> SchemaAttribute:
            return _described(one, await _options(attributes, one), slugs)

        return tuple(await _each(shown, described))


async def _options(attributes: Attributes, one: Attribute) -> tuple[SchemaOption, ...] | None:
    if one.type == "status":
        return tuple(
            SchemaOption(
                title=status.title,
                id=str(status.id),
                is_archived=status.is_archived,
                celebration=status.celebration_enabled,
                target_time=status.target_time_in_status,
            )
            for status in await attributes.statuses(one.slug).list(show_archived=True)
        )
    if one.type == "select":
        return tuple(
            SchemaOption(title=option.title, id=str(option.id), is_archived=option.is_archived)
            for option in await attributes.options(one.slug).list(show_archived=True)
        )
    return None


def _described(
    one: Attribute, options: tuple[SchemaOption, ...] | None, slugs: Mapping[str, str]
) -> SchemaAttribute:
    raw = one.raw
    currency = _part(raw, "config", "currency")
    relationship = _part(raw, "relationship")
    code = currency.get("default_currency_code")
    return SchemaAttribute(
        slug=one.slug,
        title=one.title,
        type=one.type,
        description=raw.get("description") or "",
        is_required=one.is_required,
        is_unique=one.is_unique,
        is_multiselect=one.is_multiselect,
        is_archived=one.is_archived,
        is_writable=one.is_writable,
        is_system=raw.get("is_system_attribute") is True,
        currency=(code, currency.get("display_type") or "symbol")
        if code and one.type == "currency"
        else None,
        objects=tuple(slugs.get(target, target) for target in one.target_objects),
        default=_default(one),
        relationship=(relationship["object_slug"], relationship["api_slug"]) if relationship else None,
        options=options,
        id=one.id,
    )


def _part(raw: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    found: object = raw
    for name in path:
        found = cast("dict[str, object]", found).get(name) if isinstance(found, Mapping) else None
    return cast("dict[str, Any]", found) if isinstance(found, Mapping) else {}


def _default(one: Attribute) -> Mapping[str, Any] | None:
    """Return the default value as it is written, so that it can be compared and written elsewhere."""
    raw = _part(one.raw, "default_value")
    template: object = raw.get("template")
    if not raw or not isinstance(template, list):
        return dict(raw) or None
    written: list[Any] = []
    for value in cast("list[Mapping[str, Any]]", template):
        try:
            written += coerce(one, read({"attribute_type": one.type, **value}))
        except CoercionError:
            return None
    return {"type": raw.get("type"), "template": written}


def _noun(found: AttioObject) -> tuple[str, ...]:
    return found.api_slug, str(found.id), found.singular_noun, found.plural_noun


def _name(found: AttioList) -> tuple[str, ...]:
    return found.api_slug, str(found.id), found.name or ""


def _chosen(
    every: Sequence[T],
    names: Iterable[str] | None,
    *,
    is_whole: bool,
    what: str,
    title: Callable[[T], tuple[str, ...]],
) -> Sequence[T]:
    """Return all, or those that are named by slug, id or title.

    Raises:
        UnknownName: One is unknown.
    """
    if is_whole:
        return every
    chosen: list[T] = []
    for name in names or ():
        check_text(name, what)
        found = [one for one in every if name.casefold() in {each.casefold() for each in title(one)}]
        if not found:
            raise UnknownName(what, name, available=tuple(title(one)[0] for one in every))
        chosen.append(found[0])
    return chosen


async def _each(items: Sequence[S], work: Callable[[S], Awaitable[T]]) -> list[T]:
    """Return what each item becomes, in their order; all are worked on at the same time."""
    results: dict[int, T] = {}

    async def run(place: int, item: S) -> None:
        results[place] = await work(item)

    async with task_group() as group:
        for place, item in enumerate(items):
            group.start_soon(run, place, item)
    return [results[place] for place in range(len(items))]


def _known(
    one: SchemaObject | SchemaList, every: Sequence[AttioObject] | Sequence[AttioList], *, has_ids: bool
) -> str:
    """Return the id of an object or list in the workspace; empty if it is gone."""
    by_id = next((str(each.id) for each in every if has_ids and str(each.id) == one.id), "")
    return by_id or next((str(each.id) for each in every if each.api_slug == one.slug), "")
