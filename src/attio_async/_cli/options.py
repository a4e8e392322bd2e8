"""Options that several commands share, alone and in groups, and checks of their values."""

import json
import os
import re
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, cast
from urllib.parse import urlsplit

import typer

from .errors import Refusal, as_refusal


class FormulaHandling(StrEnum):
    """The forms of CSV cells that a spreadsheet would run as formulas."""

    escape = "escape"
    keep = "keep"


Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="Object or list, by slug, title, id or web address, such as people.",
    ),
]
Reference = Annotated[
    str,
    typer.Argument(
        metavar="NAME/ID",
        help="Record or entry; people/EMAIL, companies/DOMAIN or a web address will do.",
    ),
]
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)([smhd]?)")

Columns = Annotated[
    str | None,
    typer.Option(metavar="SLUG,SLUG", help="Attributes or columns to include.  [default: all in use]"),
]
View = Annotated[
    str | None, typer.Option(metavar="TITLE", help="Saved view, by title or id, in place of a filter.")
]
Separator = Annotated[str, typer.Option(metavar="TEXT", help="Text between several values in one CSV cell.")]
Formulas = Annotated[
    FormulaHandling,
    typer.Option(help="Cells that a spreadsheet would run start with an apostrophe, or are as they are."),
]
Port = Annotated[
    int, typer.Option(min=0, max=65535, metavar="N", help="Port to listen on; 0 for any free port.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be written; write nothing.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before deleting.")]


class OutputFormat(StrEnum):
    """The form in which results are printed."""

    table = "table"
    tsv = "tsv"
    csv = "csv"
    json = "json"
    jsonl = "jsonl"
    parquet = "parquet"
    ids = "ids"


@dataclass(frozen=True, kw_only=True)
class OptionGroup:
    """Options that stand in the signature of a command as one parameter."""


@dataclass(frozen=True, kw_only=True)
class Verbosity(OptionGroup):
    """The messages on standard error. Every command has these options."""

    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print errors and results alone.")] = False
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show each request.")] = False
    debug: Annotated[
        bool,
        typer.Option("--debug", help="Show each request, the library's log, and where errors come from."),
    ] = False


@dataclass(frozen=True, kw_only=True)
class ConnectionOptions(OptionGroup):
    """The workspace that a command works on."""

    embedded: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Use an embedded workspace kept in FILE; needs no account."),
    ] = None
    profile: Annotated[
        str | None,
        typer.Option(
            "--profile",
            metavar="PROFILE",
            help="Use a workspace that `login` has kept.  [default: ATTIO_API_KEY]",
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class OutFile(OptionGroup):
    """The file that a text goes to, in place of standard output."""

    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write the results to FILE.")
    ] = None
    force: Annotated[bool, typer.Option("--force", help="Replace FILE if it exists.")] = False

    def check(self) -> None:
        """Check that the file can be written, and does not exist.

        Raises:
            Refusal: It cannot be written, or exists, and --force is not given.
        """
        refuse_existing(self.out, force=self.force)


@dataclass(frozen=True, kw_only=True)
class Output(OptionGroup):
    """The form of the results, and where they go."""

    format: Annotated[
        OutputFormat | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help=f"Form of the results: {', '.join(OutputFormat)}.  [default: by the ending of FILE; table on a"
            " terminal, else tsv]",
        ),
    ] = None
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON: an object, or one per line for several.")
    ] = False
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write the results to FILE.")
    ] = None
    force: Annotated[bool, typer.Option("--force", help="Replace FILE if it exists.")] = False
    columns: Columns = None

    def chosen(self, *, terminal: bool) -> OutputFormat:
        """Return the format to write.

        Raises:
            Refusal: The options contradict each other, or FILE exists or cannot be written.
        """
        if self.as_json and self.format is not None:
            raise Refusal("give either --json or --format")
        refuse_existing(self.out, force=self.force)
        if self.as_json:
            return OutputFormat.jsonl
        if self.format is OutputFormat.parquet and self.out is None:
            raise Refusal("Parquet needs a file; give --out FILE")
        if self.format is not None:
            return self.format
        if self.out is None:
            return OutputFormat.table if terminal else OutputFormat.tsv
        return _BY_ENDING[known_ending(self.out, _BY_ENDING)]


