"""Print records and entries: for people with the names of what they refer to, for programs as JSON can hold them."""

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .options import OutputFormat
from .output import Printer, Sheet, local_time

if TYPE_CHECKING:
    from .._client import Attio
    from .._records.models import Entry, Record
    from .._schema import Attribute
    from ..values import Value
    from .target import Kind, Target

_ID_WIDTH = 39
_COLUMN_WIDTH = 16
_MAX_CELL_LENGTH = 60
_REFERENCES_PER_REQUEST = 100
_SYSTEM_ATTRIBUTES = frozenset({"record_id", "entry_id", "created_at", "created_by"})
_MEMBER = "workspace-member"
_IDENTITY = {"object": ("record_id", "web_url"), "list": ("entry_id", "parent_object", "parent_record_id")}


async def print_rows(
    attio: "Attio",
    printer: Printer,
    target: "Target",
    rows: "Sequence[Record | Entry]",
    attributes: "Sequence[Attribute]",
    *,
    single: bool = False,
) -> int:
    """Print records or entries, and return the number of attributes that a table had no room for.

    Args:
        attio: The workspace, to look up the names of referred-to records and members.
        printer: Prints them.
        target: The object or list that they are of.
        rows: The records or entries.
        attributes: The attributes to print.
        single: True prints one of them, attribute by attribute.
    """
    attributes = [each for each in attributes if each.slug not in {"record_id", "entry_id"}]
    if printer.format is OutputFormat.parquet:
        printer.write(_as_parquet(target.kind, rows, attributes), len(rows))
        return 0
    names: Mapping[str, str] = {}
    if printer.format in {OutputFormat.table, OutputFormat.tsv, OutputFormat.csv}:
        names = await _names(attio, rows, attributes)
    used = [
        each
        for each in attributes
        if each.slug not in _SYSTEM_ATTRIBUTES and any(row.all(each.slug) for row in rows)
    ]
    parents = [_parent(row, names) for row in rows]
    headings = ["Parent"] if any(parents) else []
    room = (shutil.get_terminal_size().columns - _ID_WIDTH) // _COLUMN_WIDTH
    shown = used[: max(1, room - len(headings))] if room > 0 else used  # below each other
    sheet = Sheet(
        keys=[*_IDENTITY[target.kind], *(each.slug for each in attributes)],
        cells=[[*identity(row).values(), *(_cell(row, each, names) for each in attributes)] for row in rows],
        plain=[plain_row(row, attributes) for row in rows],
        ids=[row.id for row in rows],
        headings=[*headings, *map(_title, shown), "Id"],
        texts=[
            [*([parent] if headings else []), *(_line(_texts(row, each, names)) for each in shown), row.id]
            for row, parent in zip(rows, parents, strict=True)
        ],
        unwrapped={len(headings) + len(shown)},
        facts=_facts(rows[0], attributes, names) if single and rows else None,
        urls=[identity(row).get("web_url", "") for row in rows],
        has_chosen_columns=True,
    )
    printer.sheet(sheet, single=single)
    return 0 if single else len(used) - len(shown)


def plain_row(row: "Record | Entry", attributes: "Iterable[Attribute]") -> dict[str, Any]:
    """Return a record or entry with these attributes as JSON data."""
    from attio_async_api.json_data import to_plain

    from ..bulk._export.rows import native_value

    return identity(row) | {each.slug: to_plain(native_value(row, each)) for each in attributes}


def identity(row: "Record | Entry") -> dict[str, str]:
    """Return the ids of a record or entry, and the web address of a record."""
    from .._records.models import Record

    if isinstance(row, Record):
        return dict(zip(_IDENTITY["object"], (row.id, row.web_url or ""), strict=True))
    return dict(zip(_IDENTITY["list"], (row.id, row.parent_object, row.parent_record_id), strict=True))


def _parent(row: "Record | Entry", names: Mapping[str, str]) -> str:
    from .._records.models import Entry

    return names.get(row.parent_record_id, row.parent_record_id) if isinstance(row, Entry) else ""


