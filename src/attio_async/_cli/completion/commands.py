"""The table of commands and options that completion reads instead of loading the command line.

It is made from the commands themselves, kept in the cache folder, and made again when the code is newer.
"""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import Any, cast, get_args
from zlib import crc32

from ..._version import __version__
from .names import cache_folder, write_private

Table = dict[str, Any]
"""A group: its "help" and "commands". A command: its "help", "options" and "arguments", each of which is a dict."""

KINDS = {
    "NAME": "target",
    "NAME/ID": "reference",
    "KEEP": "reference",
    "DROP": "reference",
    "OBJECT": "object",
    "LIST": "list",
    "PROFILE": "profile",
    "SLUG": "unique",
    "[OBJECT=]SLUG": "unique",
    "SLUG,SLUG": "columns",
    "SLUG=VALUE": "assignment",
    "SLUG=VALUE...": "assignment",
    "SLUG[:desc]": "sort",
    "F...": "filter",
    "[F...]": "filter",
    "F...|JSON": "filter",
    "FILE": "file",
    "FILE...": "file",
    "DEAD_LETTERS": "file",
    "FOLDER": "file",
}
"""What completes an argument, by its name in the help; an argument of another name is free text."""


def command_table(root: Callable[[], Any]) -> Table:
    """Return the table, from the cache if it is as new as the code.

    Args:
        root: Returns the group of all commands, if the table has to be made from them.
    """
    stamp, file = _stamp(), _file()
    with suppress(OSError, ValueError, LookupError, TypeError, RecursionError):
        found = cast("Table", json.loads(file.read_bytes()))
        if found["stamp"] == stamp:
            return found
    table = make_table(root()) | {"stamp": stamp}
    write_private(file, table)
    return table


def make_table(command: Any) -> Table:
    """Return the description of a command, or of a group with all its commands."""
    from typer import Context

    summary = str(command.help or "").partition("\n")[0]
    described: Table = {"help": summary, "options": {}, "arguments": []}
    for parameter in [
        *command.params,
        command.get_help_option(Context(command, help_option_names=["-h", "--help"])),
    ]:
        one = _parameter(parameter)
        if parameter.param_type_name == "argument":
            described["arguments"].append(one)
        else:
            for name in parameter.opts:
                described["options"][name] = one
    if hasattr(command, "list_commands"):
        context = Context(command)
        described["commands"] = {
            name: make_table(command.get_command(context, name)) for name in command.list_commands(context)
        }
    return described


def _parameter(parameter: Any) -> dict[str, Any]:
    choices = _choices(parameter)
    return {
        "help": " ".join(str(parameter.help).split()).partition("  [")[0],
        "kind": "choice" if choices else KINDS.get(parameter.metavar, "text"),
        "choices": choices,
        "takes_value": not getattr(parameter, "is_flag", False),
        "is_repeatable": getattr(parameter, "multiple", False) or parameter.nargs < 0,
    }


def _choices(parameter: Any) -> list[str]:
    if hasattr(parameter, "type"):
        return [str(getattr(each, "value", each)) for each in getattr(parameter.type, "choices", ())]
    annotation = parameter.type_descriptor.annotation  # typer from 0.28 on
    kinds = [annotation, *get_args(annotation)]
    return [
        str(each.value)
        for kind in kinds
        if isinstance(kind, type) and issubclass(kind, Enum)
        for each in kind
    ]


def _stamp() -> str:
    """Return what changes with the code of the commands."""
    room = Path(__file__).parents[1]
    files = [entry for folder in (room, room / "commands") for entry in os.scandir(folder)]
    newest = max(entry.stat().st_mtime_ns for entry in files if entry.name.endswith(".py"))
    return f"{__version__} {newest}"


def _file() -> Path:
    """Return the file of this installation."""
    return cache_folder() / f"commands-{crc32(__file__.encode()):08x}.json"
