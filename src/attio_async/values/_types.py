"""Classes of attribute values: what is read, and what can be written where a plain text is not enough."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Self, TypeGuard
from urllib.parse import urlsplit

import attrs
import msgspec

from attio_async_api.json_data import JsonData, JsonFields, JsonValue

from .._utils.public import public
from ._names import name_parts

_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")

_SLUG_OF_URL_SEGMENT = {
    "company": "companies",
    "deal": "deals",
    "person": "people",
    "user": "users",
    "workspace": "workspaces",
}
"""The web app's addresses call the standard objects by their singular."""

_SCALARS = frozenset({str, int, float, bool, Decimal, date, datetime, type(None)})

_UNIQUE_ATTRIBUTE = {"domain": "domains", "email": "email_addresses"}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@public
def is_uuid(text: str) -> bool:
    """Return True if the text is a UUID in its usual form, with hyphens."""
    return _UUID.fullmatch(text) is not None


def canonical_id(text: str) -> str:
    """Return a UUID in lower case, as Attio writes it, so that the two compare equal; another text as it is."""
    return text.lower() if is_uuid(text) else text


def is_object(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Return True if the value is a JSON object, or a mapping that can become one."""
    # The first two checks spare most values the slow one against an abstract class.
    return type(value) is dict or (type(value) not in _SCALARS and isinstance(value, Mapping))


def text_or_none(value: object) -> str | None:
    """Return the value if it is a text, else None."""
    return value if isinstance(value, str) else None


def _joined(*parts: str | None, by: str = " ") -> str:
    return by.join(part for part in parts if part)


@public
@attrs.frozen
class PersonName(JsonValue):
    """A person's name as Attio keeps it. `str()` is the full name."""

    first_name: str | None = None
    last_name: str | None = None
    full_name: str | None = None

    def __str__(self) -> str:
        return self.full_name or _joined(self.first_name, self.last_name)


@public
@attrs.frozen
class Name:
    """A person's name to write. Without `full_name` it is the first name, a space and the last name."""

    first_name: str | None
    last_name: str | None = None
    full_name: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a name written as "Lovelace, Ada" or "Ada Lovelace".

        With a comma the last name comes first. Without one, the last word is the last name, together with particles and
        lower-case words before it ("Ludwig van Beethoven", "Chris Van Hollen"); a single word is a first name. Suffixes
        such as "Jr." and "PhD" are part of the full name alone, which is always the whole text.
        """
        return cls(*name_parts(text))

    def __str__(self) -> str:
        return self.full_name or _joined(self.first_name, self.last_name)


def _coordinate(value: str | float | Decimal | None) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return format(Decimal(repr(value) if isinstance(value, float) else value), "f")


ADDRESS_PARTS = ("line_1", "line_2", "line_3", "line_4", "locality", "region", "postcode", "country_code")
"""All parts of a location but its coordinates, in the order of an address."""


@public
@attrs.frozen(kw_only=True)
class Location(JsonValue):
    """A place, read or to write. `str()` is a readable one-line address.

    Written as a whole: parts that are None are cleared. `country_code` is ISO 3166-1 alpha-2 ("FR");
    coordinates are decimal degrees, kept as text so that no digit is lost.
    """

    line_1: str | None = None
    line_2: str | None = None
    line_3: str | None = None
    line_4: str | None = None
    locality: str | None = None
    region: str | None = None
    postcode: str | None = None
    country_code: str | None = None
    latitude: str | None = attrs.field(default=None, converter=_coordinate)
    longitude: str | None = attrs.field(default=None, converter=_coordinate)

    def _json_fields(self) -> JsonFields:
        return [(name, part) for name, part in super()._json_fields() if part is not None]

    def __str__(self) -> str:
        address = _joined(*(getattr(self, part) for part in ADDRESS_PARTS), by=", ")
        return address or _joined(self.latitude, self.longitude, by=", ")


@public
@attrs.frozen
class RecordRef(JsonValue):
    """A reference to a record by id. `object` is the slug or id of its object."""

    object: str
    record_id: str

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Return the record at an address of the web app, such as https://app.attio.com/example/company/...

        Raises:
            ValueError: It is not the address of a record.
        """
        address = url.strip()
        parts = urlsplit(address if "//" in address else f"//{address}")
        _workspace, *segments = [segment for segment in parts.path.split("/") if segment] or [""]
        place = next((index for index, segment in enumerate(segments) if is_uuid(segment)), 0)
        if parts.hostname != "app.attio.com" or place == 0:
            raise ValueError(f"{url!r} is not the address of a record")
        # The id comes after the object, for some objects with the word "record" between them.
        named = place - 2 if segments[place - 1] == "record" and place > 1 else place - 1
        return cls(_SLUG_OF_URL_SEGMENT.get(segments[named], segments[named]), segments[place])

    def _json_fields(self) -> JsonFields:
        return [("target_object", self.object), ("target_record_id", self.record_id)]

    def __str__(self) -> str:
        return self.record_id


@public
@attrs.frozen
class ActorRef(JsonValue):
    """A reference to an actor: the member, app or token that did something.

    `type` is "workspace-member", "api-token", "system", "app" or another; `id` is None for the system. Only
    workspace members can be written.

    https://docs.attio.com/docs/actors
    """

    type: str | None
    id: str | None

    def _json_fields(self) -> JsonFields:
        return [("referenced_actor_type", self.type), ("referenced_actor_id", self.id)]

    def __str__(self) -> str:
        return self.id or self.type or ""


@public
@attrs.frozen
class Interaction(JsonValue):
    """A meeting, call or e-mail with a record. Attio writes these; they are read-only.

    https://docs.attio.com/docs/attribute-types/attribute-types-interaction
    """

    type: str | None
    at: datetime | None
    owner: ActorRef | None

    def _json_fields(self) -> JsonFields:
        return [("interaction_type", self.type), ("interacted_at", self.at), ("owner_actor", self.owner)]


@public
@attrs.frozen
class UnknownValue(JsonValue):
    """A value of a type, or in a shape, that is newer than this package. `raw` is all of it."""

    attribute_type: str | None
    raw: Any = attrs.field(hash=False)

    def _json_fields(self) -> JsonFields:
        return [("attribute_type", self.attribute_type), ("raw", self.raw)]

    def _as_json(self) -> Any:
        return msgspec.to_builtins(self.raw, str_keys=True, enc_hook=str)  # in C, however deeply it is nested


@public
@attrs.frozen
class Phone:
    """A phone number to write; a number in national form needs its region.

    `region` is an ISO 3166-1 alpha-2 code ("GB"). It is not used for a number that starts with "+".
    """

    number: str
    region: str | None = None

    def __str__(self) -> str:
        return self.number


@public
@attrs.frozen(init=False)
class Ref:
    """A reference to a record by id or by one unique attribute: `Ref("companies", domain="example.com")`.

    `domain` stands for `domains` and `email` for `email_addresses`. The record has to exist when the reference is
    written.

    Raises:
        TypeError: Not exactly one of `record_id` and a unique attribute was given.
    """

    object: str
    record_id: str | None
    attribute: str | None
    value: Any = attrs.field(hash=False)

    def __init__(self, target: str, record_id: str | None = None, /, **unique: Any) -> None:
        record_id = unique.pop("record_id", record_id)
        if (record_id is not None) + len(unique) != 1:
            names = [*(["record_id"] if record_id is not None else []), *unique]
            raise TypeError(
                "Ref takes either a record_id or one unique attribute, such as domain='example.com'; "
                f"got {', '.join(names) or 'neither'}"
            )
        name, value = next(iter(unique.items()), (None, None))
        attribute = _UNIQUE_ATTRIBUTE.get(name, name) if name is not None else None
        # The class is frozen, so its fields are set as attrs' own constructors set them.
        given = {"object": target, "record_id": record_id, "attribute": attribute, "value": value}
        for field, part in given.items():
            object.__setattr__(self, field, part)


@public
@attrs.frozen
class Member:
    """A workspace member to write, by e-mail address, id or full name. E-mail address and id need no lookup."""

    email_or_id_or_name: str

    def __str__(self) -> str:
        return self.email_or_id_or_name


def _part(raw: object, *path: str) -> str | None:
    for key in path:
        raw = raw.get(key) if is_object(raw) else None
    return text_or_none(raw)


@public
@attrs.frozen
class Value(JsonData):
    """One value of an attribute with its history: when it held, and who wrote it.

    `active_until` is None while the value is current. `native` is the value that reading the attribute gives, `raw`
    the value as the API sent it. Properties that its type does not have are None.
    """

    native: Any = attrs.field(hash=False)
    active_from: datetime | None
    active_until: datetime | None
    created_by: ActorRef | None
    attribute_type: str | None
    raw: Mapping[str, Any] = attrs.field(hash=False, repr=False)

    @property
    def option_id(self) -> str | None:
        """The id of a select option."""
        return _part(self.raw, "option", "id", "option_id")

    @property
    def status_id(self) -> str | None:
        """The id of a status."""
        return _part(self.raw, "status", "id", "status_id")

    @property
    def currency_code(self) -> str | None:
        """The ISO 4217 code of a currency value, which belongs to the attribute."""
        return _part(self.raw, "currency_code")

    @property
    def country_code(self) -> str | None:
        """The ISO 3166-1 alpha-2 code of a phone number or a location."""
        return _part(self.raw, "country_code")

    @property
    def root_domain(self) -> str | None:
        """The registered domain of a domain or an e-mail address."""
        return _part(self.raw, "root_domain") or _part(self.raw, "email_root_domain")

    @property
    def original(self) -> str | None:
        """A phone number or e-mail address as it was entered."""
        return _part(self.raw, "original_phone_number") or _part(self.raw, "original_email_address")

    @property
    def nanoseconds(self) -> int | None:
        """A timestamp in nanoseconds since 1970-01-01 UTC; its `native` has microseconds only."""
        if self.attribute_type != "timestamp" or not isinstance(self.native, datetime):
            return None
        fraction = re.search(r"\.(\d+)", _part(self.raw, "value") or "")
        whole = (self.native.replace(microsecond=0) - _EPOCH) // timedelta(seconds=1)
        return whole * 10**9 + (int(fraction[1][:9].ljust(9, "0")) if fraction else 0)
