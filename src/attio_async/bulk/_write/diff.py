"""Whether what is to be written is there already. Pure.

Both sides are brought into one form per attribute type: what Attio keeps of a value, however it was written.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any, Literal, cast

import attrs

from ..._records.models import Valued
from ..._schema import Attribute, ObjectSchema
from ...errors import CoercionError
from ...values import Phone, Value, coerce
from ...values._encoders.contacts import domain_of
from ...values._spec import Misfit

Mode = Literal["replace", "add"]
"""Whether the values of a multiselect attribute take the place of those there, or are added to them."""

_KEY_OF_TEXT = {
    "companies": "domains",
    "people": "email_addresses",
    "users": "user_id",
    "workspaces": "workspace_id",
}
_NAME = ("first_name", "last_name", "full_name")
_COORDINATES = frozenset({"latitude", "longitude"})


@attrs.frozen
class AttributeChange:
    """What a write changes of one attribute; `old` and `new` are lists of values in Attio's shape."""

    attribute: str
    old: list[Any]
    new: list[Any]

    def __str__(self) -> str:
        return f"{self.attribute}: {_shown(self.old)} -> {_shown(self.new)}"


@attrs.frozen
class Reference:
    """A record that is named by one of its unique values instead of its id."""

    object: str
    attribute: str
    value: Hashable


class _Unlike:
    """Equal to nothing but itself: a value whose form in Attio cannot be told here."""


@attrs.frozen
class Comparer:
    """Compares with what is known of the workspace.

    Attributes:
        schema: The attributes; None when they could not be read, and then everything counts as changed.
        members: E-mail addresses and names of members, case-folded, to their ids.
        references: Ids of the records that are named by a unique value, as far as they exist.
        objects: Slugs, ids and names of objects, case-folded, to their slugs.
    """

    schema: ObjectSchema | None
    members: Mapping[str, Sequence[str]] = attrs.field(factory=dict[str, Sequence[str]])
    references: Mapping[Reference, str] = attrs.field(factory=dict[Reference, str])
    objects: Mapping[str, str] = attrs.field(factory=dict[str, str])

    def changes(
        self, values: Mapping[str, Any], current: Valued, modes: Mapping[str, Mode], default: Mode
    ) -> list[AttributeChange]:
        """What writing these values, in Attio's shape, would change."""
        found: list[AttributeChange] = []
        for slug, given in values.items():
            new = _listed(given)
            there = current.values(slug)
            if not self._is_there(slug, new, there, modes.get(slug, default)):
                found.append(AttributeChange(slug, [self.written(slug, value) for value in there], new))
        return found

    def keys(self, slug: str, values: Any) -> list[Hashable]:
        """The forms of values in Attio's shape; those that cannot be told are left out."""
        forms = [self._form(slug, item, ()) for item in _listed(values)]
        return [form for form in forms if not isinstance(form, _Unlike)]

    def keys_of(self, slug: str, current: Valued) -> list[Hashable]:
        """The forms of the values that a record or entry has."""
        return [self._form_of(slug, value) for value in current.values(slug)]

    def named(self, values: Mapping[str, Any]) -> list[Reference]:
        """The records that a row refers to by a unique value."""
        return [
            reference
            for slug, items in values.items()
            if (attribute := self._attribute(slug)) is not None and attribute.type == "record-reference"
            for item in _listed(items)
            if (reference := self._reference(attribute, item)) is not None
        ]

    def written(self, slug: str, value: Value) -> Any:
        """A value that is there, in the shape in which it would be written."""
        attribute = self._attribute(slug)
        if attribute is None:
            return str(value.native)
        given: object = value
        if attribute.type == "timestamp":
            given = value.raw.get("value")  # all its digits
        try:
            return coerce(attribute, given)[0]
        except (CoercionError, IndexError):  # such as a type that nobody can write
            return str(value.native)

    def _is_there(self, slug: str, new: list[Any], there: Sequence[Value], mode: Mode) -> bool:
        wanted = {self._form(slug, item, there) for item in new}
        have = {self._form_of(slug, value) for value in there}
        if self._attribute(slug) is None:
            return False
        single = self.schema is not None and self.schema.is_single(slug)
        return wanted <= have if mode == "add" and not single else wanted == have

    def _attribute(self, slug: str) -> Attribute | None:
        attribute = self.schema.attributes.get(slug) if self.schema is not None else None
        if attribute is None:
            return None
        # What is there may be of options and attributes that can no longer be written.
        return attrs.evolve(attribute, options=None, is_writable=True, is_archived=False)

    def _form_of(self, slug: str, value: Value) -> Hashable:
        attribute = self._attribute(slug)
        if attribute is not None and attribute.has_options:
            return str(value.native)
        return self._form(slug, self.written(slug, value), ())

    def _form(self, slug: str, item: Any, there: Sequence[Value]) -> Hashable:
        attribute = self.schema.attributes.get(slug) if self.schema is not None else None
        if attribute is None:
            return _Unlike()
        if attribute.has_options:
            return _title(attribute, item, there)
        if attribute.type == "location" and isinstance(item, str):
            same = there and _words(item) == _words(str(there[0].native))
            return self._form_of(slug, there[0]) if same else _Unlike()
        if attribute.type == "record-reference":
            return self._record(attribute, item)
        if attribute.type == "actor-reference":
            return self._member(item)
        return _FORMS.get(attribute.type, _unlike)(attribute, item)

    def _record(self, attribute: Attribute, item: Any) -> Hashable:
        if isinstance(item, dict) and "target_record_id" in item:
            return str(cast("dict[str, Any]", item)["target_record_id"])
        reference = self._reference(attribute, item)
        return self.references.get(reference, _Unlike()) if reference else _Unlike()

    def _reference(self, attribute: Attribute, item: Any) -> Reference | None:
        """The unique value by which a written reference names its record; None where it has the id, or cannot be told."""
        if isinstance(item, str):
            only = attribute.target_objects[0] if len(attribute.target_objects) == 1 else ""
            target = self.objects.get(only.casefold(), only)
            slug = _KEY_OF_TEXT.get(target)
            return Reference(target, slug, _folded(slug, item)) if slug else None
        if not isinstance(item, dict) or "target_record_id" in item:
            return None
        parts = cast("dict[str, Any]", item)
        slug = next((name for name in parts if name != "target_object"), None)
        values = _listed(parts.get(slug)) if slug else []
        inner = _inner(values[0]) if values else None
        if slug is None or inner is None:
            return None
        target = str(parts.get("target_object"))
        return Reference(self.objects.get(target.casefold(), target), slug, _folded(slug, inner))

    def _member(self, item: Any) -> Hashable:
        if isinstance(item, dict):
            return str(cast("dict[str, Any]", item).get("referenced_actor_id"))
        ids = self.members.get(str(item).casefold(), ())
        return ids[0] if len(ids) == 1 else _Unlike()


