"""Putting things into a fake workspace, and looking at what is there, without requests."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from . import views
from .problems import not_found, value_not_found
from .reports import report_member
from .schema import Attribute, Choice, Kind, ListType, Member, ObjectType, Parent
from .seeded import Seeded
from .stamps import SYSTEM
from .writes import Author, Writer


class Seeding(Seeded):
    """The part of `FakeAttio` that writes and reads its workspace in plain Python."""

    # Records and entries

    def create(self, object: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """A new record, as the API shows it. Takes what a request may write, and read-only attributes too.

        Raises:
            ApiProblem: The object is unknown, or a value cannot be written.
        """
        with self._lock:
            kind = self._object(object)
            record = self._writer(kind).create(values)
            return _copied(views.record_view(self._workspace, kind, record))

    def load(self, records: Mapping[str, Iterable[Mapping[str, Any]]]) -> dict[str, list[str]]:
        """Create many records, object by object; the ids of those made, in their order.

        ::

            fake.load({"companies": companies(100), "people": people(1000)})

        Args:
            records: Values of records, as `create` takes them, by the slug of their object.

        Raises:
            ApiProblem: As `create`; what came before it is made.
        """
        return {
            object: [self.create(object, values)["id"]["record_id"] for values in each]
            for object, each in records.items()
        }

    def records(self, object: str) -> list[dict[str, Any]]:
        """All records of an object as the API shows them, oldest first.

        Raises:
            ApiProblem: The object is unknown.
        """
        with self._lock:
            kind = self._object(object)
            found = self._workspace.records(kind)
            return [_copied(views.record_view(self._workspace, kind, record)) for record in found]

    def create_entry(
        self, list: str, record_id: str, values: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """A new list entry about a record, as the API shows it.

        Args:
            list: Slug or id of the list.
            record_id: Of a record of the list's parent object.
            values: Of the list's attributes.

        Raises:
            ApiProblem: The list or the record is unknown, or a value cannot be written.
        """
        with self._lock:
            kind = self._list(list)
            parent = self._object(kind.parent_object)
            if self._workspace.record(parent, record_id) is None:
                raise value_not_found(f'Cannot find record with ID "{record_id}" of object "{parent.slug}".')
            entry = self._writer(kind).create(values or {}, Parent(parent.slug, record_id))
            return _copied(views.entry_view(self._workspace, kind, entry))

    def entries(self, list: str) -> list[dict[str, Any]]:
        """All entries of a list as the API shows them, oldest first.

        Raises:
            ApiProblem: The list is unknown.
        """
        with self._lock:
            kind = self._list(list)
            found = self._workspace.records(kind)
            return [_copied(views.entry_view(self._workspace, kind, entry)) for entry in found]

    # Objects, lists and attributes

    def add_object(self, slug: str, singular: str | None = None, plural: str | None = None) -> str:
        """Add a custom object with only the attributes every object has; returns its id.

        Raises:
            ValueError: There is one with that slug.
        """
        with self._lock:
            if self._workspace.object_type(slug) is not None:
                raise ValueError(f"there is an object {slug!r} already")
            name = slug.replace("_", " ").capitalize()
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
                name=name or slug.replace("_", " ").capitalize(),
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

        Raises:
            ApiProblem: There is nothing of that name.
            ValueError: The attribute exists, the type is unknown or cannot be multiselect.
        """
        with self._lock:
            kind = self._target(target)
            if kind.attribute(slug) is not None:
                raise ValueError(f"{kind.slug} has an attribute {slug!r} already")
            attribute = Attribute(
                id=self._workspace.new_id(),
                slug=slug,
                title=title or slug.replace("_", " ").capitalize(),
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
            kind.attributes[slug] = attribute
            return attribute.id

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

    def add_member(self, email_address: str, first_name: str = "", last_name: str = "") -> str:
        """Add a workspace member; returns their id."""
        with self._lock:
            member = Member(
                self._workspace.new_id(), first_name, last_name, email_address, self._now(), "member"
            )
            self._workspace.data.members.append(member)
            report_member(self._workspace, member, self._stamp())
            return member.id

    def let_merges_take(self, seconds: float) -> None:
        """From now on merges are answered with 202 and done that much later by the clock; 0 does them at once.

        Until then the records they concern cannot be read: 404 `merge_in_progress`.

        Raises:
            ValueError: `seconds` is negative or not finite.
        """
        if not (math.isfinite(seconds) and seconds >= 0):
            raise ValueError(f"a merge takes a finite number of seconds from 0 up, not {seconds!r}")
        with self._lock:
            self._workspace.data.merge_seconds = seconds

    def _writer(self, kind: Kind) -> Writer:
        return Writer(self._workspace, kind, Author(self._stamp(), is_system=True))

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


def _copied(view: dict[str, Any]) -> dict[str, Any]:
    """A copy that shares nothing with the state."""
    copy: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(view))
    return copy
