"""Objects, lists, activities, attributes, options, members, records and entries. Pure data."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

import attrs

ATTRIBUTE_TYPES: Final = (
    "text",
    "number",
    "checkbox",
    "currency",
    "date",
    "timestamp",
    "rating",
    "status",
    "select",
    "record-reference",
    "actor-reference",
    "location",
    "domain",
    "email-address",
    "phone-number",
    "interaction",
    "personal-name",
)

MULTISELECT_TYPES: Final = frozenset(
    {"select", "record-reference", "actor-reference", "domain", "email-address", "phone-number"}
)

CHOICE_KEYS: Final[Mapping[str, str]] = {"select": "option", "status": "status"}
"""The field of a value that holds its option or status, by the type of the attribute."""

Value = dict[str, Any]
"""A stored value: active_from, active_until, created_by_actor, the fields of its type, attribute_type.

The value of a select holds the id of its option, that of a status attribute the id of its status, as titles change.
"""


@attrs.define
class Choice:
    """A select option, or a status."""

    id: str
    title: str
    is_archived: bool = False
    celebration_enabled: bool = False
    target_time_in_status: str | None = None


@attrs.define
class Default:
    """The default of an attribute, for new records and entries to which nothing is written.

    Args:
        type: `static` or `dynamic`.
        template: Of a dynamic default: `current-user`, or a duration from now.
        values: Of a static default: the fields of its values as they are stored.
    """

    type: str
    template: str | None
    values: list[dict[str, Any]]


@attrs.define(kw_only=True)
class FakeAttribute:
    """An attribute of an object, list or activity."""

    id: str
    slug: str
    title: str
    type: str = attrs.field(validator=attrs.validators.in_(ATTRIBUTE_TYPES))
    created_at: str
    description: str | None = None
    is_multiselect: bool = False
    is_unique: bool = False
    is_required: bool = False
    is_writable: bool = True
    is_system: bool = False
    is_archived: bool = False
    choices: list[Choice] = attrs.field(factory=list[Choice])
    currency_code: str | None = None
    currency_display: str | None = None
    allowed_objects: list[str] | None = None
    """Slugs of the objects that a record reference may point to; None for any."""
    default: Default | None = None
    inverse: tuple[str, str] | None = None
    """Object and attribute at the other end of a relationship."""

    def __attrs_post_init__(self) -> None:
        if self.is_multiselect and self.type not in MULTISELECT_TYPES:
            raise ValueError(
                f"{self.slug} cannot be multiselect: attributes of type {self.type} hold one value"
            )

    @property
    def is_id(self) -> bool:
        """True if its value is the id of its record or entry."""
        return self.is_system and self.slug in ("record_id", "entry_id")

    @property
    def choice_titles(self) -> list[str]:
        """The titles of the options or statuses that can be written."""
        return [choice.title for choice in self.choices if not choice.is_archived]

    def choice(self, title_or_id: str) -> Choice | None:
        """Return the option or status with that id or exact title, unless it is archived."""
        for choice in self.choices:
            if title_or_id in (choice.id, choice.title) and not choice.is_archived:
                return choice
        return None

    def choice_by_id(self, identifier: str) -> Choice:
        """Return the option or status with that id, archived or not."""
        return next(choice for choice in self.choices if choice.id == identifier)


@attrs.define(kw_only=True)
class Kind:
    """An object with records, a list with entries, or an activity with records: attributes, and rows of values."""

    noun: ClassVar[str]
    row_noun: ClassVar[str] = "record"
    id: str
    slug: str
    created_at: str
    attributes: dict[str, FakeAttribute] = attrs.field(factory=dict[str, FakeAttribute])

    def attribute(self, slug_or_id: str) -> FakeAttribute | None:
        """Return the attribute with that slug or id."""
        found = self.attributes.get(slug_or_id)
        if found is not None:
            return found
        return next((attribute for attribute in self.attributes.values() if attribute.id == slug_or_id), None)


@attrs.define(kw_only=True)
class ObjectType(Kind):
    """An object: companies, people, or one of the workspace's own."""

    noun: ClassVar[str] = "object"
    singular: str
    plural: str


@attrs.define(kw_only=True)
class ListType(Kind):
    """A list of records of one object."""

    noun: ClassVar[str] = "list"
    row_noun: ClassVar[str] = "entry"
    name: str
    parent_object: str
    """The slug of the object whose records can be in the list."""
    workspace_access: str | None
    member_access: list[dict[str, str]]
    created_by: dict[str, Any]


@attrs.define(kw_only=True)
class ActivityType(Kind):
    """An activity: calls, e-mails, or another kind of interaction."""

    noun: ClassVar[str] = "activity"
    singular: str
    plural: str
    extends: str | None = None
    """The slug of the activity that it extends; None for Attio's own."""


@attrs.define
class FakeMember:
    """A workspace member."""

    id: str
    first_name: str
    last_name: str
    email_address: str
    created_at: str
    access_level: str = "admin"
    avatar_url: str | None = None


@attrs.frozen
class Parent:
    """The record that a list entry is about."""

    object: str
    record_id: str


@attrs.define
class FakeRecord:
    """A record or list entry: its current values by attribute slug, and its history.

    `kind` is the id of its object, list or activity. Entries have a parent, records have none.
    """

    id: str
    kind: str
    created_at: str
    parent: Parent | None = None
    values: dict[str, list[Value]] = attrs.field(factory=dict[str, list[Value]])
    history: dict[str, list[Value]] = attrs.field(factory=dict[str, list[Value]])

    @property
    def about(self) -> Parent:
        """The record that an entry is about.

        Raises:
            LookupError: This is a record.
        """
        if self.parent is None:
            raise LookupError(f"{self.id} is a record, not a list entry")
        return self.parent
