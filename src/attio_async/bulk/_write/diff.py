"""The difference between the values of a row and those that exist. Pure.

Both sides are brought into one form per attribute type: what Attio keeps of a value, however it was written.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any, Literal, cast

import attrs

from attio_async_api.json_data import JsonData

from ..._records.models import AttributeMapping
from ..._schema import Attribute, ObjectSchema
from ..._utils.public import public
from ..._utils.text import folded
from ...errors import CoercionError
from ...values import Phone, Value, coerce
from ...values._encoders.contacts import domain_of
from ...values._spec import EncodeError

Mode = Literal["replace", "add"]
"""The effect on a multiselect attribute: values replace the existing ones, or are added to them."""

_KEY_OF_TEXT = {
    "companies": "domains",
    "people": "email_addresses",
    "users": "user_id",
    "workspaces": "workspace_id",
}
_NAME = ("first_name", "last_name", "full_name")
_COORDINATES = frozenset({"latitude", "longitude"})


@public
@attrs.frozen
class AttributeChange(JsonData):
    """The change of one attribute by a write; `old` and `new` are lists of values in Attio's shape."""

    attribute: str
    old: list[Any]
    new: list[Any]

    def __str__(self) -> str:
        return f"{self.attribute}: {_shown(self.old)} -> {_shown(self.new)}"


@attrs.frozen
class Reference:
    """A reference to a record by one of its unique values."""

    object: str
    attribute: str
    value: Hashable


class _Unknown:
    """The form of a value whose form in Attio is not known here; equal to nothing but itself."""


@attrs.frozen
class Comparer:
    """Compares values, with what is known of the workspace.

    Attributes:
        schema: The attributes; None when they could not be read, and then everything counts as changed.
        members: Email addresses and names of members, case-folded, to their ids.
        references: Ids of the records that are referred to by a unique value, as far as they exist.
        objects: Slugs, ids and names of objects, case-folded, to their slugs.
    """

    schema: ObjectSchema | None
    members: Mapping[str, Sequence[str]] = attrs.field(factory=dict[str, Sequence[str]])
    references: Mapping[Reference, str] = attrs.field(factory=dict[Reference, str])
    objects: Mapping[str, str] = attrs.field(factory=dict[str, str])

    def changes(
        self, values: Mapping[str, Any], current: AttributeMapping, modes: Mapping[str, Mode], default: Mode
    ) -> list[AttributeChange]:
        """Return what writing these values, in Attio's shape, would change."""
        found: list[AttributeChange] = []
        for slug, given in values.items():
            new = _listed(given)
            old = current.values(slug)
            if not self._is_equal(slug, new, old, modes.get(slug, default)):
                found.append(AttributeChange(slug, [self.written(slug, value) for value in old], new))
        return found

    def keys(self, slug: str, values: Any) -> list[Hashable]:
        """Return the forms of values in Attio's shape, without those that are not known."""
        forms = [self._form(slug, item, ()) for item in _listed(values)]
        return [form for form in forms if not isinstance(form, _Unknown)]

    def keys_of(self, slug: str, current: AttributeMapping) -> list[Hashable]:
        """Return the forms of the values of a record or entry."""
        return [self._form_of(slug, value) for value in current.values(slug)]

    def references_of(self, values: Mapping[str, Any]) -> list[Reference]:
        """Return the references to records by a unique value."""
        return [
            reference
            for slug, items in values.items()
            if (attribute := self._attribute(slug)) is not None and attribute.type == "record-reference"
            for item in _listed(items)
            if (reference := self._reference(attribute, item)) is not None
        ]

    def written(self, slug: str, value: Value) -> Any:
        """Return an existing value in the shape in which it would be written."""
        attribute = self._attribute(slug)
        if attribute is None:
            return str(value.native)
        given: object = value
        if attribute.type == "timestamp":
            given = value.raw.get("value")  # all its digits
        try:
            return coerce(attribute, given)[0]
        except (CoercionError, IndexError):  # such as a type that cannot be written
            return str(value.native)

    def _is_equal(self, slug: str, new: list[Any], old: Sequence[Value], mode: Mode) -> bool:
        wanted = {self._form(slug, item, old) for item in new}
        have = {self._form_of(slug, value) for value in old}
        if self._attribute(slug) is None:
            return False
        single = self.schema is not None and self.schema.is_single(slug)
        return wanted <= have if mode == "add" and wanted and not single else wanted == have

    def _attribute(self, slug: str) -> Attribute | None:
        attribute = self.schema.attributes.get(slug) if self.schema is not None else None
        if attribute is None:
            return None
        # An existing value may be an option, or of an attribute, that can no longer be written.
        return attrs.evolve(attribute, options=None, is_writable=True, is_archived=False)

    def _form_of(self, slug: str, value: Value) -> Hashable:
        attribute = self._attribute(slug)
        if attribute is not None and attribute.has_options:
            return str(value.native)
        return self._form(slug, self.written(slug, value), ())

    def _form(self, slug: str, item: Any, old: Sequence[Value]) -> Hashable:
        attribute = self.schema.attributes.get(slug) if self.schema is not None else None
        if attribute is None:
            return _Unknown()
        if attribute.has_options:
            return _title(attribute, item, old)
        if attribute.type == "location" and isinstance(item, str):
            same = old and _address_parts(item) == _address_parts(str(old[0].native))
            return self._form_of(slug, old[0]) if same else _Unknown()
        if attribute.type == "record-reference":
            return self._record(attribute, item)
        if attribute.type == "actor-reference":
            return self._member(item)
        return _FORMS.get(attribute.type, _unknown)(attribute, item)

    def _record(self, attribute: Attribute, item: Any) -> Hashable:
        if isinstance(item, dict) and "target_record_id" in item:
            return str(cast("dict[str, Any]", item)["target_record_id"])
        reference = self._reference(attribute, item)
        return self.references.get(reference, _Unknown()) if reference else _Unknown()

    def _reference(self, attribute: Attribute, item: Any) -> Reference | None:
        """Return the reference of a written value; None where it has the record's id, or is not known."""
        if isinstance(item, str):
            only = attribute.target_objects[0] if len(attribute.target_objects) == 1 else ""
            target = self.objects.get(folded(only), only)
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
        return Reference(self.objects.get(folded(target), target), slug, _folded(slug, inner))

    def _member(self, item: Any) -> Hashable:
        if isinstance(item, dict):
            return str(cast("dict[str, Any]", item).get("referenced_actor_id"))
        ids = self.members.get(folded(str(item)), ())
        return ids[0] if len(ids) == 1 else _Unknown()


