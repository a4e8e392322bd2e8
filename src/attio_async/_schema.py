"""What the attributes of an object or list are. Pure; the fetching and caching is elsewhere.

Names are found as people write them: by slug, title or id, in any case.
"""

import difflib
import functools
import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, cast

import attrs

from .errors import UnknownName


def id_part(identity: object, name: str) -> str:
    """One part of a composite id, such as "record_id"; empty when it is missing or the id has another shape."""
    if type(identity) is dict or isinstance(
        identity, Mapping
    ):  # asking an abstract class takes three times as long
        return str(cast("Mapping[str, Any]", identity).get(name) or "")
    return ""


@attrs.frozen
class Option:
    """One option of a select attribute, or one status."""

    title: str
    id: str = ""
    is_archived: bool = False

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> "Option":
        """From the API's description; missing and unknown parts are fine."""
        identity = id_part(raw.get("id"), "option_id") or id_part(raw.get("id"), "status_id")
        return cls(str(raw.get("title") or ""), identity, raw.get("is_archived") is True)


@attrs.frozen
class Attribute:
    """One attribute of an object or list.

    Attributes:
        slug: Attio's `api_slug`, such as "email_addresses".
        title: What people see in the app, such as "Email addresses".
        id: The attribute's own id; it survives renames of the slug.
        type: One of Attio's attribute types, or one that is newer than this package.
        is_multiselect: Whether it holds a list of values.
        is_unique: Whether no two records may share a value, so that it can be matched on.
        is_required: Whether a record cannot be created without it.
        is_writable: Whether the API takes values for it.
        is_archived: Whether it is hidden in the app and refuses values.
        options: Its options or statuses, where it has some and they are known.
        target_objects: The objects that a record reference may lead to, by slug or id; empty when not known.
        raw: The attribute as the API sent it.
    """

    slug: str
    title: str = ""
    id: str = ""
    type: str = "text"
    is_multiselect: bool = False
    is_unique: bool = False
    is_required: bool = False
    is_writable: bool = True
    is_archived: bool = False
    options: tuple[Option, ...] | None = None
    target_objects: tuple[str, ...] = ()
    raw: Mapping[str, Any] = attrs.field(factory=dict[str, Any], repr=False, eq=False)

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> "Attribute":
        """From the API's description; missing and unknown parts are fine."""
        identity = id_part(raw.get("id"), "attribute_id")
        slug = str(raw.get("api_slug") or identity)
        return cls(
            slug=slug,
            title=str(raw.get("title") or slug),
            id=identity,
            type=str(raw.get("type") or "unknown"),
            is_multiselect=raw.get("is_multiselect") is True,
            is_unique=raw.get("is_unique") is True,
            is_required=raw.get("is_required") is True,
            is_writable=raw.get("is_writable") is not False,
            is_archived=raw.get("is_archived") is True,
            target_objects=_targets(raw),
            raw=raw,
        )

    @property
    def has_options(self) -> bool:
        """Whether its values are chosen from options or statuses."""
        return self.type in {"select", "status"}

    @property
    def option_titles(self) -> tuple[str, ...] | None:
        """Titles of the options or statuses that can be chosen; None when they are not known."""
        if self.options is None:
            return None
        return tuple(option.title for option in self.options if not option.is_archived)


def _targets(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """The allowed objects of a record reference; the way there may be null at every step."""
    part: object = raw
    for name in ("config", "record_reference", "allowed_object_ids"):
        part = cast("dict[str, object]", part).get(name) if isinstance(part, dict) else None
    return tuple(map(str, cast("list[object]", part))) if isinstance(part, list) else ()


class ObjectSchema:
    """The attributes of one object or list.

    `attributes` maps slugs to attributes, in the API's order. `complete` is False for the built-in picture of
    a standard object, which serves when the workspace's own could not be read.
    """

    def __init__(self, name: str, attributes: Iterable[Attribute], *, complete: bool = True) -> None:
        self.name = name
        self.complete = complete
        self.attributes: Mapping[str, Attribute] = MappingProxyType({a.slug: a for a in attributes})
        self._index = self._indexed()

    def _indexed(self) -> Mapping[str, Attribute]:
        """Every way of writing a name; slugs win over ids, and those over titles."""
        index: dict[str, Attribute] = {}
        everything = self.attributes.values()
        for names in (
            ((a.slug, a) for a in everything),
            ((a.slug.casefold(), a) for a in everything),
            ((a.id, a) for a in everything if a.id),
            ((a.title.casefold(), a) for a in everything if not a.is_archived),
            ((a.title.casefold(), a) for a in everything),
        ):
            for name, attribute in names:
                index.setdefault(name, attribute)
        return index

    def find(self, name: str) -> Attribute:
        """The attribute of that slug, title or id, in any case.

        Raises:
            UnknownName: There is none; it carries near matches and all slugs.
        """
        found = self._index.get(name) or self._index.get(name.strip().casefold())
        if found is None:
            raise UnknownName(
                f"attribute of {self.name}",
                name,
                suggestions=self.suggest(name),
                available=tuple(self.attributes),
            )
        return found

    def with_options(self, slug: str, options: tuple[Option, ...]) -> "ObjectSchema":
        """The same schema, knowing the options of one attribute."""
        attributes = {**self.attributes, slug: attrs.evolve(self.attributes[slug], options=options)}
        return ObjectSchema(self.name, attributes.values(), complete=self.complete)

    def is_single(self, slug: str) -> bool:
        """Whether it is known to be an attribute of one value."""
        attribute = self.attributes.get(slug)
        return attribute is not None and not attribute.is_multiselect

    def suggest(self, name: str) -> tuple[str, ...]:
        """Slugs of attributes whose slug or title looks like `name`; the nearest first, at most three."""
        return tuple(dict.fromkeys(self._index[match].slug for match in near(name, self._index)))[:3]

    def __repr__(self) -> str:
        return f"<ObjectSchema {self.name}: {len(self.attributes)} attributes>"


def near(name: str, known: Iterable[str]) -> list[str]:
    """The known names that look like `name`, the nearest first."""
    return difflib.get_close_matches(name.strip().casefold(), list(known), n=5, cutoff=0.6)


def standard_schema(slug: str) -> ObjectSchema | None:
    """Return the documented attributes of a standard object; None for any other object."""
    described = _standard_objects().get(slug)
    return None if described is None else ObjectSchema(slug, described, complete=False)


@functools.cache
def _standard_objects() -> Mapping[str, tuple[Attribute, ...]]:
    from importlib.resources import files  # noqa: PLC0415 - needed only where a schema cannot be read

    document = json.loads((files("attio_async") / "_data" / "standard_objects.json").read_bytes())
    return {
        described["slug"]: tuple(map(_standard, (*document["every_object"], *described["attributes"])))
        for described in document["objects"]
    }


def _standard(described: Mapping[str, Any]) -> Attribute:
    inverse = described.get("inverse")
    return Attribute(
        described["slug"],
        title=described["title"],
        type=described["type"],
        is_multiselect=described.get("multiselect", False),
        is_unique=described.get("unique", False),
        is_required=described.get("required", False),
        is_writable=not described.get("read_only", False),
        target_objects=() if inverse is None else (inverse[0],),
    )
