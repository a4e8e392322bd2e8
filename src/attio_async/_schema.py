"""The attributes of objects and lists. Pure: fetching and caching is elsewhere.

Names are found by slug, title or id, in any case of letters.
"""

import difflib
import functools
import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, cast

import attrs

from attio_async_api.json_data import JsonData, JsonFields

from ._json_schema import DIALECT, Purpose, value_schema
from ._utils.names import HeldName, ids_of
from ._utils.public import public
from ._utils.text import folded, show
from .errors import ConfigurationError, UnknownName


def id_part(identity: object, name: str) -> str:
    """Return one part of a composite id, such as "record_id"; empty if it is missing or the id has another shape."""
    parts: Any = identity
    # The second check, against an abstract class, takes three times as long.
    is_mapping = type(identity) is dict or isinstance(identity, Mapping)
    return str(parts.get(name) or "") if is_mapping else ""


def owner_ids(attributes: "Iterable[Attribute]") -> Mapping[str, str]:
    """Return the ids of the workspace and of the object or list that attributes belong to, by what they are."""
    for attribute in attributes:
        identity = attribute.raw.get("id")
        found = {
            name.removesuffix("_id"): part
            for name in ("workspace_id", "object_id", "list_id")
            if (part := id_part(identity, name))
        }
        if found:
            return found
    return {}


@public
@attrs.frozen
class Option(JsonData):
    """An option of a select attribute, or a status."""

    title: str
    id: str = ""
    is_archived: bool = False

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> "Option":
        """Create it from the API's description; missing and unknown parts are accepted."""
        identity = id_part(raw.get("id"), "option_id") or id_part(raw.get("id"), "status_id")
        return cls(str(raw.get("title") or ""), identity, raw.get("is_archived") is True)


@public
@attrs.frozen
class Attribute(JsonData):
    """An attribute of an object or list.

    https://docs.attio.com/docs/attribute-types/attribute-types

    Attributes:
        slug: Attio's `api_slug`, such as "email_addresses".
        title: The name in the app, such as "Email addresses".
        id: The id, which survives renames of the slug.
        type: One of Attio's attribute types, or one that is newer than this package.
        is_multiselect: True if it holds a list of values.
        is_unique: True if no two records may share a value, so that it can be matched on.
        is_required: True if a record cannot be created without it.
        is_writable: True if the API accepts values for it.
        is_archived: True if it is hidden in the app and refuses values.
        options: Its options or statuses; None if it has none or they are unknown.
        target_objects: The slugs or ids of the objects that a record reference may lead to; empty if unknown.
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
        """Create it from the API's description; missing and unknown parts are accepted."""
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
    def needs_value(self) -> bool:
        """True if a new record must be given a value for it: it is required, and has no default value."""
        has_default = (
            self.raw.get("default_value") is not None or self.raw.get("is_default_value_enabled") is True
        )
        return self.is_required and self.is_writable and not self.is_archived and not has_default

    @property
    def has_options(self) -> bool:
        """True if its values are chosen from options or statuses."""
        return self.type in {"select", "status"}

    @property
    def option_titles(self) -> tuple[str, ...] | None:
        """The titles of the options or statuses that can be chosen; None if they are unknown."""
        if self.options is None:
            return None
        return tuple(HeldName(option.title, option.id) for option in self.options if not option.is_archived)

    def is_shown(self, for_: Purpose) -> bool:
        """Return True if its values are read, or can be written."""
        return for_ == "read" or (self.is_writable and not self.is_archived and self.type != "interaction")

    def json_schema(self, for_: Purpose = "create") -> dict[str, Any]:
        """Return a JSON Schema of its values; see `ObjectSchema.json_schema`."""
        schema = value_schema(self.type, for_, options=self.option_titles, targets=self.target_objects)
        if self.is_multiselect:
            schema = {"type": "array", "items": schema} | ({"minItems": 1} if for_ == "update" else {})
        elif for_ == "read":
            schema = {"anyOf": [schema, {"type": "null"}]}
        about = str(self.raw.get("description") or "") or schema.get("description")
        return {"title": self.title or self.slug, **schema} | ({"description": about} if about else {})


