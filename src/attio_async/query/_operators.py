"""The operators that Attio documents for each attribute type, as data.

Each type of attribute has properties that can be compared, and each property has some operators. What the table lacks
is refused before anything is sent, since the API answers it with an error or, worse, with no records. The table is the
only thing that the client shares with the fake server.

Operators: https://docs.attio.com/rest-api/how-to/filtering-and-sorting. Properties and operators of each type:
https://docs.attio.com/docs/attribute-types/attribute-types and the pages that it links to.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

PARENT = "parent_record"
"""The name by which a list entry refers to its record."""

SUBSTRING_OPERATORS = frozenset({"$contains", "$starts_with", "$ends_with"})
ORDER_OPERATORS = frozenset({"$lt", "$lte", "$gt", "$gte"})
COMPARISONS = {"$eq": "==", "$lt": "<", "$lte": "<=", "$gt": ">", "$gte": ">="}
"""The operators that Python writes between its operands; the others are methods."""

_EQ = frozenset({"$eq"})
_PRESENCE = frozenset({"$not_empty"})


class AttributeRules(NamedTuple):
    """The properties and operators of attributes of one type.

    Attributes:
        default: The property that a comparison without one means; None if it has none.
        properties: The operators of each property.
        presence: The property whose presence stands for the presence of a value; None if the guides document none.
        unsearchable: Further properties, which can be read and sorted by but not filtered by.
    """

    default: str | None
    properties: Mapping[str, frozenset[str]]
    presence: str | None = None
    unsearchable: tuple[str, ...] = ()


def _each(names: str, operators: frozenset[str]) -> Mapping[str, frozenset[str]]:
    return dict.fromkeys(names.split(), operators)


RULES: Mapping[str, AttributeRules] = MappingProxyType(
    {
        "actor-reference": AttributeRules(None, _each("referenced_actor_type referenced_actor_id", _EQ)),
        "checkbox": AttributeRules("value", _each("value", _EQ)),
        "currency": AttributeRules(
            "currency_value", _each("currency_value", _EQ | ORDER_OPERATORS), unsearchable=("currency_code",)
        ),
        "date": AttributeRules("value", _each("value", _EQ | ORDER_OPERATORS)),
        "domain": AttributeRules(
            "domain", _each("domain root_domain", _EQ | _PRESENCE | SUBSTRING_OPERATORS), "domain"
        ),
        "email-address": AttributeRules(
            "email_address",
            _each(
                "email_address email_domain email_root_domain email_local_specifier",
                _EQ | SUBSTRING_OPERATORS,
            ),
            unsearchable=("original_email_address",),
        ),
        "interaction": AttributeRules(
            None,
            {
                "owner_member_id": _EQ | _PRESENCE,
                "interacted_at": _EQ | ORDER_OPERATORS,
                "interaction_type": _EQ | _PRESENCE,
            },
            "owner_member_id",
        ),
        "location": AttributeRules(
            None,
            {
                **_each("line_1 line_2 line_3 line_4 locality region postcode", _EQ | SUBSTRING_OPERATORS),
                "country_code": _EQ | {"$starts_with"},
            },
            unsearchable=("latitude", "longitude"),
        ),
        "number": AttributeRules("value", _each("value", _EQ | ORDER_OPERATORS)),
        "personal-name": AttributeRules(
            "full_name",
            _each("first_name last_name full_name", _EQ | _PRESENCE | SUBSTRING_OPERATORS),
            "full_name",
        ),
        "phone-number": AttributeRules(
            "phone_number",
            {"phone_number": _EQ | SUBSTRING_OPERATORS, "country_code": _EQ | _PRESENCE},
            unsearchable=("original_phone_number", "normalized_phone_number"),
        ),
        "rating": AttributeRules("value", _each("value", _EQ | ORDER_OPERATORS)),
        "record-reference": AttributeRules(None, {"target_object": _EQ, "target_record_id": _EQ | {"$in"}}),
        "select": AttributeRules("option", {"option": _EQ, "active_from": ORDER_OPERATORS}),
        "status": AttributeRules("status", {"status": _EQ, "active_from": ORDER_OPERATORS}),
        "text": AttributeRules("value", _each("value", _EQ | SUBSTRING_OPERATORS | {"$in"})),
        "timestamp": AttributeRules("value", _each("value", _EQ | ORDER_OPERATORS)),
    }
)
"""By attribute type. A type that is missing here is newer than this package."""


SYSTEM_ATTRIBUTES: Mapping[str, str] = MappingProxyType(
    {
        "record_id": "text",
        "entry_id": "text",
        "created_at": "timestamp",
        "created_by": "actor-reference",
    }
)
"""Attributes that every object, or every list, has under the same slug, and their types. Each holds one value."""


ID_ATTRIBUTES = frozenset({"record_id", "entry_id"})
"""System attributes that the guides compare without naming a property."""


def _by_property() -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for rules in RULES.values():
        for name, operators in rules.properties.items():
            found[name] = found.get(name, frozenset()) | operators
    return MappingProxyType(found)


_OF_ANY_TYPE = _by_property()


def operators_of(type: str | None) -> Mapping[str, frozenset[str]] | None:
    """Return the properties of a type and their operators.

    For None, an unknown type, return those of all types; for a type that is newer than this package, None.
    """
    if type is None:
        return _OF_ANY_TYPE
    rules = RULES.get(type)
    return None if rules is None else rules.properties


def sort_fields(type: str | None) -> tuple[str, ...] | None:
    """Return the properties that attributes of a type can be sorted by; None and newer types as in `operators_of`."""
    if type is None:
        return tuple({name: None for rules in RULES.values() for name in _fields(rules)})
    rules = RULES.get(type)
    return None if rules is None else _fields(rules)


def _fields(rules: AttributeRules) -> tuple[str, ...]:
    return (*rules.properties, *rules.unsearchable)