_BY_ENDING = {
    "": OutputFormat.tsv,
    "txt": OutputFormat.tsv,
    "tsv": OutputFormat.tsv,
    "csv": OutputFormat.csv,
    "json": OutputFormat.json,
    "jsonl": OutputFormat.jsonl,
    "ndjson": OutputFormat.jsonl,
    "parquet": OutputFormat.parquet,
}


def known_ending(file: Path, known: Collection[str]) -> str:
    """Return the ending of the name of a file to write, in lower case and without its point.

    Args:
        file: The file.
        known: The endings whose format is known, "" among them.

    Raises:
        Refusal: It is another one, so that the content would not be what the name says.
    """
    ending = file.suffix[1:].lower()
    if ending not in known:
        *others, last = (f".{each}" for each in known if each)
        raise Refusal(
            f"{file}: the format {ending!r} cannot be written; use {', '.join(others)} or {last}, or give --format"
        )
    return ending


def refuse_existing(file: Path | None, *, force: bool) -> None:
    """Check that a file can be written, and that it does not exist, before anything is sent.

    Raises:
        Refusal: It exists, and `force` is not given, or its folder is missing or read-only.
    """
    if file is None:
        return
    from .._storage.files import resolve_target

    with as_refusal():
        target = resolve_target(file)
    if target.exists() and not force:
        raise Refusal(f"{file} exists; give --force to replace it")


def check_separator(separator: str) -> None:
    """Check the value of --separator.

    Raises:
        Refusal: It is empty or has a quote.
    """
    if not separator or '"' in separator:
        raise Refusal("--separator must be one or more characters, without quotes")


def check_distinct_files(files: Mapping[str, str | Path | None]) -> None:
    """Check that the files of several options are different ones. None and "-" are ignored.

    Raises:
        Refusal: Two of them are the same file.
    """
    seen: dict[str, str] = {}
    for name, file in files.items():
        if file is None or str(file) == "-":
            continue
        other = seen.setdefault(os.path.realpath(file), name)
        if other != name:
            raise Refusal(f"{other} and {name} are the same file, {file}")


def read_address(name: str, given: str) -> str:
    """Return the path or address of a database, also one that is in an environment variable.

    Raises:
        Refusal: Its variable is not set, or it has a password, which other programs could see.
    """
    if given.startswith("env:"):
        variable = given.removeprefix("env:")
        found = os.environ.get(variable)
        if not found:
            raise Refusal(f"{name}: the environment has no variable {variable!r}")
        return found
    if _has_password(given):
        raise Refusal(
            f"{name} has a password, which other programs of this machine could see; put the address into an"
            " environment variable and give env:NAME"
        )
    return given


_PASSWORD_WORD = re.compile(r"\bpassword\s*=", re.IGNORECASE)


def _has_password(database: str) -> bool:
    try:
        password = urlsplit(database).password
    except ValueError:
        password = None
    return bool(password) or _PASSWORD_WORD.search(database) is not None


def read_standard_input() -> str:
    """Return the text of standard input.

    Raises:
        Refusal: It is not UTF-8.
    """
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise Refusal(f"standard input is not UTF-8: {error}") from error


def parse_json_option(name: str, text: str) -> Any:
    """Return the value of an option that takes JSON.

    Raises:
        Refusal: The text is not JSON.
    """
    from .._utils.json import parse_json

    try:
        return parse_json(text)
    except (ValueError, RecursionError) as error:
        raise Refusal(f"{name} is not valid JSON: {error}") from error


def parse_json_object(name: str, text: str) -> dict[str, Any]:
    """Return the value of an option that takes a JSON object.

    Raises:
        Refusal: The text is not a JSON object.
    """
    found = parse_json_option(name, text)
    if not isinstance(found, dict):
        raise Refusal(f"{name} must be a JSON object")
    return cast("dict[str, Any]", found)


def seconds_of(text: str, option: str) -> float:
    """Return the seconds of a time such as "15m".

    Raises:
        Refusal: It is not such a time.
    """
    found = _DURATION.fullmatch(text.strip())
    if found is None or not float(found[1]):
        raise Refusal(f"{option} takes a time such as 30s, 15m, 2h or 1d, not {json.dumps(text)}")
    return float(found[1]) * _UNITS[found[2] or "s"]
