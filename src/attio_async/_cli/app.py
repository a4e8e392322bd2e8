"""The command line: its commands and groups.

`--help` loads the functions of the commands alone: what they work with is imported when one of them runs.
"""

import inspect
import re
from collections.abc import Callable
from typing import Any

import typer

from .commands import api, changes, demo, doctor, export, import_, read, serve, webhooks
from .runner import as_command

_EXIT_CODES = """
Exit codes:
  0    done
  1    failed
  2    nothing was done: wrong usage, file, token or configuration
  130  interrupted
"""
_PREFORMATTED = re.compile(r"^(?=(?:Examples|Exit codes):$)", re.MULTILINE)


def _group(help: str, *functions: Callable[..., Any], epilog: str | None = None) -> typer.Typer:
    """Return a group of commands named for their functions, whose docstrings are the help."""
    group = typer.Typer(
        help=help,
        epilog=epilog,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    for function in functions:
        text = inspect.getdoc(function) or ""
        text += "" if "Exit codes:" in text else f"\n{_EXIT_CODES}"
        name = function.__name__.strip("_").replace("_", "-")
        # Without this mark the lines of a list would be joined to one paragraph.
        group.command(name, help=_PREFORMATTED.sub("\b\n", text))(as_command(function))
    return group


app = _group(
    "Import, export, query and watch the records of an Attio workspace.",
    import_.import_,
    export.export,
    changes.changes,
    read.query,
    read.get,
    read.objects,
    read.attributes,
    api.api,
    read.whoami,
    doctor.doctor,
    demo.demo,
    serve.serve,
    epilog=_PREFORMATTED.sub("\b\n", _EXIT_CODES.strip())
    + "\n\nData goes to standard output, messages to standard error.",
)
app.add_typer(
    _group(
        "Manage webhooks, print their deliveries and replay them.",
        webhooks.list_,
        webhooks.ensure,
        webhooks.listen,
        webhooks.replay,
    ),
    name="webhooks",
)
