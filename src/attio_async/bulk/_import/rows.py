"""The lines of a file as the rows of a job, and the text of a cell as a value."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast

import attrs

from ..._schema import Attribute, ObjectSchema
from ..._utils.text import show
from ...errors import AttioError, Problem
from ...values import ActorRef, Name, PersonName, RecordRef, Ref, is_uuid
from .._export.csv import unguard
from .._write.report import Row
from .columns import ColumnMap, Destination
from .countries import country_code
from .formats import NULL_WORDS, RegionGuess, ValueFormats
from .settings import ImportSetting, UnclearCell, UnclearCells, hint
from .source import ImportLine, ImportTable

_REFERENCE = re.compile(r"([a-z0-9][a-z0-9_-]*)/([0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})")
_REFERENCE_CLASSES = {"record-reference": RecordRef, "actor-reference": ActorRef}
_TYPES_WITH_PARTS = frozenset({"personal-name", "location", *_REFERENCE_CLASSES})
_WEB_APP = "https://app.attio.com/"
_REFERENCE_KEYS = {"companies": "domain", "people": "email"}
_WORDS_OF_PLAIN_NAME = 2


class UnreadableRow(AttioError):
    """A row of a file that cannot be read. It was not sent."""


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
    """Return the value of a cell as text, reference or object; None for an empty cell."""
    if not cell.strip():
        return None
    if attribute.is_multiselect:
        return [_with_parts(attribute, value) for value in split(cell, separator)] or None
    return _with_parts(attribute, cell)


def _with_parts(attribute: Attribute, text: str) -> object:
    if attribute.type not in _TYPES_WITH_PARTS:
        return text
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text  # coercion says what is wrong with it
    found, reference = _REFERENCE.fullmatch(text.strip()), _REFERENCE_CLASSES.get(attribute.type)
    return reference(found[1], found[2].lower()) if found and reference else text


def reference_targets(attributes: Iterable[Attribute], slugs: Mapping[str, str]) -> dict[str, str]:
    """Return the object that each reference attribute refers to, by the attribute's slug, where it is only one.

    Args:
        attributes: The attributes.
        slugs: The slugs of objects by their ids.
    """
    return {
        attribute.slug: slugs[attribute.target_objects[0]]
        for attribute in attributes
        if len(attribute.target_objects) == 1 and attribute.target_objects[0] in slugs
    }


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


@attrs.define
class RowNotes:
    """The things seen in values that were taken, and may not have been meant.

    Attributes:
        guesses: Full names that were split by guess: their number, and the first with its parts.
        regions: The regions that national phone numbers may be of.
        null_words: Texts that often stand for no value: their number by text, and the first column.
    """

    guesses: int = 0
    first_guess: tuple[int | str, str, Name] | None = None
    null_words: dict[str, tuple[int, str]] = attrs.field(factory=dict[str, tuple[int, str]])
    regions: RegionGuess = attrs.field(factory=RegionGuess)

    def guess(self, line: int | str, text: str) -> None:
        """Count a full name that is split by guess, as `encode_name` does."""
        if "," not in text and len(text.split()) > _WORDS_OF_PLAIN_NAME:
            self.guesses += 1
            self.first_guess = self.first_guess or (line, text, Name.parse(text))

    def text(self, column: str, text: str) -> None:
        """Count a text that may stand for no value."""
        if len(text) < 10 and text.strip().casefold() in NULL_WORDS:  # noqa: PLR2004 - the longest has seven
            count, first = self.null_words.get(text.strip(), (0, column))
            self.null_words[text.strip()] = (count + 1, first)


@attrs.define
class _Errors:
    problems: list[Problem] = attrs.field(factory=list[Problem])
    settings: list[Sequence[ImportSetting]] = attrs.field(factory=list[Sequence[ImportSetting]])
    columns: list[str] = attrs.field(factory=list[str])
    regions: RegionGuess = attrs.field(factory=RegionGuess)

    def add(self, column: str, attribute: Attribute, value: object, error: UnclearCell) -> None:
        reason = f"{show(value)} {error.cause}"
        if error.national is not None:
            found = self.regions.regions_of(error.national)
            error.settings = [*error.settings, *(ImportSetting("region", region) for region in found)]
        self.problems.append(Problem(attribute.slug, attribute.type, value, reason, hint(error.settings[:3])))
        self.settings.append(error.settings)
        self.columns.append(column)
        if error.also is not None:
            self.add(column, attribute, value, error.also)


def _formats_of_export(reader: "RowReader") -> ValueFormats | None:
    """Return the formats of a file that `export` wrote, which writes a point before decimals; None for others."""
    table, formats = reader.table, reader.formats
    is_export = table.is_export and table.has_cells and formats.decimal is None
    return attrs.evolve(formats, decimal=".") if is_export else None


@attrs.frozen(kw_only=True)
class RowReader:
    """Makes rows of lines.

    Attributes:
        table: The file.
        columns: Where each column goes.
        formats: How values are written.
        targets: As `reference_targets` returns them.
        notes: Collects what was guessed.
    """

    table: ImportTable
    columns: ColumnMap
    formats: ValueFormats
    targets: Mapping[str, str] = attrs.field(factory=dict[str, str])
    notes: RowNotes = attrs.field(factory=RowNotes)
    _exported: ValueFormats | None = attrs.field(
        default=attrs.Factory(_formats_of_export, takes_self=True), init=False, repr=False, eq=False
    )

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows, each labelled with its line. A blank cell is None, which says nothing by default."""
        groups = self._groups()
        for line in self.table:
            yield self._row(line, groups)

    def __len__(self) -> int:
        return self.table.count

    def _groups(self) -> list[list[tuple[str | None, Destination, object]]]:
        """Return columns and constants by attribute."""
        groups: dict[str, list[tuple[str | None, Destination, object]]] = {}
        for column, destination in self.columns.destinations.items():
            groups.setdefault(destination.attribute.slug, []).append((column, destination, None))
        for destination, value in self.columns.constants:
            groups.setdefault(destination.attribute.slug, []).append((None, destination, value))
        return list(groups.values())

    def _row(self, line: ImportLine, groups: list[list[tuple[str | None, Destination, object]]]) -> Row:
        if line.problem is not None:
            return Row({}, label=line.number, error=UnreadableRow(line.problem))
        values: dict[str, object] = {}
        given: dict[str, object] = {}
        errors = _Errors(regions=self.notes.regions)
        for group in groups:
            slug, before = group[0][1].attribute.slug, len(errors.problems)
            values[slug] = self._values(line, group, errors)
            if len(errors.problems) > before:
                given[slug] = _given(line, group)
        key = None if self.columns.key is None else self._id(line.cells.get(self.columns.key))
        parent = None if self.columns.parent is None else self._parent(line.cells.get(self.columns.parent))
        if not errors.problems:
            return Row(values, label=line.number, id=key, parent=parent)
        error = UnclearCells(errors.problems, errors.settings, errors.columns)
        raw = {slug: given.get(slug, value) for slug, value in values.items()}
        return Row(raw, label=line.number, id=key, parent=parent, error=error)

    def _values(
        self, line: ImportLine, group: list[tuple[str | None, Destination, object]], errors: _Errors
    ) -> object:
        """Return the values of one attribute, from all its columns."""
        found: list[object] = []
        parts: dict[str, object] = {}
        attribute = group[0][1].attribute
        for column, destination, constant in group:
            given = constant if column is None else line.cells.get(column)
            for item in self._items(destination, given):
                try:
                    value = self._value(line.number, column or "", destination, item)
                except UnclearCell as error:
                    errors.add(column or "", attribute, item, error)
                else:
                    if destination.part is not None:
                        parts[destination.part] = value
                    else:
                        found.append(value)
        if parts:
            return _whole(attribute, parts, found)
        if not found:
            return None
        return found if attribute.is_multiselect else found[0] if len(found) == 1 else found

    def _items(self, destination: Destination, given: object) -> list[object]:
        """Return the values in a cell; none if it is blank or stands for no value."""
        attribute = destination.attribute
        if isinstance(given, str):
            text = self._text(given)
            if self.formats.is_null(text):
                return []
            if not (attribute.is_multiselect and self.table.has_cells and destination.part is None):
                return [text]
            return [item for item in split(text, self.formats.separator) if not self.formats.is_null(item)]
        if given is None or given == []:
            return []
        return list(cast("list[object]", given)) if isinstance(given, list) else [given]

    def _value(self, line: int | str, column: str, destination: Destination, item: object) -> object:
        attribute = destination.attribute
        if destination.part is not None:
            return _part(self.formats, destination.part, item)
        if destination.key is not None:
            return Ref(destination.target or "", **{destination.key: item})
        if not isinstance(item, str):
            return self.formats.value(attribute, item)
        value = _with_parts(attribute, item) if self.table.has_cells else item
        if not isinstance(value, str):
            return value
        if attribute.type == "personal-name":
            self.notes.guess(line, value)
        elif attribute.type in {"text", "select"}:
            self.notes.text(column, value)
        # A program that saved an export again may have written commas.
        formats = self.formats if self._exported is None or "," in value else self._exported
        return resolve_reference(attribute, formats.value(attribute, value), self.targets.get(attribute.slug))

    def _text(self, given: str) -> str:
        """Return the text of a cell without the apostrophes that `export` puts before formulas."""
        return unguard(given) if self.table.has_cells and self.formats.formulas == "escape" else given

    def _id(self, given: object) -> object:
        return self._text(given).strip() if isinstance(given, str) else given

    def _parent(self, given: object) -> object:
        """Return the parent as a reference where the cell has one, else as text."""
        if isinstance(given, dict):
            parts = cast("dict[str, object]", given)
            return RecordRef(str(parts.get("target_object")), str(parts.get("target_record_id")))
        if not isinstance(given, str):
            return given
        text = self._text(given).strip()
        found = _REFERENCE.fullmatch(text)
        return RecordRef(found[1], found[2].lower()) if found else text