async def _names(
    attio: "Attio", rows: "Sequence[Record | Entry]", attributes: "Sequence[Attribute]"
) -> Mapping[str, str]:
    """Return the names of the records and members that rows refer to, by their ids, as far as they can be read."""
    from ..errors import AttioError

    wanted: dict[str, dict[str, None]] = {}
    for kind, identifier in _references(rows, attributes):
        wanted.setdefault(kind, {})[identifier] = None
    names: dict[str, str] = {}
    if wanted.pop(_MEMBER, None):
        with suppress(AttioError):
            for member in await attio.workspace_members.list():
                name = " ".join(filter(None, (member.first_name, member.last_name)))
                names[str(member.id)] = name or member.email_address
    for object_, ids in wanted.items():
        for start in range(0, len(ids), _REFERENCES_PER_REQUEST):
            with suppress(AttioError):
                found = await attio.records(object_).get_many([*ids][start : start + _REFERENCES_PER_REQUEST])
                names |= {record.id: str(record.first("name") or record.id) for record in found.records}
    return names


def _references(
    rows: "Iterable[Record | Entry]", attributes: "Sequence[Attribute]"
) -> Iterator[tuple[str, str]]:
    """Yield the object, or that it is a member, and the id of everything that rows refer to."""
    from .._records.models import Entry
    from ..values import ActorRef, RecordRef

    for row in rows:
        if isinstance(row, Entry) and row.parent_object:
            yield row.parent_object, row.parent_record_id
        for value in (value for each in attributes for value in row.all(each.slug)):
            if isinstance(value, RecordRef):
                yield value.object, value.record_id
            elif isinstance(value, ActorRef) and value.type == _MEMBER and value.id:
                yield _MEMBER, value.id


def _facts(
    row: "Record | Entry", attributes: "Sequence[Attribute]", names: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Return all that a record or entry holds, as titles and texts."""
    ids = identity(row)
    facts = [
        ("Web address" if key == "web_url" else key.replace("_", " ").capitalize(), text)
        for key, text in ids.items()
    ]
    facts += [(_title(each), "\n".join(_texts(row, each, names))) for each in attributes]
    return [fact for fact in facts if fact[1]]


def _title(attribute: "Attribute") -> str:
    return attribute.title or attribute.slug


def _line(texts: Sequence[str]) -> str:
    line = " ".join(", ".join(texts).split())
    return line if len(line) <= _MAX_CELL_LENGTH else f"{line[: _MAX_CELL_LENGTH - 1]}…"


def _texts(row: "Record | Entry", attribute: "Attribute", names: Mapping[str, str]) -> list[str]:
    """Return the values of an attribute for people: with names, currencies and the local time."""
    return [_text(value, names) for value in row.values(attribute.slug)]


def _text(value: "Value", names: Mapping[str, str]) -> str:
    from ..values import ActorRef, Location, PersonName

    match value.native:
        case Decimal() as amount if value.currency_code:
            return f"{amount:,} {value.currency_code}"
        case datetime() as moment:
            return local_time(moment)
        case PersonName() | Location() as native:
            return str(native)
        case ActorRef(id=None, type=str() as kind):
            return kind
        case native:
            return _plain_text(native, names)


def _cell(row: "Record | Entry", attribute: "Attribute", names: Mapping[str, str]) -> str:
    """Return the values of an attribute in one cell for programs: with names, but amounts and times as they are."""
    from ..bulk._export.csv import join

    return (
        join([_plain_text(value, names) for value in row.all(attribute.slug)], ";")
        if attribute.is_multiselect
        else _plain_text(row.first(attribute.slug), names)
    )


def _plain_text(native: object, names: Mapping[str, str]) -> str:
    from ..bulk._export.csv import to_cell
    from ..values import ActorRef, PersonName, RecordRef

    identifier = (
        native.record_id
        if isinstance(native, RecordRef)
        else native.id
        if isinstance(native, ActorRef)
        else None
    )
    if identifier in names:
        return names[identifier or ""]
    return str(native) if isinstance(native, PersonName) else to_cell(native, ";")


def _as_parquet(kind: "Kind", rows: "Sequence[Record | Entry]", attributes: "Sequence[Attribute]") -> bytes:
    import io
    import tempfile
    from pathlib import Path

    from .._storage.files import naming_file
    from ..bulk._export.formats import AssemblingEncoder, Parquet
    from ..bulk._export.rows import ENTRY_KEYS, RECORD_KEYS

    encoder = Parquet().encoder(attributes, ENTRY_KEYS if kind == "list" else RECORD_KEYS)
    file = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder, "part")
        with naming_file(part):
            part.write_bytes(encoder.rows(rows))
        if isinstance(encoder, AssemblingEncoder):
            encoder.assemble(part, file)
    return file.getvalue()
