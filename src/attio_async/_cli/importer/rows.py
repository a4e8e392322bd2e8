"""The lines of a file as the rows of a bulk job, and the text of a CSV cell as a value."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, cast

from ..._schema import Attribute
from ...bulk import Row
from ...bulk._export.csv import Formulas, unguard
from ...values import ActorRef, RecordRef, Ref
from ...values._types import is_uuid
from .columns import ColumnMap
from .failures import UnreadableRow
from .table import ImportTable

if TYPE_CHECKING:
    from ..._resources.objects import AttioObject


REFERENCE = re.compile(r"([a-z0-9][a-z0-9_-]*)/([0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})")
_REFERENCE_CLASSES = {"record-reference": RecordRef, "actor-reference": ActorRef}
_TYPES_WITH_PARTS = frozenset({"personal-name", "location", *_REFERENCE_CLASSES})


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
    if not cell.strip():
        return None
    if attribute.is_multiselect:
        return [_value(attribute, value) for value in split(cell, separator)] or None
    return _value(attribute, cell)


def _value(attribute: Attribute, text: str) -> object:
    if attribute.type not in _TYPES_WITH_PARTS:
        return text
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text)
        except ValueError:
            return text  # coercion says what is wrong with it
    found, reference = REFERENCE.fullmatch(text.strip()), _REFERENCE_CLASSES.get(attribute.type)
    return reference(*found.groups()) if found and reference else text


_WEB_APP = "https://app.attio.com/"
_REFERENCE_KEYS = {"companies": "domain", "people": "email"}


def reference_targets(attributes: Iterable[Attribute], objects: "Iterable[AttioObject]") -> dict[str, str]:
    """Return the object that each reference attribute refers to, by the attribute's slug, where it is only one."""
    slugs = {str(found.id): found.api_slug for found in objects}
    return {
        attribute.slug: slugs[attribute.target_objects[0]]
        for attribute in attributes
        if len(attribute.target_objects) == 1 and attribute.target_objects[0] in slugs
    }


def read_rows(
    table: ImportTable,
    columns: ColumnMap,
    separator: str,
    targets: Mapping[str, str],
    *,
    parent_column: str | None = None,
    formulas: Formulas = "escape",
) -> Iterator[Row]:
    """Yield the rows of a table, each labelled with its line.

    An empty cell says nothing about its attribute; it does not clear it.

    Args:
        table: The file.
        columns: The attribute of each column.
        separator: The text between several values in one cell.
        targets: As `reference_targets` returns them.
        parent_column: The column whose text finds the parent record of an entry.
        formulas: "escape" removes the apostrophes before formulas, "keep" leaves cells as they are.
    """

    def text(cell: str) -> str:
        return unguard(cell) if formulas == "escape" else cell

    for line in table:
        if line.problem is not None:
            yield Row({}, label=line.number, error=UnreadableRow(line.problem))
            continue
        values: dict[str, object] = {}
        for column, attribute in columns.attributes.items():
            value = line.cells.get(column)
            if table.delimiter is not None and isinstance(value, str):
                value = from_cell(attribute, text(value), separator)
            if value is not None and value not in ("", []):
                values[attribute.slug] = resolve_reference(attribute, value, targets.get(attribute.slug))
        parent = None if parent_column is None else text(_parent_text(line.cells.get(parent_column))).strip()
        yield Row(values, label=line.number, parent=parent)


def _parent_text(cell: object) -> str:
    """Return the text that finds a parent record; a reference in JSON is written as in CSV."""
    if isinstance(cell, dict):
        parts = cast("dict[str, object]", cell)
        return f"{parts.get('target_object')}/{parts.get('target_record_id')}"
    return str(cell or "")


def resolve_reference(attribute: Attribute, value: object, target: str | None) -> object:
    """Return a reference for the text of a reference attribute: an id, a domain, or companies/example.com.

    Args:
        attribute: The attribute.
        value: The text, or several; anything else is returned as it is.
        target: The object that the attribute refers to, where it is only one.
    """
    if isinstance(value, list):
        return [resolve_reference(attribute, item, target) for item in cast("list[object]", value)]
    if (
        attribute.type != "record-reference"
        or not isinstance(value, str)
        or value.strip().startswith(_WEB_APP)
    ):
        return value
    object_, _, key = value.strip().rpartition("/")
    object_ = object_ or target or ""
    if key and object_ == target and is_uuid(key):
        return RecordRef(object_, key)
    return Ref(object_, **{_REFERENCE_KEYS[object_]: key}) if key and object_ in _REFERENCE_KEYS else value