def reread(row: Row, schema: ObjectSchema, formats: ValueFormats) -> Row:
    """Return a row of dead letters with its texts, which may have been corrected by hand, read as the cells of a file.

    The items of a list are one value each.
    """
    cells = {
        slug: value
        for slug, value in row.values.items()
        if slug in schema.attributes and value is not None and value != []
    }
    line = ImportLine(cast("int | str", row.label), cells)
    reader = RowReader(
        table=ImportTable("", "csv", tuple(cells), 1, rows=lambda: iter([line])),
        columns=ColumnMap(destinations={slug: Destination(schema.attributes[slug]) for slug in cells}),
        formats=formats,
    )
    (read,) = reader
    return attrs.evolve(row, values={**row.values, **read.values}, error=read.error)


def _given(line: ImportLine, group: list[tuple[str | None, Destination, object]]) -> object:
    """Return the cells of an attribute as they are, so that they can be corrected."""
    given = [constant if column is None else line.cells.get(column) for column, _, constant in group]
    return given[0] if len(given) == 1 else [each for each in given if each not in (None, "")]


def _part(formats: ValueFormats, name: str, item: object) -> object:
    if name in {"latitude", "longitude"}:
        return formats.value(Attribute(name, type="number"), item)
    text = str(item).strip()
    return country_code(text) if name == "country_code" else text


def _whole(attribute: Attribute, parts: dict[str, object], whole: list[object]) -> object:
    """Return a name or location of its parts; a whole name beside them is the full name."""
    if attribute.type != "personal-name":
        return parts
    names = {name: str(value) for name, value in parts.items()}
    if whole:
        names.setdefault("full_name", " ".join(str(whole[0]).split()))
    middle, suffix = names.pop("middle_name", ""), names.pop("suffix", "")
    if (middle or suffix) and not names.get("full_name"):
        words = (names.get("first_name"), middle, names.get("last_name"))
        full = " ".join(filter(None, words))
        names["full_name"] = f"{full}, {suffix}" if suffix and full else full or suffix
    return PersonName(names.get("first_name"), names.get("last_name"), names.get("full_name"))
