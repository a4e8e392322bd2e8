"""JSON Schema of the values of attributes, by type: what may be written, and what is read.

What a schema to write accepts, `create` accepts as well. Some are narrower than `create`: they name one form of each value,
so that forms and models need not choose. Patterns do not rely on a validator that checks formats.
https://json-schema.org/draft/2020-12
"""

from collections.abc import Sequence
from typing import Any, Literal

Purpose = Literal["create", "update", "read"]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_MAX_TEXT_CHARS = 2_500_000  # 10 MB in any alphabet
_MAX_WHOLE = 10**15
_AMOUNT = r"^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,4})?$"
_VISIBLE = "[0-9A-Za-z\u00c0-\u05ff\u0620-\u167f\u1681-\u17ff\u1f00-\u1fff\u3041-\ud7a3]"
_UUID = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
_HOST = r"([A-Za-z0-9]([A-Za-z0-9-]{0,40}[A-Za-z0-9])?\.){1,4}[A-Za-z]{2,20}$"
_EMAIL = f"^[A-Za-z0-9_+-]{{1,30}}(\\.[A-Za-z0-9_+-]{{1,30}})?@{_HOST}"
_DAY_OF_MONTH = (
    "((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
)
_LEAP_YEAR = "([12][0-9](0[48]|[2468][048]|[13579][26])|(12|16|20|24|28)00)"
_DATE = f"([12][0-9]{{3}}-{_DAY_OF_MONTH}|{_LEAP_YEAR}-02-29)"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])"

_NAME_PARTS = ("first_name", "last_name", "full_name")
_LOCATION_PARTS = (
    *("line_1", "line_2", "line_3", "line_4", "locality", "region", "postcode"),
    *("country_code", "latitude", "longitude"),
)


def _text(**more: Any) -> dict[str, Any]:
    return {"type": "string", **more}


def _object(properties: dict[str, Any], required: Sequence[str] = ()) -> dict[str, Any]:
    found = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**found, "required": list(required)} if required else {**found, "minProperties": 1}


_VISIBLE_TEXT = _text(pattern=_VISIBLE)
_AMOUNT_TEXT = _text(pattern=_AMOUNT, description='With at most four decimals, such as "1234.50".')
_WHOLE = {"type": "integer", "minimum": -_MAX_WHOLE, "maximum": _MAX_WHOLE}
_EMAIL_TEXT = _text(format="email", pattern=_EMAIL)
_ID = _text(format="uuid", pattern=_UUID, maxLength=36)
_DEGREES = _text(pattern=r"^-?[0-8]?[0-9](\.[0-9]{1,8})?$")

_WRITTEN: dict[str, dict[str, Any]] = {
    "checkbox": {"type": "boolean"},
    "currency": {"anyOf": [_WHOLE, _AMOUNT_TEXT]},
    "date": _text(format="date", pattern=f"^{_DATE}$"),
    "domain": _text(format="hostname", pattern=f"^{_HOST}"),
    "email-address": _EMAIL_TEXT,
    "location": {
        "anyOf": [
            _text(pattern=_VISIBLE, description="An address on one line."),
            _object(
                {
                    **dict.fromkeys(_LOCATION_PARTS, _VISIBLE_TEXT),
                    "country_code": _text(pattern="^([A-DF-TV-Z][A-Z]|E[A-KM-Z]|U[A-JL-Z])$"),
                    "latitude": _DEGREES,
                    "longitude": _DEGREES,
                }
            ),
        ]
    },
    "number": {"anyOf": [_WHOLE, _AMOUNT_TEXT]},
    "personal-name": {
        "anyOf": [
            _text(pattern=_VISIBLE, description='"Last, First" or "First Last".'),
            _object(dict.fromkeys(_NAME_PARTS, _VISIBLE_TEXT)),
        ]
    },
    "phone-number": _text(pattern=r"^\+[1-9][0-9]{6,14}$", description="In E.164, such as +442079460000."),
    "rating": {"type": "integer", "minimum": 0, "maximum": 5},
    "actor-reference": {
        "anyOf": [_EMAIL_TEXT, _ID],
        "description": "A workspace member, by e-mail address or id.",
    },
    "text": _text(maxLength=_MAX_TEXT_CHARS),
    "timestamp": _text(format="date-time", pattern=f"^{_DATE}T{_TIME}$"),
}
_OF_ANY_TYPE = {
    "type": ["string", "integer", "boolean"],
    "maxLength": _MAX_TEXT_CHARS,
    "minimum": -_MAX_WHOLE,
    "maximum": _MAX_WHOLE,
}

_TEXT_OR_NULL = {"type": ["string", "null"]}
_ACTOR = _object(dict.fromkeys(("referenced_actor_type", "referenced_actor_id"), _TEXT_OR_NULL))
_READ: dict[str, dict[str, Any]] = {
    "actor-reference": _ACTOR,
    "checkbox": {"type": "boolean"},
    "currency": _text(description="An amount as text, so that no digit is lost."),
    "date": _text(format="date"),
    "domain": _text(format="hostname"),
    "email-address": _text(format="email"),
    "interaction": _object(
        {
            "interaction_type": _TEXT_OR_NULL,
            "interacted_at": {**_TEXT_OR_NULL, "format": "date-time"},
            "owner_actor": {"anyOf": [_ACTOR, {"type": "null"}]},
        }
    ),
    "location": {"type": "object", "properties": dict.fromkeys(_LOCATION_PARTS, _text())},
    "number": {"type": "number"},
    "personal-name": _object(dict.fromkeys(_NAME_PARTS, _TEXT_OR_NULL)),
    "phone-number": _text(),
    "rating": {"type": "integer"},
    "record-reference": _object({"target_object": _text(), "target_record_id": _text()}),
    "select": _text(),
    "status": _text(),
    "text": _text(),
    "timestamp": _text(format="date-time"),
}


def value_schema(
    type: str, purpose: Purpose, *, options: Sequence[str] | None = None, targets: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the schema of one value of an attribute.

    Args:
        type: The type of the attribute; one that is newer than this package has a loose schema.
        purpose: "read" for what is read, else what may be written.
        options: The titles of its options or statuses; None if they are unknown.
        targets: The slugs or ids of the objects that it may refer to; empty if unknown.
    """
    if purpose == "read":
        return dict(_READ.get(type, {}))
    if type in {"select", "status"}:
        titles = [str(title) for title in dict.fromkeys(options or ()) if title.strip()]
        return _VISIBLE_TEXT if options is None else _text(enum=titles)
    if type == "record-reference":
        target = _text(enum=list(dict.fromkeys(map(str, targets)))) if targets else _VISIBLE_TEXT
        properties = {"target_object": target, "target_record_id": _ID}
        return _object(properties, tuple(properties))
    return dict(_WRITTEN.get(type, _OF_ANY_TYPE))
