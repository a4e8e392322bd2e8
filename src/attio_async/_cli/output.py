"""Results on standard output or in a file, in every format; messages on standard error.

No text can take over a terminal: control characters are replaced.
"""

import codecs
import io
import math
import os
import re
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, cast
from unicodedata import category

import typer

from .errors import Refusal
from .options import OutFile, Output, OutputFormat, Verbosity

_MIN_COLUMN_WIDTH = 16
_MAX_TITLE_WIDTH = 24
_EDGE_WIDTH = len("│  ")

_OTHER_CONTROLS = re.compile("[\x7f-\x9f]")
"""Control characters that JSON may have as they are: DEL and those of C1."""


_KEPT = "\n\t\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
"""Line breaks and tabs, and what belongs to the words of some languages and to emoji."""
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""The categories of other characters that nobody sees: controls, formats, surrogates, separators of lines."""


def printable(text: str) -> str:
    """Return the text without the control characters that a terminal would obey."""
    if text.isprintable():  # most texts are
        return text
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if char not in _KEPT and category(char) in _HIDDEN else char
        for char in text.replace("\r\n", "\n")
    )


verbosity = ContextVar("verbosity", default=Verbosity())  # noqa: B039 - it is frozen
"""What the command is to say on standard error."""


def tell(message: str) -> None:
    """Print a message to standard error, unless the command is to be quiet."""
    if not verbosity.get().quiet:
        tell_error(message)


def tell_error(message: str) -> None:
    """Print a message to standard error in any case."""
    typer.echo(printable(message), err=True)


def is_interactive() -> bool:
    """Return True if a question can be asked and answered on a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def confirm(question: str, *, yes: bool) -> None:
    """Ask on the terminal whether to go ahead.

    Raises:
        Refusal: The answer is no, or nobody can be asked and `yes` was not given.
    """
    if yes:
        return
    if not is_interactive():
        raise Refusal("nothing was done; give --yes to go ahead without being asked")
    if not typer.confirm(printable(question), err=True):
        raise Refusal("nothing was done")


def print_text(text: str) -> None:
    """Print a text to standard output."""
    typer.echo(printable(text))


def print_or_write(text: str, file: OutFile) -> None:
    """Print a text, or write it to the file that is given; the file appears whole, with a line break at its end."""
    if file.out is None:
        if text:
            print_text(text)
        return
    write_file(file.out, f"{text}\n" if text else "")
    tell(f"written to {file.out}")


def to_json(value: object, *, indent: int | None = None) -> str:
    """Return a value as JSON, on one line unless it is indented."""
    import json

    def encoded(value: object) -> str:
        return json.dumps(value, ensure_ascii=False, default=_as_text, indent=indent, allow_nan=False)

    try:
        text = encoded(value)
    except ValueError:
        text = encoded(_without_nan(value))
    return _OTHER_CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _without_nan(value: object) -> object:
    """Return a value with texts for the numbers that JSON does not have, as it is for other types."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {key: _without_nan(each) for key, each in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_without_nan(each) for each in cast("Sequence[Any]", value)]
    return value


def standard_output() -> BinaryIO:
    """Return standard output for bytes; a terminal gets no control characters."""
    return cast("BinaryIO", _Terminal()) if sys.stdout.isatty() else sys.stdout.buffer


class _Terminal(io.RawIOBase):
    """Standard output, where the control characters in UTF-8 text are replaced."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        text = self._decoder.decode(bytes(data)).replace("\r", "")
        sys.stdout.write(printable(text))
        return len(data)

    def flush(self) -> None:
        sys.stdout.flush()


def write_file(path: Path, text: str) -> None:
    """Write a text file as a whole or not at all, for those who could read it before, or may read new files."""
    from .._storage.files import atomic_file

    mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
    with atomic_file(path) as file:
        file.write(text.encode())
    path.chmod(mode)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def print_json(value: object, *, indent: int | None = None) -> None:
    """Print a value as JSON, on one line unless it is indented."""
    typer.echo(to_json(value, indent=indent))


