"""Plan what a workspace lacks of a schema, and carry the plan out. Nothing is deleted, and nothing is written twice."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Literal, cast

import attrs

from attio_async_api.json_data import JsonData, JsonFields
from attio_async_api.types import UNSET

from .._resources.attributes import Attributes
from .._resources.lists import Lists
from .._resources.objects import Objects
from .._utils.public import public
from .._workspace.plan import Plan, first_lines
from .._workspace.schema_cache import SchemaCache
from .._workspace.session import Session
from ..errors import ConfigurationError, Conflict, OutcomeUnknown
from ._compare import WORDS, SchemaDifference, differences
from ._schema import SchemaAttribute, SchemaContent, SchemaList, SchemaObject, SchemaOption

Symbol = Literal["+", "~", "-", "!"]
Prune = Literal["archive"]

_STANDARD = frozenset({"people", "companies", "deals", "users", "workspaces"})
_MOST_PRUNED = 0.1
"""The share of the attributes that may be archived by one plan."""

_TRIES = 2
"""How often a change may fail with an unknown outcome before the plan gives up."""

_ONCE_CREATED = "can be archived later, but not deleted"
_IN_THE_APP = "can be archived in the app, but not deleted"


@public
@attrs.frozen(kw_only=True)
class SchemaChange(JsonData):
    """A change that a plan makes, or one that it cannot make.

    Attributes:
        symbol: "+" creates, "~" changes, "-" archives, and "!" is not possible.
        path: The place, such as "deals.stage".
        text: The change.
        permanence: The reason why it cannot be taken back; empty if it can.
    """

    symbol: Symbol
    path: str
    text: str
    permanence: str = ""
    order: int = attrs.field(default=0, repr=False)
    run: Callable[[Any], Awaitable[object]] | None = attrs.field(default=None, repr=False, eq=False)

    def __str__(self) -> str:
        return f"{self.symbol} {self.path}{self.text}"

    def _json_fields(self) -> JsonFields:
        text = self.text.removeprefix(": ").strip()
        return [
            ("symbol", self.symbol),
            ("path", self.path),
            ("text", text),
            ("permanence", self.permanence),
        ]


class SchemaWriter:
    """Writes single parts of the schema of one workspace."""

    def __init__(self, session: Session, schemas: SchemaCache) -> None:
        self._session = session
        self._schemas = schemas
        self.objects: Objects = Objects(session)
        self.lists: Lists = Lists(session)

    def attributes(self, owner: SchemaObject | SchemaList) -> Attributes:
        """Return the attributes of an object or list, which is named by its id if it has one."""
        target: Literal["objects", "lists"] = "lists" if isinstance(owner, SchemaList) else "objects"
        return Attributes(self._session, self._schemas, owner.id or owner.slug, target)


@public
class SchemaPlan(Plan["SchemaPlan"]):
    """The changes that make a workspace have what a schema says. `apply` makes them.

    Print it to see it. A plan without `changes` is false.

    Attributes:
        changes: The changes, in the order in which they are made.
        impossible: What the schema asks for and the API cannot do. `apply` leaves it out.
        done: The changes that `apply` has made, also if it then failed.
    """

    __slots__ = ("_again", "_writer", "changes", "done", "impossible")

    def __init__(
        self,
        changes: Iterable[SchemaChange],
        writer: SchemaWriter,
        again: Callable[[], Awaitable["SchemaPlan"]],
    ) -> None:
        found = sorted(changes, key=lambda change: change.order)
        self.changes: tuple[SchemaChange, ...] = tuple(each for each in found if each.symbol != "!")
        self.impossible: tuple[SchemaChange, ...] = tuple(each for each in found if each.symbol == "!")
        self.done: list[SchemaChange] = []
        self._writer = writer
        self._again = again

    def __bool__(self) -> bool:
        return bool(self.changes)

    def __str__(self) -> str:
        lines = map(str, (*self.changes, *self.impossible))
        return "\n".join([*lines, *filter(None, [self.caution])])

    @property
    def caution(self) -> str:
        """The warning before the plan is applied: how many changes cannot be undone. Empty if all can."""
        lasting = sum(bool(change.permanence) for change in self.changes)
        if not lasting:
            return ""
        return (
            f"{lasting} of {len(self.changes)} changes cannot be undone: what is created can only be archived"
        )

    def __repr__(self) -> str:
        return f"<SchemaPlan: {len(self.changes)} changes, {len(self.impossible)} not possible>"

    def _json_fields(self) -> JsonFields:
        return [
            ("changes", self.changes),
            ("impossible", self.impossible),
            ("done", self.done),
            ("caution", self.caution),
        ]

    async def table(self, *, limit: int = 50) -> str:
        """Return the plan as text, a line for each change; after `limit` of them only their number."""
        lines = first_lines(list(map(str, (*self.changes, *self.impossible))), limit)
        return "\n".join(filter(None, [lines, self.caution]))

    async def apply(self) -> "SchemaPlan":
        """Make the changes one after the other, and return the plan. A plan may be applied again after an error.

        If the response to a change is lost, or somebody else made it in the meantime, the workspace is read again, and
        only what it still lacks is done.

        Raises:
            APIError: A change was refused; `done` has those before it.
            OutcomeUnknown: The response to one change was lost twice.

        Attio: POST /v2/objects, write, not repeated, object_configuration:read-write
        Attio: POST /v2/lists, write, not repeated, list_configuration:read-write
        Attio: POST /v2/{target}/{identifier}/attributes, write, not repeated,
        object_configuration:read-write for objects, list_configuration:read-write for lists
        """
        failed: dict[str, int] = {}
        waiting = list(self.changes)
        while waiting:
            change = waiting.pop(0)
            try:
                await cast("Callable[[Any], Awaitable[object]]", change.run)(self._writer)
            except (OutcomeUnknown, Conflict):
                failed[str(change)] = failed.get(str(change), 0) + 1
                waiting = list((await self._again()).changes)
                if any(str(each) == str(change) for each in waiting):
                    if failed[str(change)] >= _TRIES:
                        raise
                    continue
            self.done.append(change)
        return self


def plan_changes(
    have: SchemaContent, want: SchemaContent, *, by_id: bool, prune: Prune | None = None
) -> list[SchemaChange]:
    """Return the changes from one schema to another, and what of it is not possible.

    Args:
        have: The schema of the workspace.
        want: The schema that it should have.
        by_id: True if the ids of both are of one workspace.
        prune: "archive" archives attributes and options that `want` lacks, of the objects and lists that it has.

    Raises:
        ConfigurationError: Too many attributes would be archived, or `prune` is unknown.
    """
    if prune not in {None, "archive"}:
        raise ConfigurationError(f"prune must be 'archive' or None, not {prune!r}")
    planner = _Planner(want, is_pruned=prune is not None)
    changes = [
        change
        for difference in differences(have, want, by_id=by_id)
        for change in planner.changes(difference)
    ]
    pruned = sum(change.symbol == "-" and not change.text.startswith(":") for change in changes)
    known = {one.slug for one in want} | {one.id for one in want if one.id}
    attributes = sum(
        not each.is_archived for one in have if known & {one.slug, one.id} for each in one.attributes
    )
    if pruned > max(_MOST_PRUNED * attributes, 0):
        raise ConfigurationError(
            f"prune would archive {pruned} of {attributes} attributes, more than a tenth; archive them in the file or in "
            "the app if that is meant"
        )
    return changes


def _kept(difference: SchemaDifference) -> str:
    """Return that a field of a system attribute stays, in the words of a plan."""
    word = WORDS[difference.field]
    if isinstance(difference.before, bool):
        return f"it stays {word}" if difference.before else f"it cannot be made {word}"
    return f"its {word} cannot be changed"


def _impossible(path: str, reason: str) -> SchemaChange:
    return SchemaChange(symbol="!", path=path, text=f": {reason}", order=99)


@attrs.define
class _Planner:
    """Turns differences into changes."""

    want: SchemaContent
    is_pruned: bool
    related: set[tuple[str, str]] = attrs.field(factory=set[tuple[str, str]])
    """Attributes that come into being as the other end of a relationship."""

    def changes(self, difference: SchemaDifference) -> Iterator[SchemaChange]:
        """Yield the changes that a difference takes."""
        if difference.aspect == "option":
            yield from self._option(difference)
        elif difference.aspect == "attribute":
            yield from self._attribute(difference)
        elif difference.after is not None and not difference.field:
            yield from self._new_owner(difference.after)
        elif difference.field:
            yield from self._owner(difference)

    # Objects and lists

    def _new_owner(self, owner: SchemaObject | SchemaList) -> Iterator[SchemaChange]:
        if isinstance(owner, SchemaObject) and owner.slug in _STANDARD:
            yield _impossible(owner.slug, "the standard object is switched off; switch it on in the app")
            return
        new = attrs.evolve(owner, id="")  # an id of another workspace, or of what is gone
        if isinstance(new, SchemaList):
            if len(new.parents) != 1:
                yield _impossible(new.slug, "a list is created for the records of one object")
                return
            yield SchemaChange(
                symbol="+",
                path=new.slug,
                text=f" (list of {new.parents[0]})",
                permanence=_IN_THE_APP,
                order=1,
                run=partial(_create_list, new),
            )
        else:
            yield SchemaChange(
                symbol="+",
                path=new.slug,
                text=" (object)",
                permanence=_IN_THE_APP,
                order=0,
                run=partial(_create_object, new),
            )
        for attribute in new.attributes:
            if not attribute.is_archived:
                yield from self._new_attribute(new, attribute)

    def _owner(self, difference: SchemaDifference) -> Iterator[SchemaChange]:
        have, want = difference.owners
        field, path = difference.field, difference.path
        if field == "parents":
            yield _impossible(path, "the objects of a list cannot be changed")
        elif field == "slug" and isinstance(have, SchemaObject) and have.slug in _STANDARD:
            yield _impossible(path, "the slugs of standard objects cannot be changed")
        elif not difference.after and field in {"singular", "plural", "name"}:
            return  # left out of the file
        else:
            update = _update_list if isinstance(have, SchemaList) else _update_object
            yield SchemaChange(
                symbol="~",
                path=path,
                text=f": {_changed(difference)}",
                order=0 if isinstance(have, SchemaObject) else 1,
                run=partial(update, have, want, field),
            )

    # Attributes

    def _attribute(self, difference: SchemaDifference) -> Iterator[SchemaChange]:
        have, want = difference.attributes
        owner = difference.owners[0]
        if want is None:
            if self.is_pruned and not have.is_system:
                run = partial(_update_attribute, owner, have, {"is_archived": True})
                yield SchemaChange(
                    symbol="-", path=difference.path, text=f" ({have.type}): archived", order=6, run=run
                )
        elif have is None:
            yield from self._new_attribute(owner, want)
        else:
            yield from self._changed_attribute(difference, owner, have, want)

    def _changed_attribute(
        self,
        difference: SchemaDifference,
        owner: SchemaObject | SchemaList,
        have: SchemaAttribute,
        want: SchemaAttribute,
    ) -> Iterator[SchemaChange]:
        field, path = difference.field, difference.path
        if field == "type":
            yield _impossible(path, f"{have.type} -> {want.type} is not possible")
        elif field == "order":
            yield _impossible(path, "the order of statuses cannot be set; drag them in the app")
        elif field in {"is_multiselect", "relationship"}:
            yield _impossible(path, f"{WORDS[field]} cannot be changed")
        elif have.is_system:
            yield _impossible(path, f"is Attio's own, so {_kept(difference)}")
        elif field == "slug" and any(one.slug == want.slug for one in owner.attributes):
            yield _impossible(path, f"the slug {want.slug!r} is taken by another attribute")
        elif field == "objects" and have.relationship is not None:
            yield _impossible(path, "the objects of a relationship cannot be changed")
        elif field == "objects" and not want.objects:
            yield _impossible(path, "a reference cannot be opened to every object again")
        elif field == "currency" and want.currency is None:
            return  # left out of the file
        elif field == "is_unique" and want.is_unique and owner.slug == "companies":
            yield _impossible(path, "companies can have no further unique attributes")
        else:
            yield SchemaChange(
                symbol="-" if field == "is_archived" and want.is_archived else "~",
                path=path,
                text=f": {_changed(difference)}",
                order=5 if field == "default" else 4,
                run=partial(_update_attribute, owner, have, _fields(want, field)),
            )

    def _new_attribute(
        self, owner: SchemaObject | SchemaList, attribute: SchemaAttribute
    ) -> Iterator[SchemaChange]:
        path = f"{owner.slug}.{attribute.slug}"
        if (owner.slug, attribute.slug) in self.related and isinstance(owner, SchemaObject):
            return
        if attribute.is_system:
            yield _impossible(path, "is an attribute that Attio makes itself")
            return
        if attribute.type == "interaction":
            yield _impossible(path, "attributes of type interaction cannot be created")
            return
        other: SchemaAttribute | None = None
        if attribute.relationship is not None:
            self.related.add(attribute.relationship)
            other = self._other_end(attribute.relationship)
        if attribute.is_unique and owner.slug == "companies":
            yield _impossible(path, "companies can have no further unique attributes")
            attribute = attrs.evolve(attribute, is_unique=False)
        late = attribute.default is not None and attribute.has_options
        text = f" ({attribute.type}{', several values' if attribute.is_multiselect else ''})"
        yield SchemaChange(
            symbol="+",
            path=path,
            text=text,
            permanence=_ONCE_CREATED,
            order=2,
            run=partial(_create_attribute, owner, attribute, other, with_default=not late),
        )
        new = attrs.evolve(attribute, id="")
        for option in attribute.options or ():
            if not option.is_archived:
                yield _new_option(owner, new, option)
        if late:
            run = partial(_update_attribute, owner, new, _fields(attribute, "default"))
            yield SchemaChange(symbol="~", path=path, text=": default value", order=5, run=run)

    def _other_end(self, relationship: tuple[str, str]) -> SchemaAttribute:
        object_slug, slug = relationship
        for one in self.want.objects:
            if one.slug == object_slug:
                for attribute in one.attributes:
                    if attribute.slug == slug:
                        return attribute
        return SchemaAttribute(slug=slug, title=slug.replace("_", " ").capitalize(), type="record-reference")

    # Options and statuses

    def _option(self, difference: SchemaDifference) -> Iterator[SchemaChange]:
        attribute, owner = difference.attributes[0], difference.owners[0]
        if not difference.field:
            if difference.after is not None:
                yield _new_option(owner, attribute, difference.after)
            elif self.is_pruned:
                yield SchemaChange(
                    symbol="-",
                    path=difference.path,
                    text=f': archive "{difference.name}"',
                    order=6,
                    run=partial(_update_option, owner, attribute, difference.before, {"is_archived": True}),
                )
            return
        names = {"celebration": "celebration_enabled", "target_time": "target_time_in_status"}
        after = bool(difference.after) if difference.field == "celebration" else difference.after
        fields = {names.get(difference.field, difference.field): after}
        option = next(one for one in attribute.options if one.title == difference.name)
        yield SchemaChange(
            symbol="-" if difference.field == "is_archived" and difference.after else "~",
            path=difference.path,
            text=f": {_changed(difference)}",
            order=4,
            run=partial(_update_option, owner, attribute, option, fields),
        )


def _new_option(
    owner: SchemaObject | SchemaList, attribute: SchemaAttribute, option: SchemaOption
) -> SchemaChange:
    return SchemaChange(
        symbol="+",
        path=f"{owner.slug}.{attribute.slug}",
        text=f': + "{option.title}"',
        permanence=_ONCE_CREATED,
        order=3,
        run=partial(_create_option, owner, attribute, option),
    )


def _changed(difference: SchemaDifference) -> str:
    """Return a change in the words of a plan."""
    word = WORDS.get(difference.field, "")
    about = f'"{difference.name}" ' if difference.name else ""
    before, after = difference.before, difference.after
    if difference.field == "is_archived":
        return f"{'archive' if after else 'restore'} {about}".strip()
    if isinstance(after, bool):
        return f"{about}{'' if after else 'not '}{word}"
    return f"{about}{word} {_shown(before)} -> {_shown(after)}"


def _shown(value: object) -> str:
    if isinstance(value, tuple | list):
        return ", ".join(map(str, cast("tuple[object, ...]", value))) or "any"
    return "none" if value is None else str(value)


# Writes


async def _create_object(one: SchemaObject, writer: SchemaWriter) -> None:
    label = one.slug.replace("_", " ").capitalize()
    await writer.objects.create(
        one.slug, singular_noun=one.singular or label, plural_noun=one.plural or label
    )


async def _update_object(have: SchemaObject, want: SchemaObject, field: str, writer: SchemaWriter) -> None:
    name = {"slug": "api_slug", "singular": "singular_noun", "plural": "plural_noun"}[field]
    await writer.objects.update(have.id or have.slug, **{name: getattr(want, field)})


async def _create_list(one: SchemaList, writer: SchemaWriter) -> None:
    await writer.lists.create(
        one.name or one.slug,
        api_slug=one.slug,
        parent_object=one.parents[0],
        workspace_access=cast("Any", one.access),
        workspace_member_access=cast("Any", dict(one.member_access)),
    )


async def _update_list(have: SchemaList, want: SchemaList, field: str, writer: SchemaWriter) -> None:
    names = {"slug": "api_slug", "access": "workspace_access", "member_access": "workspace_member_access"}
    await writer.lists.update(have.id or have.slug, **{names.get(field, field): getattr(want, field)})


async def _create_attribute(
    owner: SchemaObject | SchemaList,
    one: SchemaAttribute,
    other: SchemaAttribute | None,
    writer: SchemaWriter,
    *,
    with_default: bool,
) -> None:
    config: dict[str, Any] = {}
    if one.currency is not None:
        config["currency"] = dict(zip(("default_currency_code", "display_type"), one.currency, strict=True))
    if one.objects:
        config["record_reference"] = {"allowed_objects": list(one.objects)}
    relationship = None
    if other is not None and one.relationship is not None:
        relationship = {
            "object": one.relationship[0],
            "title": other.title,
            "api_slug": other.slug,
            "is_multiselect": other.is_multiselect,
        }
    await writer.attributes(owner).create(
        one.title,
        api_slug=one.slug,
        type=cast("Any", one.type),
        description=one.description or None,
        is_required=one.is_required,
        is_unique=one.is_unique,
        is_multiselect=one.is_multiselect,
        config=config,
        default_value=_default(one) if with_default else None,
        relationship=relationship,
    )


async def _update_attribute(
    owner: SchemaObject | SchemaList, one: SchemaAttribute, fields: Mapping[str, Any], writer: SchemaWriter
) -> None:
    await writer.attributes(owner).update(one.id or one.slug, **fields)


async def _create_option(
    owner: SchemaObject | SchemaList, attribute: SchemaAttribute, option: SchemaOption, writer: SchemaWriter
) -> None:
    attributes, name = writer.attributes(owner), attribute.id or attribute.slug
    if attribute.type == "status":
        await attributes.statuses(name).create(
            option.title,
            celebration_enabled=UNSET if option.celebration is None else option.celebration,
            target_time_in_status=option.target_time or UNSET,
        )
    else:
        await attributes.options(name).create(option.title)


async def _update_option(
    owner: SchemaObject | SchemaList,
    attribute: SchemaAttribute,
    option: SchemaOption,
    fields: Mapping[str, Any],
    writer: SchemaWriter,
) -> None:
    attributes, name = writer.attributes(owner), attribute.id or attribute.slug
    if attribute.type == "status":
        await attributes.statuses(name).update(option.id, **fields)
    else:
        await attributes.options(name).update(option.id, **fields)


def _fields(want: SchemaAttribute, field: str) -> dict[str, Any]:
    """Return the fields of a request that change one field of an attribute."""
    if field == "currency" and want.currency is not None:
        code, display = want.currency
        return {"config": {"currency": {"default_currency_code": code, "display_type": display}}}
    if field == "objects":
        return {"config": {"record_reference": {"allowed_objects": list(want.objects)}}}
    if field == "default":
        return {"default_value": _default(want)}
    value = getattr(want, field)
    return {"api_slug" if field == "slug" else field: value or None if field == "description" else value}


def _default(one: SchemaAttribute) -> Mapping[str, Any] | None:
    """Return a default value as it is written; a file cannot hold the nulls that a location needs."""
    if one.default is None or one.type != "location":
        return one.default
    parts = dict.fromkeys(
        (
            "line_1",
            "line_2",
            "line_3",
            "line_4",
            "locality",
            "region",
            "postcode",
            "country_code",
            "latitude",
            "longitude",
        )
    )
    return {**one.default, "template": [{**parts, **each} for each in one.default["template"]]}
