"""A workspace's schema as values: objects, lists, attributes, options and statuses, with or without their ids."""

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from attio_async_api.json_data import JsonData, JsonFields

from .._utils.public import public


@public
@attrs.frozen(kw_only=True)
class SchemaOption(JsonData):
    """An option of a select attribute, or a status.

    Attributes:
        title: The name in the app.
        id: The id in the workspace that it is from; empty if unknown.
        is_archived: True if it cannot be chosen any more.
        celebration: True if the app celebrates when a record reaches the status; None for an option.
        target_time: The longest time in the status, as an ISO 8601 duration such as "P7D".
    """

    title: str
    id: str = attrs.field(default="", eq=False)
    is_archived: bool = False
    celebration: bool | None = None
    target_time: str | None = None


@attrs.frozen(kw_only=True)
class SchemaPart(JsonData):
    """An object, list or attribute, of which a file that people wrote may give some fields only."""

    stated: frozenset[str] | None = attrs.field(default=None, eq=False, repr=False)
    """The fields that the file gives; None for all."""

    def states(self, field: str) -> bool:
        """Return True if the field is given, so that it says something where it is empty or false."""
        return self.stated is None or field in self.stated

    def _json_fields(self) -> JsonFields:
        return [pair for pair in super()._json_fields() if pair[0] != "stated"]


@public
@attrs.frozen(kw_only=True)
class SchemaAttribute(SchemaPart):
    """An attribute of an object or list.

    Attributes:
        slug: Attio's `api_slug`.
        title: The name in the app.
        type: Attio's name of the type, such as "text".
        description: The description in the app; may be empty.
        is_required: True if nothing can be created without a value.
        is_unique: True if no two records may share a value.
        is_multiselect: True if it holds several values.
        is_archived: True if it is hidden in the app and refuses values.
        is_writable: True if the API accepts values.
        is_system: True if Attio made it: then most of it cannot be changed.
        currency: The code and the display type of a currency attribute, as far as they are set.
        objects: The slugs of the objects that a reference may lead to; empty for any.
        default: The default value in Attio's own form; None without one.
        relationship: The object and the attribute at the other end of a two-way reference.
        options: Its options or statuses in the app's order; None if it has none, or they are unknown.
        id: The id in the workspace that it is from; empty if unknown.
    """

    slug: str
    title: str = ""
    type: str = "text"
    description: str = ""
    is_required: bool = False
    is_unique: bool = False
    is_multiselect: bool = False
    is_archived: bool = False
    is_writable: bool = attrs.field(default=True, eq=False)
    is_system: bool = attrs.field(default=False, eq=False)
    currency: tuple[str, str] | None = None
    objects: tuple[str, ...] = ()
    default: Mapping[str, Any] | None = None
    relationship: tuple[str, str] | None = None
    options: tuple[SchemaOption, ...] | None = None
    id: str = attrs.field(default="", eq=False)

    @property
    def has_options(self) -> bool:
        """True if its values are chosen from options or statuses."""
        return self.type in {"select", "status"}


@public
@attrs.frozen(kw_only=True)
class SchemaObject(SchemaPart):
    """An object and its attributes."""

    slug: str
    singular: str = ""
    plural: str = ""
    attributes: tuple[SchemaAttribute, ...] = ()
    id: str = attrs.field(default="", eq=False)

    @property
    def label(self) -> str:
        """The name of one record, for people."""
        return self.singular or self.slug


@public
@attrs.frozen(kw_only=True)
class SchemaList(SchemaPart):
    """A list and its attributes.

    Attributes:
        slug: Attio's `api_slug`.
        name: The name in the app.
        parents: The slugs of the objects whose records it may contain.
        access: The access of all members: "full-access", "read-and-write", "read-only" or None.
        member_access: Further access of single members, by their ids.
        attributes: The attributes of its entries.
        id: The id in the workspace that it is from; empty if unknown.
    """

    slug: str
    name: str = ""
    parents: tuple[str, ...] = ()
    access: str | None = None
    member_access: Mapping[str, str] = attrs.field(factory=dict[str, str])
    attributes: tuple[SchemaAttribute, ...] = ()
    id: str = attrs.field(default="", eq=False)

    @property
    def label(self) -> str:
        """The name, for people."""
        return self.name or self.slug


@attrs.frozen(kw_only=True)
class SchemaContent(JsonData):
    """The content of a `Schema`.

    Attributes:
        objects: Its objects.
        lists: Its lists.
        workspace_id: The workspace that it was read from, where its ids hold; empty if it is from none.
        workspace_name: The name of that workspace.
        is_whole: True if it has all objects and lists, False if some were chosen.
        is_of_models: True if it was read from a generated module, which knows only a part of the attributes.
    """

    objects: tuple[SchemaObject, ...] = ()
    lists: tuple[SchemaList, ...] = ()
    workspace_id: str = attrs.field(default="", eq=False)
    workspace_name: str = attrs.field(default="", eq=False)
    is_whole: bool = attrs.field(default=True, eq=False)
    is_of_models: bool = attrs.field(default=False, eq=False)

    def __iter__(self) -> Iterator[SchemaObject | SchemaList]:
        yield from self.objects
        yield from self.lists
