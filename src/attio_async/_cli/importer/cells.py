"""The text of one CSV cell as a value: what `to_cell` writes, `from_cell` reads back to the same value."""

import json
import re

from ..._schema import Attribute
from ...bulk._export.csv import (
    FORMULA,
)
from ...values import ActorRef, RecordRef

_REFERENCE = re.compile(r"([a-z0-9][a-z0-9_-]*)/([0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})")
_WITH_PARTS = frozenset({"personal-name", "location", "record-reference", "actor-reference"})


def unguard(cell: str) -> str:
    """The cell as it was before `guard`."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell


def split(cell: str, separator: str) -> list[str]:
    """The values in one cell, without the blanks around them. Values in quotes may hold the separator."""
    end = rf"(?={re.escape(separator)}|\Z)"
    pattern = re.compile(rf'\s*(?:"((?:[^"]|"")*)"\s*?{end}|(.*?){end})', re.DOTALL)
    values: list[str] = []
    position = 0
    while position <= len(cell):
        found = pattern.match(cell, position)
        if found is None:  # pragma: no cover - the second alternative always matches
            raise AssertionError(cell)
        quoted, plain = found.groups()
        value = plain.strip() if quoted is None else quoted.replace('""', '"')
        if value:
            values.append(value)
        position = found.end() + len(separator)
    return values


def from_cell(attribute: Attribute, cell: str, separator: str) -> object:
    """What a cell says, ready to be coerced to the attribute; None for a cell that says nothing."""
    text = unguard(cell)
    if not text.strip():
        return None
    if attribute.is_multiselect:
        return [_value(attribute, value) for value in split(text, separator)] or None
    return _value(attribute, text)


def _value(attribute: Attribute, text: str) -> object:
    if attribute.type not in _WITH_PARTS:
        return text
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text)
        except ValueError:
            return text  # coercion says what is wrong with it
    found = _REFERENCE.fullmatch(text.strip())
    if found and attribute.type == "record-reference":
        return RecordRef(*found.groups())
    if found and attribute.type == "actor-reference":
        return ActorRef(*found.groups())
    return text