def print_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    unwrapped: Collection[int] = (),
    urls: Sequence[str] = (),
) -> None:
    """Print a table for people; cells are shown as they are, without markup.

    Args:
        columns: The headings; all empty, and the table has no heading.
        rows: The cells.
        unwrapped: Columns whose cells stay on one line, where half the width is enough for that.
        urls: The web address that the last cell of each row leads to, in terminals that have links.
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
    for place, row in enumerate(rows):
        cells = [Text(printable(cell)) for cell in row]
        if place < len(urls) and _is_link(urls[place]):
            cells[-1].stylize(f"link {urls[place]}")
        table.add_row(*cells)
    console.print(table)


def print_facts(facts: Sequence[tuple[str, str]]) -> None:
    """Print titles and texts, a line for each. Words are never broken, so that ids and addresses can be copied."""
    from rich.console import Console
    from rich.text import Text

    console = Console(file=sys.stdout)
    width = min(max((len(title) for title, _ in facts), default=0), _MAX_TITLE_WIDTH)
    room = max(console.width - width - 2, _MIN_COLUMN_WIDTH)
    for title, text in facts:
        label = f"{title:<{width}}  "
        for paragraph in printable(text).split("\n"):
            for line in Text(paragraph).wrap(console, room, overflow="ignore"):
                console.print(Text.assemble((label, "bold"), line), soft_wrap=True)
                label = " " * len(label)


def _is_link(url: str) -> bool:
    return url.startswith("https://") and url.isprintable() and " " not in url


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """Results that can be printed in any format.

    Attributes:
        keys: The names of the columns for programs.
        cells: The texts of each result, by column, for programs.
        plain: Each result as JSON data.
        ids: The id of each result.
        headings: The columns for people; by default made from the keys.
        texts: The texts for people; by default the cells.
        unwrapped: Columns for people that stay on one line, if there is room.
        facts: The titles and texts of a single result; by default headings and texts.
        urls: The web address of each result, if there is one.
        has_chosen_columns: True if the columns are those of --columns already.
    """

    keys: Sequence[str]
    cells: Sequence[Sequence[str]]
    plain: Sequence[Mapping[str, Any]]
    ids: Sequence[str] = ()
    headings: Sequence[str] = ()
    texts: Sequence[Sequence[str]] | None = None
    unwrapped: Collection[int] = ()
    facts: Sequence[tuple[str, str]] | None = None
    urls: Sequence[str] = ()
    has_chosen_columns: bool = False

    def only(self, columns: Sequence[str]) -> "Sheet":
        """Return the results with these columns alone.

        Raises:
            Refusal: A column is unknown.
        """
        unknown = next((each for each in columns if each not in self.keys), None)
        if unknown is not None:
            raise Refusal(f"--columns: unknown column {unknown!r}; choose from {', '.join(self.keys)}")
        places = [self.keys.index(each) for each in columns]
        return Sheet(
            keys=columns,
            cells=[[row[place] for place in places] for row in self.cells],
            plain=[{key: value for key, value in each.items() if key in columns} for each in self.plain],
            ids=self.ids,
            texts=[[row[place] for place in places] for row in self.texts]
            if self.texts is not None and not self.headings
            else None,
            unwrapped={place for place, key in enumerate(columns) if key.endswith("_id")},
        )


class Printer:
    """Prints the results of a command in the format that its options say.

    Args:
        output: The options.

    Raises:
        Refusal: The options contradict each other, or the file exists.
    """

    def __init__(self, output: Output) -> None:
        self.format = output.chosen(terminal=sys.stdout.isatty())
        self.columns = output.columns
        self._file = output.out

    @property
    def is_for_people(self) -> bool:
        """True if the results are a table on the screen."""
        return self.format is OutputFormat.table

    def items(
        self, items: Sequence[Mapping[str, Any]], *, single: bool = False, times: Collection[str] = ()
    ) -> None:
        """Print items with the same keys.

        Args:
            items: The items.
            single: True prints one of them, key by key.
            times: The keys of moments, which people see in the zone of this machine.
        """
        keys = list(items[0]) if items else []
        ids = next((key for key in keys if key.endswith("_id")), keys[0] if keys else "")
        self.sheet(
            Sheet(
                keys=keys,
                cells=[[_cell(value) for value in item.values()] for item in items],
                plain=items,
                ids=[str(item[ids]) for item in items],
                texts=[
                    [_local(value) if key in times else _cell(value) for key, value in item.items()]
                    for item in items
                ],
                unwrapped={place for place, key in enumerate(keys) if key.endswith("_id")},
            ),
            single=single,
        )

    def item(self, item: Mapping[str, Any], *, times: Collection[str] = ()) -> None:
        """Print one item."""
        self.items([item], single=True, times=times)

    def sheet(self, sheet: Sheet, *, single: bool = False) -> None:
        """Print results, or a single one.

        Raises:
            Refusal: One of --columns is unknown.
        """
        if self.columns is not None and sheet.keys and not sheet.has_chosen_columns:
            sheet = sheet.only([each.strip() for each in self.columns.split(",")])
        if self.format is OutputFormat.table and self._file is None:
            _print_sheet(sheet, single=single)
        else:
            self.write(_encoders(single=single)[self.format](sheet).encode(), len(sheet.plain))

    def write(self, data: bytes, count: int) -> None:
        """Write results that are encoded already, to the file or standard output."""
        if self._file is None:
            target = standard_output()
            target.write(data)
            target.flush()
            return
        from .._storage.files import atomic_file

        with atomic_file(self._file) as file:
            file.write(data)
        tell(f"{count:,} written to {self._file}")


def _print_sheet(sheet: Sheet, *, single: bool) -> None:
    headings = sheet.headings or [key.replace("_", " ").capitalize() for key in sheet.keys]
    texts = sheet.cells if sheet.texts is None else sheet.texts
    if single and texts:
        print_facts(sheet.facts or _facts(headings, texts[0]))
    elif texts:
        _print_rows(headings, texts, sheet)


def _print_rows(headings: Sequence[str], texts: Sequence[Sequence[str]], sheet: Sheet) -> None:
    """Print a table of the columns that there is room for; in a narrow terminal, each result below the other."""
    from rich.console import Console

    def needed(places: Sequence[int]) -> int:
        widths = [max(len(headings[place]), *(len(row[place]) for row in texts)) for place in places]
        least = [
            width if place in sheet.unwrapped else min(width, _MIN_COLUMN_WIDTH)
            for place, width in zip(places, widths, strict=True)
        ]
        return sum(least) + _EDGE_WIDTH * len(places) + 1

    width = Console(file=sys.stdout).width
    shown = list(range(len(headings)))
    droppable = [place for place in shown[1:] if place not in sheet.unwrapped]
    while needed(shown) > width and len(droppable) > 1:
        shown.remove(droppable.pop())
    if needed(shown) > width:
        for number, row in enumerate(texts):
            if number:
                print_text("")
            print_facts(_facts(headings, row))
        return
    hidden = [headings[place] for place in range(len(headings)) if place not in shown]
    rows = [[row[place] for place in shown] for row in texts]
    unwrapped = {at for at, place in enumerate(shown) if place in sheet.unwrapped}
    print_table([headings[place] for place in shown], rows, unwrapped=unwrapped, urls=sheet.urls)
    if hidden:
        tell(f"no room for {', '.join(hidden)}; --columns chooses")


def _facts(headings: Sequence[str], row: Sequence[str]) -> list[tuple[str, str]]:
    return [(heading, text) for heading, text in zip(headings, row, strict=True) if text]


def _encoders(*, single: bool) -> Mapping[OutputFormat, Callable[[Sheet], str]]:
    return {
        OutputFormat.table: _as_tsv,
        OutputFormat.tsv: _as_tsv,
        OutputFormat.csv: _as_csv,
        OutputFormat.json: lambda sheet: (
            to_json(sheet.plain[0] if single else list(sheet.plain), indent=2) + "\n"
        ),
        OutputFormat.jsonl: lambda sheet: "".join(to_json(item) + "\n" for item in sheet.plain),
        OutputFormat.ids: lambda sheet: "".join(f"{identifier}\n" for identifier in sheet.ids),
        OutputFormat.parquet: _not_parquet,
    }


def _as_tsv(sheet: Sheet) -> str:
    """Return a line of column names and a line per result; blanks of any kind in a cell are single spaces."""
    rows = [sheet.keys, *sheet.cells] if sheet.keys else []
    return "".join("\t".join(printable(" ".join(cell.split())) for cell in row) + "\n" for row in rows)


def _as_csv(sheet: Sheet) -> str:
    import csv
    import io

    from ..bulk._export.csv import guard, replace_controls

    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(sheet.keys)
    writer.writerows([guard(cell) for cell in row] for row in sheet.cells)
    return replace_controls(text.getvalue())


def _not_parquet(_: Sheet) -> str:
    raise Refusal("only records and entries can be written as Parquet; choose another --format")


def _local(value: object) -> str:
    """Return a moment in the zone of this machine; anything else as it is."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return _cell(value)
    return local_time(moment)


def local_time(moment: datetime) -> str:
    """Return a moment in the zone of this machine, or as it is where the calendar ends on the way there."""
    try:
        return f"{moment.astimezone():%Y-%m-%d %H:%M}"
    except (OverflowError, OSError, ValueError):  # in the years 1 and 9999; Windows knows fewer
        return moment.isoformat()


def _cell(value: object) -> str:
    if isinstance(value, list | tuple):
        return "\n".join(map(str, value))  # pyright: ignore[reportUnknownArgumentType]
    return "" if value is None else _as_text(value)


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
