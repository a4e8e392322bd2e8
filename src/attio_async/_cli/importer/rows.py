"""The lines of a file as the rows of a bulk job."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, cast

from ..._schema import Attribute
from ...bulk import Row
from ...values import RecordRef, Ref
from ...values._types import is_uuid
from .cells import from_cell
from .columns import ColumnMap
from .failures import UnreadableRow
from .table import ImportTable

if TYPE_CHECKING:
    from ..._resources.objects import AttioObject

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
    table: ImportTable, columns: ColumnMap, separator: str, targets: Mapping[str, str]
) -> Iterator[Row]:
    """Yield the rows of a table, each labelled with its line.

    An empty cell says nothing about its attribute; it does not clear it.

    Args:
        table: The file.
        columns: The attribute of each column.
        separator: The text between several values in one cell.
        targets: As `reference_targets` returns them.
    """
    for line in table:
        if line.problem is not None:
            yield Row({}, label=line.number, error=UnreadableRow(line.problem))
            continue
        values: dict[str, object] = {}
        for column, attribute in columns.attributes.items():
            value = line.cells.get(column)
            if table.delimiter is not None and isinstance(value, str):
                value = from_cell(attribute, value, separator)
            if value is not None and value not in ("", []):
                values[attribute.slug] = _resolve(value, targets.get(attribute.slug))
        yield Row(values, label=line.number)


def _resolve(value: object, target: str | None) -> object:
    """Return a reference to `target` for a text in a reference attribute, such as a company's domain."""
    if target is None:
        return value
    if isinstance(value, list):
        return [_resolve(item, target) for item in cast("list[object]", value)]
    if not isinstance(value, str) or not value.strip() or value.strip().startswith(_WEB_APP):
        return value
    if is_uuid(value.strip()):
        return RecordRef(target, value.strip())
    return Ref(target, **{_REFERENCE_KEYS[target]: value}) if target in _REFERENCE_KEYS else value
