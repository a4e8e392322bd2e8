"""The lines of a file as the rows of a bulk job."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from ..._schema import Attribute
from ...bulk import Row
from ...values import RecordRef, Ref
from ...values._types import is_uuid
from ..signals import Stop
from .cells import from_cell
from .columns import ColumnMap
from .failures import UnreadableRow
from .table import ImportTable, Line

if TYPE_CHECKING:
    from ..._resources.objects import AttioObject

_WEB_APP = "https://app.attio.com/"
_KEYS = {"companies": "domain", "people": "email"}


def reference_targets(attributes: Iterable[Attribute], objects: "Iterable[AttioObject]") -> dict[str, str]:
    """The one object that each reference attribute can refer to, by the attribute's slug, where there is one."""
    slugs = {str(found.id): found.api_slug for found in objects}
    targets: dict[str, str] = {}
    for attribute in attributes:
        if len(attribute.target_objects) == 1 and attribute.target_objects[0] in slugs:
            targets[attribute.slug] = slugs[attribute.target_objects[0]]
    return targets


class RowReader:
    """Reads the rows of a table as they are asked for, and ends early when it is told to.

    Args:
        table: The file.
        columns: Which column goes into which attribute.
        separator: What stands between several values in one cell.
        targets: As `reference_targets` finds them.
    """

    def __init__(
        self, table: ImportTable, columns: ColumnMap, separator: str, targets: Mapping[str, str]
    ) -> None:
        self._table = table
        self._columns = columns
        self._separator = separator
        self._targets = targets
        self.read = 0
        self._open: dict[int, Mapping[str, object]] = {}

    def rows(self, stop: Stop) -> Iterator[Row]:
        """The rows, each labelled with its line, which is to be settled when its outcome is known."""
        for line in self._table:
            if stop.requested:
                return
            self.read += 1
            yield self._row(line)

    def settle(self, line: int) -> Mapping[str, object]:
        """Forget a row whose outcome is known; what its values were."""
        return self._open.pop(line, {})

    def _row(self, line: Line) -> Row:
        if line.problem is not None:
            return Row({}, label=line.number, error=UnreadableRow(line.problem))
        values: dict[str, object] = {}
        for column, attribute in self._columns.attributes.items():
            value = self._value(attribute, line.cells.get(column))
            # An empty cell says nothing about the attribute; it does not clear it.
            if value is not None and value not in ("", []):
                values[attribute.slug] = value
        self._open[line.number] = values
        return Row(values, label=line.number)

    def _value(self, attribute: Attribute, cell: object) -> object:
        value = cell
        if self._table.delimiter is not None and isinstance(cell, str):
            value = from_cell(attribute, cell, self._separator)
        target = self._targets.get(attribute.slug)
        if target is None:
            return value
        if isinstance(value, list):
            return [_referred(item, target) for item in cast("list[object]", value)]
        return _referred(value, target)


class LetterReader:
    """Gives rows that failed before once more, and ends early when it is told to."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows
        self.read = 0

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._rows)

    def rows(self, stop: Stop) -> Iterator[Row]:
        """The rows, each with the label it had."""
        for row in self._rows:
            if stop.requested:
                return
            self.read += 1
            yield row

    def settle(self, line: int) -> Mapping[str, object]:
        """What the values of the row with that label were."""
        for row in self._rows:
            if row.label == line:
                return row.values
        return {}


def _referred(value: object, target: str) -> object:
    """A text in a reference attribute as the reference it stands for: a company's domain, a person's e-mail address."""
    if not isinstance(value, str) or not value.strip() or value.strip().startswith(_WEB_APP):
        return value
    if is_uuid(value.strip()):
        return RecordRef(target, value.strip())
    return Ref(target, **{_KEYS[target]: value}) if target in _KEYS else value
