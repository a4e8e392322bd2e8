"""Attio's filters with all short forms written out, so that two of them can be compared for what they ask.

Follows the guides, not the compiler: a bare value is equality, a comparison that has no property is one of the
attribute's usual property, and several attributes, properties or operators in one object must all hold. For an
attribute that can have several values, what is asked of one and the same value stays together.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from .workspace import schema

USUAL = {
    "checkbox": "value",
    "currency": "currency_value",
    "date": "value",
    "domain": "domain",
    "email-address": "email_address",
    "number": "value",
    "personal-name": "full_name",
    "phone-number": "phone_number",
    "rating": "value",
    "select": "option",
    "status": "status",
    "text": "value",
    "timestamp": "value",
}


def verbose(filter: Mapping[str, Any], queried: str) -> object:
    """Return the filter in one form for all ways of writing it."""
    asked: set[object] = set()
    if "path" in filter:
        path = tuple(map(tuple, filter["path"]))
        owner, slug = path[-1]
        return _one(_value(filter["constraints"], owner, slug, path), many=True)
    for key, content in filter.items():
        if key in {"$and", "$or"}:
            parts = frozenset(verbose(part, queried) for part in content)
            if key == "$and":
                asked |= {each for part in parts for each in _parts(part)}
            else:
                asked.add(("$or", parts))
        elif key == "$not":
            asked.add(("$not", verbose(content, queried)))
        else:
            atoms = _value(content, queried, key, ())
            asked |= set(_parts(_one(atoms, many=schema(queried).find(key).is_multiselect)))
    return asked.pop() if len(asked) == 1 else ("$and", frozenset(asked))


def _parts(filter: Any) -> frozenset[object]:
    return filter[1] if filter[0] == "$and" else frozenset([filter])


def _one(atoms: frozenset[object], *, many: bool) -> Any:
    if len(atoms) == 1:
        return next(iter(atoms))
    return ("same value" if many else "$and", atoms)


def _value(content: Any, owner: str, slug: str, path: object) -> frozenset[object]:
    kind = schema(owner).find(slug).type
    usual = USUAL.get(kind, "none")
    properties = content if isinstance(content, dict) else {usual: content}
    if isinstance(content, dict) and all(name.startswith("$") for name in content):
        properties = {usual: content}
    return frozenset(
        (path, slug, name, operator, _plain(value, kind))
        for name, asked in properties.items()
        for operator, value in (asked.items() if isinstance(asked, dict) else [("$eq", asked)])
    )


def _plain(value: Any, kind: str) -> object:
    if isinstance(value, list):
        return tuple(value)
    # The guide takes amounts as numbers and as texts.
    return Decimal(str(value)) if kind == "currency" else value
