"""Compare a file with the workspace that it was imported into, cell by cell, and print every difference.

The cells are interpreted by other code than the importer's, so that a mistake there does not hide itself:

    python -m conformance.compare_import companies.csv --object companies --match domains --mapping crm.toml
    python -m conformance.compare_import companies.csv --object companies --match domains --embedded workspace.json

The mapping file is one that ``attio-async import --save-mapping`` wrote. Exit code 1 means that something differs.
"""

import argparse
import csv
import re
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import anyio

from attio_async import Attio, Record
from attio_async._cli.workspace import embedded_workspace
from attio_async.bulk import ColumnMapping, ImportReader, ValueFormats
from attio_async.values import PersonName, RecordRef

_COUNTRY_WORDS = {"US": ("USA", "US", "U.S.A.", "U.S."), "GB": ("UK", "U.K.", "GBR", "Great Britain")}
_TIME = re.compile(r"[T ,]+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(am|pm)?", re.IGNORECASE)
_DAY_FIRST = ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y")
_MONTH_FIRST = ("%m/%d/%Y", "%m-%d-%Y", "%m.%d.%Y")
_CERTAIN = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%Y-%m", "%Y")


def rows_of(path: Path) -> Iterator[tuple[object, dict[str, object]]]:
    """Yield the rows with their lines; CSV is read by the standard library alone."""
    with ImportReader().open(path) as table:
        if table.format != "csv":
            for line in table:
                yield line.number, dict(line.cells)
            return
        encoding, delimiter = table.encoding, table.delimiter
    with path.open(encoding=encoding, newline="") as file:
        if not file.readline().lower().startswith("sep="):
            file.seek(0)
        csv.field_size_limit(2**31 - 1)
        lines = csv.reader(file, delimiter=delimiter or ",")
        names = [name.strip() for name in next(lines)]
        for place, name in enumerate(names):
            earlier = [each.casefold() for each in names[:place]].count(name.casefold())
            names[place] = f"{name} ({earlier + 1})" if earlier else name
        for row in lines:
            if any(row):
                yield lines.line_num, dict(zip(names, row, strict=False))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _number(text: str, decimal: str | None) -> Decimal | None:
    plain = re.sub(r"[^0-9.,()\-]", "", text.replace("\u2212", "-"))
    sign = -1 if "-" in plain or plain.startswith("(") else 1
    plain = plain.strip("()-")
    if decimal is None:
        marks = [mark for mark in ".," if mark in plain]
        last = max(marks, key=plain.rindex) if marks else "."
        decimal = last if plain.count(last) == 1 else ("," if last == "." else ".")
    other = "," if decimal == "." else "."
    try:
        return sign * Decimal(plain.replace(other, "").replace(decimal, "."))
    except InvalidOperation:
        return None


def _days(text: str, formats: ValueFormats) -> set[date]:
    plain = " ".join(re.sub(r"(\d)(st|nd|rd|th)\b", r"\1", _TIME.sub("", text.strip())).split())
    plain = re.sub(r"(Z|[+-]\d\d:?\d\d)$", "", plain)
    orders = {True: _DAY_FIRST, False: _MONTH_FIRST, None: ()}[formats.dayfirst]
    codes = {"YYYY": "%Y", "YY": "%y", "MM": "%m", "DD": "%d"}
    own = [re.sub("|".join(codes), lambda code: codes[code[0]], each) for each in formats.date_format]
    found = set()
    for each in (*own, *orders, *_CERTAIN):
        try:
            found.add(datetime.strptime(plain, each).replace(tzinfo=UTC).date())
        except ValueError:
            continue
    return found


def _same_moment(text: str, value: datetime, formats: ValueFormats) -> bool:
    if re.search(r"(Z|[+-]\d\d:?\d\d)$", text.strip()):
        return datetime.fromisoformat(text.strip()) == value
    local = value.astimezone(formats.timezone or UTC)
    found = _TIME.search(text)
    hour, minute = (int(found[1]), int(found[2])) if found else (0, 0)
    if found and found[4]:
        hour = hour % 12 + (12 if found[4].lower() == "pm" else 0)
    return local.date() in _days(text, formats) and (local.hour, local.minute) == (hour, minute)


def agrees(  # noqa: C901, PLR0911 - a line per type
    kind: str, text: str, value: Any, formats: ValueFormats, part: str | None = None
) -> bool:
    """Return True if a value is what a cell says."""
    plain = text.strip()
    match kind:
        case "number" | "currency" | "rating":
            return _number(plain, formats.decimal) == Decimal(str(value))
        case "date":
            return value in _days(plain, formats)
        case "timestamp":
            return _same_moment(plain, value, formats)
        case "checkbox":
            yes, no = (
                {"true", *map(str.casefold, formats.true)},
                {"false", *map(str.casefold, formats.false)},
            )
            return plain.casefold() in (yes if value else no)
        case "phone-number":
            digits = re.sub(r"\D", "", re.sub(r"\(0\)", "", plain)).lstrip("0")
            return re.sub(r"\D", "", str(value)).endswith(digits)
        case "email-address" | "domain":
            return str(value).casefold() in plain.casefold()
        case "select" | "status":
            return plain.casefold() == str(value).casefold()
        case "personal-name":
            return _same_name(plain, value, part)
        case "location":
            if part == "country_code":
                return _is_country(plain, value.country_code)
            if part is not None:
                return plain.casefold() == str(getattr(value, part)).casefold()
            return set(_words(plain)) <= set(_words(" ".join(str(each) for each in value.to_dict().values())))
        case _:
            return text in {str(value), f"'{value}"}


