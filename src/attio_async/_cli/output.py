"""What people read: tables, and text that cannot take over their terminal."""

import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TextIO

from ..bulk._export.csv import to_cell
from ..values import Location, PersonName
from .importer.models import ImportResult

if TYPE_CHECKING:
    from .._records.models import Record
    from .._schema import Attribute

_MOST_COLUMNS = 5
_LONGEST_CELL = 60
_MOST_NAMES = 5
_MOST_OPTIONS = 12
_QUIET = frozenset({"record_id", "created_at", "created_by"})


def printable(text: str) -> str:
    """The text without the control characters that a terminal would obey."""
    return "".join(
        char if char.isprintable() or char in "\n\t" else "\N{REPLACEMENT CHARACTER}" for char in text
    )


def print_table(
    stream: TextIO,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    title: str = "",
    upright: int = 0,
) -> None:
    """Draw a table on `stream`; cells are shown as they are, without markup.

    The cells of the first `upright` columns stay on one line where half the room is enough for that.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(file=stream)
    table = Table(title=Text(title) if title else None, title_justify="left", show_header=any(columns))
    for place, column in enumerate(columns):
        widest = max((len(row[place]) for row in rows), default=0)
        whole = place < upright and widest <= console.width // 2
        table.add_column(Text(printable(column)), overflow="fold", no_wrap=whole)
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    console.print(table)


def record_rows(
    records: Sequence["Record"], attributes: Sequence["Attribute"]
) -> tuple[list[str], list[list[str]], int]:
    """The columns that have something to show, the cells, and how many such columns did not fit."""
    used = [
        found
        for found in attributes
        if found.slug not in _QUIET and any(record.all(found.slug) for record in records)
    ]
    shown = used[:_MOST_COLUMNS]
    rows = [[_readable(record.all(found.slug)) for found in shown] for record in records]
    return [found.title or found.slug for found in shown], rows, len(used) - len(shown)


def record_facts(record: "Record", attributes: Sequence["Attribute"]) -> list[list[str]]:
    """What one record holds, all of it: titles, and the values below each other."""
    facts = [["Record id", record.id], ["In the app", record.web_url or ""]]
    for found in attributes:
        values = record.all(found.slug) if found.slug != "record_id" else []
        facts.append([found.title or found.slug, "\n".join(map(_text, values))])
    return [fact for fact in facts if fact[1]]


def attribute_rows(
    attributes: Sequence["Attribute"], objects: Mapping[str, str]
) -> tuple[list[str], list[list[str]]]:
    """The columns and cells that describe attributes; `objects` has the slugs of objects by their ids."""
    rows = [
        [found.slug, found.title, ", ".join([found.type, *_traits(found)]), _possible(found, objects)]
        for found in attributes
    ]
    return ["Slug", "Title", "Type", "Possible values"], rows


def _traits(attribute: "Attribute") -> list[str]:
    traits = {
        "multiselect": attribute.is_multiselect,
        "unique": attribute.is_unique,
        "required": attribute.is_required,
        "read-only": not attribute.is_writable,
    }
    return [trait for trait, has in traits.items() if has]


def _possible(attribute: "Attribute", objects: Mapping[str, str]) -> str:
    if attribute.target_objects:
        return f"records of {', '.join(objects.get(target, target) for target in attribute.target_objects)}"
    titles = attribute.option_titles or ()
    more = [f"and {len(titles) - _MOST_OPTIONS:,} more"] if len(titles) > _MOST_OPTIONS else []
    return ", ".join([*titles[:_MOST_OPTIONS], *more])


def _readable(values: Sequence[object]) -> str:
    line = " ".join(", ".join(map(_text, values)).split())
    return line if len(line) <= _LONGEST_CELL else f"{line[: _LONGEST_CELL - 1]}…"


def _text(value: object) -> str:
    return str(value) if isinstance(value, PersonName | Location) else to_cell(value, ";")


def summary_lines(result: ImportResult) -> list[str]:
    """What became of an import, in words, failures first."""
    lines = [printable(str(failed)) for failed in result.failures]
    if result.more_failures:
        lines.append(f"and {result.more_failures:,} more; --report FILE lists all")
    if result.ignored_columns:
        names = ", ".join(map(printable, result.ignored_columns[:_MOST_NAMES]))
        more = len(result.ignored_columns) - _MOST_NAMES
        rest = f" and {more} more" if more > 0 else ""
        lines.append(f"columns left out, since Attio sets them itself: {names}{rest}")
    lines.append(_counts(result))
    if result.dead_letters is not None:
        command = (
            f"--replay {shlex.quote(result.dead_letters)} --object {result.object} --match {result.match}"
        )
        lines.append(f"put right in {result.dead_letters} what failed, then: attio-async import {command}")
    if result.not_tried or result.unknown:
        lines += _unfinished(result)
    return lines


def _counts(result: ImportResult) -> str:
    if result.dry_run:
        return (
            f"{result.object}: dry run, nothing was written; of {_rows(result.rows)}, {result.checked:,} would be,"
            f" as far as can be told without asking Attio, and {result.failed:,} would not"
        )
    if result.plan is not None:
        return (
            f"{result.object}: plan, nothing was written; {result.planned:,} of {_rows(result.rows)} would be"
        )
    return (
        f"{result.object}: {result.created:,} created, {result.updated:,} updated,"
        f" {result.unchanged:,} unchanged, {result.failed:,} failed;"
        f" requests: {result.requests:,}, refused for the rate (429): {result.rate_limited:,};"
        f" {result.seconds:.1f} s"
    )


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _unfinished(result: ImportResult) -> list[str]:
    where = "before the first row" if result.last_line is None else f"after line {result.last_line}"
    lines = [printable(result.stop_reason)] if result.stop_reason else []
    lines.append(f"ended {where}; not tried: {result.not_tried:,} of {_rows(result.rows)}")
    if result.unknown:
        lines.append(f"on their way when it was cut off, and perhaps written: {_rows(result.unknown)}")
    if not result.dry_run and result.plan is None:
        lines.append("the same command goes on: rows that were written are found again, and never doubled")
    return lines
