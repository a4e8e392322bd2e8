"""Putting objects, lists and attributes into a fake workspace, without requests."""

from collections.abc import Mapping, Sequence
from typing import Any

from .._errors import not_found
from .._schema import (
    Choice,
    FakeAttribute,
    Kind,
    ListType,
    ObjectType,
)
from .._workspace.ids import SYSTEM
from .._writes.defaults import read_default
from .._writes.lookup import WorkspaceLookup
from .._writes.relationships import OtherEnd, relate
from .base import Seeded


class SchemaSeeding(Seeded):
    """The part of `FakeAttio` that says which objects, lists and attributes there are."""

    def add_object(self, slug: str, singular: str | None = None, plural: str | None = None) -> str:
        """Add a custom object with only the attributes every object has; returns its id.

        Raises:
            ValueError: There is one with that slug.
        """
        with self._lock:
            if self._workspace.object_type(slug) is not None:
                raise ValueError(f"there is an object {slug!r} already")
            name = title_of(slug)
            kind = ObjectType(
                id=self._workspace.new_id(),
                slug=slug,
                singular=singular or name.removesuffix("s"),
                plural=plural or name,
                created_at=self._now(),
            )
            self._workspace.add_object(kind)
            return kind.id

    def add_list(self, slug: str, name: str | None = None, parent: str = "people") -> str:
        """Add a list with only the attributes every list has; returns its id.

        Args:
            slug: Of the new list.
            name: Default: made from the slug.
            parent: Slug or id of the object whose records it can hold.

        Raises:
            ApiProblem: The object is unknown.
            ValueError: There is a list with that slug.
        """
        with self._lock:
            if self._workspace.list_type(slug) is not None:
                raise ValueError(f"there is a list {slug!r} already")
            kind = ListType(
                id=self._workspace.new_id(),
                slug=slug,
                created_at=self._now(),
                name=name or title_of(slug),
                parent_object=self._object(parent).slug,
                workspace_access="full-access",
                member_access=[],
                created_by=dict(SYSTEM),
            )
            self._workspace.add_list(kind)
            return kind.id

    def add_attribute(
        self,
        target: str,
        slug: str,
        type: str,
        *,
        title: str | None = None,
        multiselect: bool = False,
        unique: bool = False,
        required: bool = False,
        options: Sequence[str] = (),
        currency_code: str = "USD",
        allowed_objects: Sequence[str] | None = None,
        default: Mapping[str, Any] | None = None,
    ) -> str:
        """Add an attribute to an object, list or activity; returns its id. Interaction attributes are read-only, as Attio's are.

        Args:
            target: Slug or id of the object, list or activity; an object is found first.
            slug: Of the new attribute.
            type: One of the 17 attribute types.
            title: Default: made from the slug.
            multiselect: Whether it holds several values.
            unique: Whether no two records may hold the same value.
            required: Whether a record cannot be without.
            options: Titles of the options of a select, or of the statuses of a status attribute.
            currency_code: Of a currency attribute.
            allowed_objects: Slugs of what a record reference may point to. Default: anything.
            default: What new records get, as the API takes it: `{"type": "static", "template": [...]}` or
                `{"type": "dynamic", "template": "P1M"}`.

        Raises:
            ApiProblem: There is nothing of that name, or the default does not fit.
            ValueError: The attribute exists, the type is unknown or cannot be multiselect.
        """
        with self._lock:
            kind = self._target(target)
            if kind.attribute(slug) is not None:
                raise ValueError(f"{kind.slug} has an attribute {slug!r} already")
            attribute = FakeAttribute(
                id=self._workspace.new_id(),
                slug=slug,
                title=title or title_of(slug),
                type=type,
                created_at=self._now(),
                is_multiselect=multiselect,
                is_unique=unique,
                is_required=required,
                is_writable=type != "interaction",
                choices=[Choice(self._workspace.new_id(), option) for option in options],
                currency_code=currency_code if type == "currency" else None,
                currency_display="symbol" if type == "currency" else None,
                allowed_objects=None if allowed_objects is None else list(allowed_objects),
            )
            if default is not None:
                lookup = WorkspaceLookup(self._workspace)
                attribute.default = read_default(attribute, default, self._stamp(), lookup)
            kind.attributes[slug] = attribute
            return attribute.id

    def add_relationship(
        self,
        object: str,
        slug: str,
        other_object: str,
        other_slug: str,
        *,
        multiselect: bool = False,
        other_multiselect: bool = False,
    ) -> tuple[str, str]:
        """Add two attributes, each the other end of the other: writing one changes both; returns their ids.

        Args:
            object: Slug or id of one object.
            slug: Of its new attribute.
            other_object: Slug or id of the other object, which may be the same.
            other_slug: Of the other's new attribute.
            multiselect: Whether the first refers to several records.
            other_multiselect: Whether the other does.

        Raises:
            ApiProblem: An object is unknown.
            ValueError: One of the attributes exists, or both would be the same.
        """
        with self._lock:
            kind, other = self._object(object), self._object(other_object)
            if other.attribute(other_slug) is not None or (kind is other and slug == other_slug):
                raise ValueError(f"{other.slug} has an attribute {other_slug!r} already")
            first = self.add_attribute(kind.slug, slug, "record-reference", multiselect=multiselect)
            end = OtherEnd(other, title_of(other_slug), other_slug, other_multiselect)
            inverse = relate(self._workspace, kind, kind.attributes[slug], end)
            other.attributes[other_slug] = inverse
            return first, inverse.id

    def add_option(self, target: str, attribute: str, title: str) -> str:
        """Add an option to a select, or a status to a status attribute; returns its id.

        Raises:
            ApiProblem: The object, list or attribute is unknown.
            ValueError: The attribute has no options, or one with that title.
        """
        with self._lock:
            found = self._target(target).attribute(attribute)
            if found is None:
                raise not_found(f'attribute with slug/ID "{attribute}"')
            if found.type not in ("select", "status") or any(c.title == title for c in found.choices):
                raise ValueError(f"cannot add the option {title!r} to {found.slug}, of type {found.type}")
            found.choices.append(Choice(self._workspace.new_id(), title))
            return found.choices[-1].id

    def _object(self, slug_or_id: str) -> ObjectType:
        kind = self._workspace.object_type(slug_or_id)
        if kind is None:
            raise not_found(f'object with slug/ID "{slug_or_id}"')
        return kind

    def _list(self, slug_or_id: str) -> ListType:
        kind = self._workspace.list_type(slug_or_id)
        if kind is None:
            raise not_found(f'list with slug/ID "{slug_or_id}"')
        return kind

    def _target(self, slug_or_id: str) -> Kind:
        workspace = self._workspace
        kind: Kind | None = (
            workspace.object_type(slug_or_id)
            or workspace.list_type(slug_or_id)
            or workspace.activity_type(slug_or_id)
        )
        if kind is None:
            raise not_found(f'object, list or activity with slug/ID "{slug_or_id}"')
        return kind


def title_of(slug: str) -> str:
    """What something with that slug is called where nobody says."""
    return slug.replace("_", " ").capitalize()
