"""The text of one CSV cell as a value: the inverse of `to_cell`."""

import json
import re

from ..._schema import Attribute
from ...bulk._export.csv import FORMULA
from ...values import ActorRef, RecordRef

_REFERENCE = re.compile(r"([a-z0-9][a-z0-9_-]*)/([0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})")
_REFERENCE_CLASSES = {"record-reference": RecordRef, "actor-reference": ActorRef}
_TYPES_WITH_PARTS = frozenset({"personal-name", "location", *_REFERENCE_CLASSES})


def unguard(cell: str) -> str:
    """Return the cell as it was before `guard`."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell


def split(cell: str, separator: str) -> list[str]:
    """Split a cell into its values, without surrounding blanks. A value in quotes may hold the separator."""
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
    """Return the value of a cell, ready to be coerced to the attribute; None for an empty cell."""
    text = unguard(cell)
    if not text.strip():
        return None
    if attribute.is_multiselect:
        return [_value(attribute, value) for value in split(text, separator)] or None
    return _value(attribute, text)


def _value(attribute: Attribute, text: str) -> object:
    if attribute.type not in _TYPES_WITH_PARTS:
        return text
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text)
        except ValueError:
            return text  # coercion says what is wrong with it
    found, reference = _REFERENCE.fullmatch(text.strip()), _REFERENCE_CLASSES.get(attribute.type)
    return reference(*found.groups()) if found and reference else text
