"""Which operators Attio documents for which attribute types, as data.

Each type of attribute has properties that can be compared, and each property knows some operators. What the
table does not list is refused before anything is sent, since the API answers it with an error or, worse, with
nothing. The table is the one thing that the client shares with the fake server.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    pass

# How a list entry refers to the record it is about.
PARENT = "parent_record"


_EQ = frozenset({"$eq"})


_PRESENCE = frozenset({"$not_empty"})


_TEXT = frozenset({"$contains", "$starts_with", "$ends_with"})


_ORDER = frozenset({"$lt", "$lte", "$gt", "$gte"})


class AttributeRules(NamedTuple):
    """What can be asked of attributes of one type.

    Attributes:
        default: The property that a comparison means when it names none; None where there is no such property.
        properties: The operators of each property.
        presence: The property whose presence stands for the presence of a value; None where the guides list no
            way of asking.
        unsearchable: Further properties, which can be read and sorted by but not filtered by.
    """

    default: str | None
    properties: Mapping[str, frozenset[str]]
    presence: str | None = None
    unsearchable: tuple[str, ...] = ()


def _each(names: str, operators: frozenset[str]) -> Mapping[str, frozenset[str]]:
    return dict.fromkeys(names.split(), operators)


# Attribute type to what can be asked of it. A type that is missing here is newer than this package.
RULES: Mapping[str, AttributeRules] = MappingProxyType(
    {
        "actor-reference": AttributeRules(None, _each("referenced_actor_type referenced_actor_id", _EQ)),
        "checkbox": AttributeRules("value", _each("value", _EQ)),
        "currency": AttributeRules(
            "currency_value", _each("currency_value", _EQ | _ORDER), unsearchable=("currency_code",)
        ),
        "date": AttributeRules("value", _each("value", _EQ | _ORDER)),
        "domain": AttributeRules("domain", _each("domain root_domain", _EQ | _PRESENCE | _TEXT), "domain"),
        "email-address": AttributeRules(
            "email_address",
            _each("email_address email_domain email_root_domain email_local_specifier", _EQ | _TEXT),
            unsearchable=("original_email_address",),
        ),
        "interaction": AttributeRules(
            None,
            {
                "owner_member_id": _EQ | _PRESENCE,
                "interacted_at": _EQ | _ORDER,
                "interaction_type": _EQ | _PRESENCE,
            },
            "owner_member_id",
        ),
        "location": AttributeRules(
            None,
            {
                **_each("line_1 line_2 line_3 line_4 locality region postcode", _EQ | _TEXT),
                "country_code": _EQ | {"$starts_with"},
            },
            unsearchable=("latitude", "longitude"),
        ),
        "number": AttributeRules("value", _each("value", _EQ | _ORDER)),
        "personal-name": AttributeRules(
            "full_name", _each("first_name last_name full_name", _EQ | _PRESENCE | _TEXT), "full_name"
        ),
        "phone-number": AttributeRules(
            "phone_number",
            {"phone_number": _EQ | _TEXT, "country_code": _EQ | _PRESENCE},
            unsearchable=("original_phone_number", "normalized_phone_number"),
        ),
        "rating": AttributeRules("value", _each("value", _EQ | _ORDER)),
        "record-reference": AttributeRules(None, {"target_object": _EQ, "target_record_id": _EQ | {"$in"}}),
        "select": AttributeRules("option", {"option": _EQ, "active_from": _ORDER}),
        "status": AttributeRules("status", {"status": _EQ, "active_from": _ORDER}),
        "text": AttributeRules("value", _each("value", _EQ | _TEXT | {"$in"})),
        "timestamp": AttributeRules("value", _each("value", _EQ | _ORDER)),
    }
)


# Attributes that every object, or every list, has under the same slug, and their types. Each holds one value.
SYSTEM_ATTRIBUTES: Mapping[str, str] = MappingProxyType(
    {
        "record_id": "text",
        "entry_id": "text",
        "created_at": "timestamp",
        "created_by": "actor-reference",
    }
)


def _by_property() -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for rules in RULES.values():
        for name, operators in rules.properties.items():
            found[name] = found.get(name, frozenset()) | operators
    return MappingProxyType(found)


_OF_ANY_TYPE = _by_property()


def operators_of(type: str | None) -> Mapping[str, frozenset[str]] | None:
    """The properties of a type and their operators.

    For None, a type that is not known here, what any type has. For a type that is newer than this package: None.
    """
    if type is None:
        return _OF_ANY_TYPE
    rules = RULES.get(type)
    return None if rules is None else rules.properties


def sort_fields(type: str | None) -> tuple[str, ...] | None:
    """The properties that attributes of a type can be sorted by; None and newer types as for `operators_of`."""
    if type is None:
        return tuple({name: None for rules in RULES.values() for name in _fields(rules)})
    rules = RULES.get(type)
    return None if rules is None else _fields(rules)


def _fields(rules: AttributeRules) -> tuple[str, ...]:
    return (*rules.properties, *rules.unsearchable)


# The operators that Python writes between its operands; the others are methods.
COMPARISONS = {"$eq": "==", "$lt": "<", "$lte": "<=", "$gt": ">", "$gte": ">="}