def _inner(value: Any) -> str | int | float | None:
    """Return the plain value of one that may be written as an object."""
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        value = next((part for name, part in fields.items() if name != "country_code"), None)
    return value if isinstance(value, str | int | float) else None


def _folded(slug: str, value: Any) -> Hashable:
    if not isinstance(value, str):
        return cast("Hashable", value)
    if slug == "domains":
        with suppress(EncodeError):
            return domain_of(value)
    return value.casefold() if slug == "email_addresses" else value


def _address_parts(address: str) -> list[str]:
    """Return the parts of an address in one text, which Attio takes apart and may reorder."""
    return sorted(" ".join(part.split()).casefold() for part in address.split(",") if part.strip())


def _title(attribute: Attribute, item: Any, old: Sequence[Value]) -> Hashable:
    """Return the title of an option or status that is written by its title or id."""
    if isinstance(item, str):
        return item
    given = cast("dict[str, Any]", item) if isinstance(item, dict) else {}
    identity = given.get("option") or given.get("status")
    for option in attribute.options or ():
        if option.id == identity:
            return option.title
    for value in old:
        if identity in {value.option_id, value.status_id}:
            return str(value.native)
    return _Unknown()


def _phone(attribute: Attribute, item: Any) -> Hashable:
    if isinstance(item, str):
        return item
    given = cast("dict[str, Any]", item) if isinstance(item, dict) else {}
    number, country = given.get("original_phone_number"), given.get("country_code")
    if not isinstance(number, str):
        return _Unknown()
    if number.startswith("+"):
        return number
    try:
        return str(coerce(attribute, Phone(number, str(country)))[0])
    except CoercionError:  # the extra that reads national numbers is not installed
        return _Unknown()


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
    return tuple(parts.get(part) or "" for part in _NAME) if parts else _Unknown()


def _exact(_: Attribute, item: Any) -> Hashable:
    return item if isinstance(item, str | int | bool) else _Unknown()


def _caseless(_: Attribute, item: Any) -> Hashable:
    return folded(item) if isinstance(item, str) else _Unknown()


def _number(_: Attribute, item: Any) -> Hashable:
    return Decimal(str(item)).normalize()


def _unknown(_: Attribute, _item: Any) -> Hashable:
    return _Unknown()


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