def _inner(value: Any) -> str | int | float | None:
    """The value in one that may be written as an object."""
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        value = next((part for name, part in fields.items() if name != "country_code"), None)
    return value if isinstance(value, str | int | float) else None


def _folded(slug: str, value: Any) -> Hashable:
    if not isinstance(value, str):
        return cast("Hashable", value)
    if slug == "domains":
        with suppress(Misfit):
            return domain_of(value)
    return value.casefold() if slug == "email_addresses" else value


def _words(address: str) -> list[str]:
    """The parts of an address in one text, which Attio takes apart and may put in another order."""
    return sorted(" ".join(part.split()).casefold() for part in address.split(",") if part.strip())


def _title(attribute: Attribute, item: Any, there: Sequence[Value]) -> Hashable:
    """The title of an option or status that is written by its title or id."""
    if isinstance(item, str):
        return item
    given = cast("dict[str, Any]", item) if isinstance(item, dict) else {}
    identity = given.get("option") or given.get("status")
    for option in attribute.options or ():
        if option.id == identity:
            return option.title
    for value in there:
        if identity in {value.option_id, value.status_id}:
            return str(value.native)
    return _Unlike()


def _phone(attribute: Attribute, item: Any) -> Hashable:
    if isinstance(item, str):
        return item
    given = cast("dict[str, Any]", item) if isinstance(item, dict) else {}
    number, country = given.get("original_phone_number"), given.get("country_code")
    if not isinstance(number, str):
        return _Unlike()
    if number.startswith("+"):
        return number
    try:
        return str(coerce(attribute, Phone(number, str(country)))[0])
    except CoercionError:  # what reads national numbers is not installed
        return _Unlike()


def _place(_: Attribute, item: Any) -> Hashable:
    parts = cast("dict[str, Any]", item) if isinstance(item, dict) else {}
    return tuple(
        sorted(
            (name, Decimal(str(part)).normalize() if name in _COORDINATES else part)
            for name, part in parts.items()
            if part is not None
        )
    )


def _name(_: Attribute, item: Any) -> Hashable:
    parts = cast("dict[str, Any]", item) if isinstance(item, dict) else {}
    return tuple(parts.get(part) or "" for part in _NAME) if parts else _Unlike()


def _exact(_: Attribute, item: Any) -> Hashable:
    return item if isinstance(item, str | int | bool) else _Unlike()


def _caseless(_: Attribute, item: Any) -> Hashable:
    return item.casefold() if isinstance(item, str) else _Unlike()


def _number(_: Attribute, item: Any) -> Hashable:
    return Decimal(str(item)).normalize()


def _unlike(_: Attribute, _item: Any) -> Hashable:
    return _Unlike()


_FORMS: Mapping[str, Callable[[Attribute, Any], Hashable]] = {
    **dict.fromkeys(("text", "checkbox", "date", "timestamp", "rating"), _exact),
    **dict.fromkeys(("domain", "email-address"), _caseless),
    **dict.fromkeys(("number", "currency"), _number),
    "location": _place,
    "personal-name": _name,
    "phone-number": _phone,
}


def _listed(values: object) -> list[Any]:
    return cast("list[object]", values) if isinstance(values, list) else [values]


def _shown(values: list[Any]) -> str:
    texts = [_text(value) for value in values]
    return ", ".join(texts) if texts else "nothing"


def _text(value: Any) -> str:
    if isinstance(value, dict):
        parts = cast("dict[str, Any]", value)
        for name in ("full_name", "target_record_id", "option", "status", "referenced_actor_id"):
            if parts.get(name):
                return str(parts[name])
        return " ".join(str(part) for part in parts.values() if part)
    return str(value)
