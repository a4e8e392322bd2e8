"""Options that several commands share, and checks of their values."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from .errors import Refusal

Embedded = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Use an embedded workspace kept in FILE; needs no account."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON to standard output, for scripts.")]
Object = Annotated[str, typer.Argument(metavar="OBJECT", help="Slug or id of the object, such as people.")]
Select = Annotated[
    str | None, typer.Option(metavar="SLUG,SLUG", help="Attributes to include.  [default: all in use]")
]
Separator = Annotated[str, typer.Option(metavar="TEXT", help="Text between several values in one CSV cell.")]
Limit = Annotated[int, typer.Option(min=1, metavar="N", help="Maximum number of results.")]
Port = Annotated[
    int, typer.Option(min=0, max=65535, metavar="N", help="Port to listen on; 0 for any free port.")
]


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
