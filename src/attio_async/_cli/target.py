"""The object or list that a command is about, and one of its records or entries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from .._utils.text import folded
from .completion.names import remember_attributes, remember_lists, remember_objects
from .errors import Refusal, as_refusal

if TYPE_CHECKING:
    from .._client import Attio
    from .._resources.entries import Entries
    from .._resources.lists import AttioList
    from .._resources.objects import AttioObject
    from .._resources.records import Records
    from .._schema import Attribute, ObjectSchema
    from ..values import RecordRef

Kind = Literal["object", "list"]
_KEYS = {
    "people": "email_addresses",
    "companies": "domains",
    "users": "user_id",
    "workspaces": "workspace_id",
}
"""The unique attribute that may stand in place of a record's id."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """An object or list of the workspace.

    Attributes:
        kind: Which of the two it is.
        slug: Its slug.
        noun: What several of its records or entries are called.
        rows: Its records or entries.
        objects: All objects of the workspace.
    """

    kind: Kind
    slug: str
    noun: str
    rows: "Records | Entries"
    objects: "Sequence[AttioObject]"

    @property
    def schemas(self) -> Literal["objects", "lists"]:
        """The kind of thing that has its attributes, as the API says it."""
        return "objects" if self.kind == "object" else "lists"

    @property
    def key(self) -> str | None:
        """The unique attribute that may stand in place of an id, if there is one."""
        return _KEYS.get(self.slug) if self.kind == "object" else None

    async def schema(self) -> "ObjectSchema":
        """Return its attributes."""
        found = await self.rows.schema()
        remember_attributes(self.schemas, self.slug, found)
        return found


async def find_target(attio: "Attio", name: str, kind: Kind | None = None) -> Target:
    """Return the object or list of this slug, id, title or address in the app.

    Args:
        attio: The workspace.
        name: The slug, id, title or address; the case of a title does not matter.
        kind: Look only among objects, or only among lists.

    Raises:
        Refusal: It is unknown or ambiguous, or the objects or lists cannot be read.
    """
    from .._workspace.arguments import slug_or_id

    with as_refusal():
        name = slug_or_id(name, "an object or list")
        objects = await attio.objects.list()
    remember_objects(objects)
    exact = [found for found in objects if name in {found.api_slug, str(found.id)}]
    if exact and kind != "list":
        return _object_target(attio, exact[0], objects)
    lists: Sequence[AttioList] = () if kind == "object" else await _lists(attio)
    for found in lists:
        if name in {found.api_slug, str(found.id)}:
            return _list_target(attio, found, objects)
    titled = [
        *(
            _object_target(attio, each, objects)
            for each in (objects if kind != "list" else ())
            if folded(name) in {folded(each.singular_noun), folded(each.plural_noun)}
        ),
        *(_list_target(attio, each, objects) for each in lists if folded(name) == folded(each.name)),
    ]
    if len(titled) == 1:
        return titled[0]
    if titled:
        raise Refusal(
            f"{name!r} may be {' or '.join(f'the {each.kind} {each.slug}' for each in titled)}; give the slug"
        )
    raise _unknown(name, [] if kind == "list" else objects, lists, kind)


async def find_item(attio: "Attio", reference: str) -> "tuple[Target, str]":
    """Return the object or list of a reference, and the id of the record or entry.

    Args:
        attio: The workspace.
        reference: NAME/ID, OBJECT/KEY such as companies/example.com, or a web address.

    Raises:
        Refusal: It is not a reference, or no single record has the key.
    """
    from ..values import RecordRef
    from ..values._types import is_uuid

    try:
        name, _, key = (found := RecordRef.from_url(reference)).object, "/", found.record_id
    except ValueError:
        name, _, key = reference.partition("/")
    if not name or not key:
        raise Refusal(
            f"{reference!r} is not of the form NAME/ID, such as people/jane@example.com or deals/ID"
        )
    target = await find_target(attio, name)
    if is_uuid(key):
        return target, key
    if target.key is None:
        raise Refusal(f"{key!r} is not the id of one of {target.slug}'s {target.noun}")
    with as_refusal():
        records = await attio.records(target.slug).query({target.key: key}, limit=2)
    if len(records) != 1:
        raise Refusal(
            f"{len(records) or 'none'} of the {target.noun} {'have' if records else 'has'} {key!r} as {target.key}"
        )
    return target, records[0].id


async def find_record(attio: "Attio", reference: str) -> "RecordRef":
    """Return a reference to a record, given as in `find_item`.

    Raises:
        Refusal: It is not a reference to one record.
    """
    from ..values import RecordRef

    target, identifier = await find_item(attio, reference)
    if target.kind == "list":
        raise Refusal(f"{target.slug} is a list; give a record, such as companies/example.com")
    return RecordRef(target.slug, identifier)


def select_attributes(schema: "ObjectSchema", names: str | None) -> "list[Attribute]":
    """Return the attributes of these slugs or titles, separated by commas; without any, all that are in use.

    The record's id, which always comes along, is left out.

    Raises:
        Refusal: An attribute is unknown.
    """
    from ..bulk._export.rows import select_attributes as select
    from ..errors import UnknownName

    try:
        return select(schema, None if names is None else names.split(","))
    except UnknownName as error:
        raise Refusal(f"--columns: {error}") from error


async def _lists(attio: "Attio") -> "Sequence[AttioList]":
    from ..errors import PermissionDenied

    with as_refusal():
        try:
            found = await attio.lists.list()
        except PermissionDenied:  # a token for records alone
            return ()
    remember_lists(found)
    return found


def _object_target(attio: "Attio", found: "AttioObject", objects: "Sequence[AttioObject]") -> Target:
    noun = found.plural_noun.lower() or "records"
    return Target(
        kind="object", slug=found.api_slug, noun=noun, rows=attio.records(found.api_slug), objects=objects
    )


def _list_target(attio: "Attio", found: "AttioList", objects: "Sequence[AttioObject]") -> Target:
    rows = attio.entries(found.api_slug)
    return Target(kind="list", slug=found.api_slug, noun="entries", rows=rows, objects=objects)


def _unknown(
    name: str, objects: "Sequence[AttioObject]", lists: "Sequence[AttioList]", kind: Kind | None
) -> Refusal:
    from difflib import get_close_matches

    words = {
        folded(word): found.api_slug
        for found in objects
        for word in (found.api_slug, found.singular_noun, found.plural_noun)
    } | {folded(word): found.api_slug for found in lists for word in (found.api_slug, found.name)}
    near = dict.fromkeys(words[word] for word in get_close_matches(folded(name), words, n=3))
    hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
    known = [
        f"{what} of this workspace: {', '.join(found.api_slug for found in each)}"
        for what, each in (("objects", objects), ("lists", lists))
        if each
    ]
    return Refusal("\n".join([f"unknown {kind or 'object or list'} {name!r}{hint}", *known]))
