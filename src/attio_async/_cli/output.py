"""Tables and JSON on standard output, messages on standard error.

No text can take over a terminal: control characters are replaced.
"""

import sys
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from .._records.models import Record
    from .._schema import Attribute

_MAX_COLUMNS = 5
_MAX_CELL_LENGTH = 60
_SYSTEM_ATTRIBUTES = frozenset({"record_id", "created_at", "created_by"})


def printable(text: str) -> str:
    """Return the text without the control characters that a terminal would obey."""
    return "".join(
        char if char.isprintable() or char in "\n\t" else "\N{REPLACEMENT CHARACTER}" for char in text
    )


def tell(message: str) -> None:
    """Print a message to standard error."""
    typer.echo(printable(message), err=True)


def print_text(text: str) -> None:
    """Print a text to standard output."""
    typer.echo(printable(text))


def print_json(value: object, *, indent: int | None = None) -> None:
    """Print a value as JSON, on one line unless it is indented."""
    import json

    typer.echo(json.dumps(value, ensure_ascii=False, default=str, indent=indent))


def print_items(items: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """Print items with the same keys: one line of JSON each, or a table whose headings are the keys."""
    if as_json:
        for item in items:
            print_json(item)
    elif items:
        ids = {place for place, key in enumerate(items[0]) if key.endswith("_id")}
        rows = [list(map(_cell, item.values())) for item in items]
        print_table([_heading(key) for key in items[0]], rows, unwrapped=ids)


def print_item(item: Mapping[str, Any], *, as_json: bool) -> None:
    """Print one item: a line of JSON, or a table with a row per key."""
    if as_json:
        print_json(item)
    else:
        print_facts([(_heading(key), _cell(value)) for key, value in item.items()])


def print_facts(facts: Sequence[tuple[str, str]]) -> None:
    """Print a table of names and values."""
    print_table(["", ""], facts, unwrapped={0})


def print_table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, unwrapped: Collection[int] = ()
) -> None:
    """Print a table; cells are shown as they are, without markup.

    Args:
        columns: The headings; all empty, and the table has no heading.
        rows: The cells.
        unwrapped: Columns whose cells stay on one line, where half the width is enough for that.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(file=sys.stdout)
    table = Table(show_header=any(columns))
    for place, column in enumerate(columns):
        widest = max((len(row[place]) for row in rows), default=0)
        whole = place in unwrapped and widest <= console.width // 2
        table.add_column(Text(printable(column)), overflow="fold", no_wrap=whole)
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    console.print(table)


def record_table(
    records: "Sequence[Record]", attributes: "Sequence[Attribute]"
) -> tuple[list[str], list[list[str]], int]:
    """Return the headings and cells of the first attributes with values, and how many more there are."""
    used = [
        found
        for found in attributes
        if found.slug not in _SYSTEM_ATTRIBUTES and any(record.all(found.slug) for record in records)
    ]
    shown = used[:_MAX_COLUMNS]
    rows = [[_line(record.all(found.slug)) for found in shown] for record in records]
    return [found.title or found.slug for found in shown], rows, len(used) - len(shown)


def record_facts(record: "Record", attributes: "Sequence[Attribute]") -> list[tuple[str, str]]:
    """Return all that a record holds, as titles and values."""
    facts = [("Record id", record.id), ("Web address", record.web_url or "")]
    for found in attributes:
        values = record.all(found.slug) if found.slug != "record_id" else []
        facts.append((found.title or found.slug, "\n".join(map(_text, values))))
    return [fact for fact in facts if fact[1]]


def _heading(key: str) -> str:
    return key.replace("_", " ").capitalize()


def _cell(value: object) -> str:
    if isinstance(value, list | tuple):
        return "\n".join(map(str, value))  # pyright: ignore[reportUnknownArgumentType]
    return "" if value is None else str(value)


def _line(values: Sequence[object]) -> str:
    line = " ".join(", ".join(map(_text, values)).split())
    return line if len(line) <= _MAX_CELL_LENGTH else f"{line[: _MAX_CELL_LENGTH - 1]}…"


def _text(value: object) -> str:
    from ..bulk._export.csv import to_cell
    from ..values import Location, PersonName

    return str(value) if isinstance(value, PersonName | Location) else to_cell(value, ";")