def _is_country(text: str, code: str) -> bool:
    """Return True if a text is the code of a country, or a name of it in the data of telephone numbers."""
    from phonenumbers.geodata.locale import LOCALE_DATA  # noqa: PLC0415 - half a second of tables

    names = [*LOCALE_DATA.get(code, {}).values(), *_COUNTRY_WORDS.get(code, ())]
    return text.casefold() == code.casefold() or any(set(_words(name)) <= set(_words(text)) for name in names)


def _same_name(text: str, value: PersonName, part: str | None) -> bool:
    if part in {"first_name", "last_name", "full_name"}:
        return " ".join(text.split()) == getattr(value, part)
    return set(_words(text)) <= set(_words(str(value)))


async def differences(
    attio: Attio, path: Path, *, object: str, match: str, mapping: ColumnMapping, formats: ValueFormats
) -> AsyncIterator[str]:
    """Yield every difference between a file and the records of an object."""
    schema = await attio.schema(object)
    columns = {column: target.partition(".") for column, target in mapping.columns.items()}
    key = next((column for column, (slug, _, _) in columns.items() if slug == match), match)
    kind = schema.find(match).type
    found = [record async for record in attio.records(object).scan()]
    index: dict[str, list[Record]] = {}
    for record in found:
        for value in record.all(match):
            index.setdefault("".join(_words(str(value))), []).append(record)
    for line, cells in rows_of(path):
        text = str(cells.get(key) or "").partition(formats.separator)[0]
        near = index.get("".join(_words(text)), found)
        matching = (each for each in near if any(agrees(kind, text, v, formats) for v in each.all(match)))
        record = next(matching, None)
        if record is None:
            yield f"line {line}: no record has {text!r} as {match}"
            continue
        for column, (slug, _, part) in columns.items():
            attribute, given = schema.find(slug), cells.get(column)
            values = record.all(slug)
            for item in _items(given, formats, is_multiselect=attribute.is_multiselect):
                is_same = any(agrees(attribute.type, item, value, formats, part or None) for value in values)
                if attribute.type == "record-reference":
                    is_same = await _refers(attio, item, values, part or "domains")
                if not is_same:
                    have = ", ".join(map(str, values)) or "nothing"
                    yield f"line {line}: {column} -> {slug}: the file has {item!r}, the record {have}"


def _items(given: object, formats: ValueFormats, *, is_multiselect: bool) -> list[str]:
    """Return the texts in a cell; none if it stands for no value."""
    nulls = {"", *map(str.casefold, formats.null)}
    if given is None:
        return []
    items = str(given).split(formats.separator) if is_multiselect else [str(given)]
    return [item for item in items if item.strip().casefold() not in nulls]


async def _refers(attio: Attio, item: str, values: list[Any], key: str) -> bool:
    """Return True if one of the records that are referred to has the text as its id or key."""
    for value in values:
        if isinstance(value, RecordRef):
            referred = await attio.records(value.object).get(value.record_id)
            keys = [str(each) for name in (key, "email_addresses") for each in referred.all(name)]
            if value.record_id in item or any(each.casefold() in item.casefold() for each in keys):
                return True
    return False


@asynccontextmanager
async def _client(embedded: Path | None) -> AsyncIterator[Attio]:
    if embedded is None:
        async with Attio() as attio:
            yield attio
        return
    with embedded_workspace(embedded) as fake:
        async with fake.client() as attio:
            yield attio


async def main(arguments: argparse.Namespace) -> int:
    mapping = ColumnMapping.from_file(arguments.mapping) if arguments.mapping else ColumnMapping()
    formats = ValueFormats.from_file(arguments.mapping) if arguments.mapping else ValueFormats()
    count = 0
    async with _client(arguments.embedded) as attio:
        chosen = {"object": arguments.object, "match": arguments.match}
        async for difference in differences(
            attio, arguments.file, mapping=mapping, formats=formats, **chosen
        ):
            print(difference)
            count += 1
    print(f"{count or 'no'} differences", file=sys.stderr)
    return 1 if count else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--object", required=True)
    parser.add_argument("--match", required=True, help="attribute that pairs rows and records")
    parser.add_argument("--mapping", type=Path, help="file that import --save-mapping wrote")
    parser.add_argument("--embedded", type=Path, help="embedded workspace; without it ATTIO_API_KEY is used")
    sys.exit(anyio.run(main, parser.parse_args()))