def _targets(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the allowed objects of a record reference; each part of the configuration may be null."""
    part: object = raw
    for name in ("config", "record_reference", "allowed_object_ids"):
        part = cast("dict[str, object]", part).get(name) if isinstance(part, dict) else None
    return tuple(map(str, cast("list[object]", part))) if isinstance(part, list) else ()


@public
class ObjectSchema(JsonData):
    """The attributes of one object or list.

    `attributes` maps slugs to attributes, in the API's order; `slugs` are their slugs alone, and `required` those that a
    new record must be given a value for. `complete` is False for the built-in schema of a standard object, which is used
    when the workspace's own cannot be read.
    """

    __slots__ = ("_index", "attributes", "complete", "name", "required", "slugs")

    def __init__(self, name: str, attributes: Iterable[Attribute], *, complete: bool = True) -> None:
        self.name: str = name
        self.complete: bool = complete
        self.attributes: Mapping[str, Attribute] = MappingProxyType({a.slug: a for a in attributes})
        self.slugs: frozenset[str] = frozenset(self.attributes)
        self.required: tuple[Attribute, ...] = tuple(a for a in self.attributes.values() if a.needs_value)
        self._index = self._indexed()

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (self.name, tuple(self.attributes.values()), self.complete)

    def _json_fields(self) -> JsonFields:
        attributes = list(self.attributes.values())
        return [("name", self.name), ("complete", self.complete), ("attributes", attributes)]

    def _indexed(self) -> Mapping[str, Attribute]:
        """Map every way of writing a name to its attribute; slugs win over ids, and ids over titles."""
        index: dict[str, Attribute] = {}
        everything = self.attributes.values()
        for names in (
            ((a.slug, a) for a in everything),
            ((folded(a.slug), a) for a in everything),
            ((a.id, a) for a in everything if a.id),
            ((folded(a.title), a) for a in everything if not a.is_archived),
            ((folded(a.title), a) for a in everything),
        ):
            for name, attribute in names:
                index.setdefault(name, attribute)
        return index

    def find(self, name: str) -> Attribute:
        """Return the attribute of that slug, title or id, in any case of letters.

        Raises:
            UnknownName: The attribute is unknown; the error has near matches and all slugs.
        """
        if not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not be typed
            raise ConfigurationError(
                f"{show(name)} is not the name of an attribute; give its slug, title or id"
            )
        found = self.lookup(name)
        if found is None:
            raise UnknownName(
                f"attribute of {self.name}",
                name,
                suggestions=self.suggest(name),
                available=tuple(self.attributes),
            )
        return found

    def lookup(self, name: str) -> Attribute | None:
        """Return the attribute of that slug, title or id, in any case of letters; None if it is unknown."""
        ids = ids_of(name)
        held = next((self._index[id_] for id_ in ids if id_ in self._index), None) if ids else None
        return held or self._index.get(name) or self._index.get(folded(name))

    def json_schema(self, for_: Purpose = "create") -> dict[str, Any]:
        """Return a JSON Schema of the values of a record or entry, for forms and for the tools of a model.

        What the schemas to write accept, `create` and `update` accept. They are in the dialect of 2020-12, and leave out
        what the API does not accept, such as interactions. Options and statuses are listed if they are known::

            schema = await attio.schema("deals", options=True)
            tool = {"name": "create_deal", "input_schema": schema.json_schema(for_="create")}

        Args:
            for_: "create" has required attributes; "update" has none, and no empty lists; "read" is about the `values` of
                `to_dict(mode="json")`.

        Raises:
            ValueError: The purpose is unknown.
        """
        if for_ not in {"create", "update", "read"}:
            raise ValueError(f"for_ must be 'create', 'update' or 'read', not {for_!r}")
        found = [attribute for attribute in self.attributes.values() if attribute.is_shown(for_)]
        schema: dict[str, Any] = {
            "$schema": DIALECT,
            "title": self.name,
            "type": "object",
            "properties": {attribute.slug: attribute.json_schema(for_) for attribute in found},
            "additionalProperties": for_ == "read",
        }
        required = [attribute.slug for attribute in found if attribute.is_required]
        return schema | ({"required": required} if for_ == "create" and required else {})

    def with_options(self, slug: str, options: tuple[Option, ...]) -> "ObjectSchema":
        """Return a copy with the options of one attribute."""
        attributes = {**self.attributes, slug: attrs.evolve(self.attributes[slug], options=options)}
        return ObjectSchema(self.name, attributes.values(), complete=self.complete)

    def is_single(self, slug: str) -> bool:
        """Return True if it is known to be an attribute of one value."""
        attribute = self.attributes.get(slug)
        return attribute is not None and not attribute.is_multiselect

    def suggest(self, name: str) -> tuple[str, ...]:
        """Return the slugs of attributes whose slug or title resembles `name`: the nearest first, at most three."""
        return tuple(dict.fromkeys(self._index[match].slug for match in near(name, self._index)))[:3]

    def __repr__(self) -> str:
        return f"<ObjectSchema {self.name}: {len(self.attributes)} attributes>"


def _restore(name: str, attributes: tuple[Attribute, ...], complete: bool) -> ObjectSchema:  # noqa: FBT001 - of a pickle
    return ObjectSchema(name, attributes, complete=complete)


def near(name: str, known: Iterable[str]) -> list[str]:
    """Return the known names that resemble `name`, the nearest first."""
    return difflib.get_close_matches(folded(name), list(known), n=5, cutoff=0.6)


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
