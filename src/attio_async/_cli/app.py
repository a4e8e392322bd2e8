"""The command line: its commands and groups.

`--help` loads the functions of the commands alone: what they work with is imported when one of them runs.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from inspect import getdoc
from typing import Annotated, Any, ClassVar

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup

from .commands import (
    api,
    changes,
    demo,
    engine,
    export,
    import_,
    mirror,
    models,
    read,
    schema,
    serve,
    setup,
    sync,
    webhooks,
    work,
    write,
)
from .output import print_text
from .runner import as_command

_EXIT_CODES = """
Exit codes:
  0    done
  1    failed
  2    nothing was done: wrong usage, file, token or configuration
  130  interrupted
"""
_READER_GONE = "  141  the reader of the output has gone, as with `| head`\n"
_HELP_OPTIONS = {"help_option_names": ["-h", "--help"]}
_MIN_OPTION_WIDTH = 12
_PREFORMATTED = re.compile(r"^(?=(?:Examples|Exit codes):$)", re.MULTILINE)


class _Command(TyperCommand):
    """A command whose help fits a narrow terminal, too."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        super().format_help(ctx, _narrowed(formatter))


def _narrowed(formatter: Any) -> Any:
    """Return the formatter of a help, which puts long options on a line of their own."""
    formatter.write_dl = partial(formatter.write_dl, col_max=max(_MIN_OPTION_WIDTH, formatter.width // 3))
    return formatter


class _Group(TyperGroup):
    """A group that builds a command when it is used: to build them all takes as long as to load them."""

    members: ClassVar[Mapping[str, typer.Typer]]

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands: dict[str, Any] = dict.fromkeys(self.members)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - as typer calls it
        return typer.main.get_command(self.members[cmd_name]) if cmd_name in self.members else None

    def format_help(self, ctx: Any, formatter: Any) -> None:
        super().format_help(ctx, _narrowed(formatter))

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - as typer calls it
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, str(member.info.help).partition("\n")[0]) for name, member in self.members.items()]
            )


def _command(function: Callable[..., Any], prefix: str) -> tuple[str, typer.Typer]:
    """Return a command with the name of a function, without the prefix; the docstring is the help."""
    text = getdoc(function) or ""
    text = (text if "Exit codes:" in text else f"{text}\n{_EXIT_CODES}").rstrip() + f"\n{_READER_GONE}"
    # Without this mark the lines of a list would be joined to one paragraph.
    text = _PREFORMATTED.sub("\b\n", text)
    command = typer.Typer(help=text, add_completion=False, rich_markup_mode=None)
    command.command(cls=_Command, help=text, context_settings=_HELP_OPTIONS)(as_command(function))
    return function.__name__.removeprefix(prefix).strip("_").replace("_", "-"), command


def _group(
    help: str,
    *functions: Callable[..., Any],
    prefix: str = "",
    epilog: str = "",
    callback: Callable[..., None] = lambda: None,
    **groups: typer.Typer,
) -> typer.Typer:
    """Return a group of commands and groups; the names of the functions begin with the prefix."""
    members = dict(_command(function, prefix) for function in functions) | groups
    return typer.Typer(
        cls=type("_Group", (_Group,), {"members": members}),
        callback=callback,
        context_settings=_HELP_OPTIONS,
        help=help,
        epilog=epilog,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )


def _print_version(wanted: bool) -> None:
    if not wanted:
        return
    from platform import python_version

    from .._version import __version__

    print_text(f"attio-async {__version__} on Python {python_version()}")
    raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    del version  # has ended the command where it was given


app = _group(
    "Import, export, query and watch the records of an Attio workspace.",
    import_.import_,
    sync.sync,
    export.export,
    changes.changes,
    read.query,
    read.get,
    read.search,
    write.create,
    write.update,
    write.edit,
    write.upsert,
    write.delete,
    write.merge,
    read.objects,
    read.lists,
    read.attributes,
    read.members,
    read.sql,
    api.api,
    read.whoami,
    setup.login,
    setup.logout,
    setup.profiles,
    setup.doctor,
    setup.completion,
    demo.demo,
    serve.serve,
    engine=_group(
        "Run the jobs of many tenants.",
        engine.engine_init,
        engine.engine_worker,
        engine.engine_run,
        engine.engine_status,
        engine.engine_dead,
        engine.engine_retry,
        prefix="engine_",
        tenants=_group(
            "Add, pause, resume and remove tenants.",
            engine.engine_tenants_list,
            engine.engine_tenants_add,
            engine.engine_tenants_pause,
            engine.engine_tenants_resume,
            engine.engine_tenants_remove,
            prefix="engine_tenants_",
        ),
    ),
    mirror=_group(
        "Keep the workspace as tables in a database of your own.",
        mirror.mirror_refresh,
        mirror.mirror_watch,
        mirror.mirror_sql,
        mirror.mirror_status,
        mirror.mirror_forget,
        prefix="mirror_",
    ),
    models=_group(
        "Make Python models of the workspace, and compare them with it.",
        models.pull,
        models.check,
    ),
    note=_group("List and write notes on records.", work.note_list, work.note_create, prefix="note_"),
    task=_group(
        "List, create and complete tasks.", work.task_list, work.task_create, work.task_done, prefix="task_"
    ),
    file=_group(
        "List, upload, download and delete files of records.",
        work.file_list,
        work.file_upload,
        work.file_download,
        work.file_delete,
        prefix="file_",
    ),
    schema=_group(
        "Keep the schema in a file, and make a workspace agree with it.",
        schema.pull,
        schema.plan,
        schema.apply,
        schema.check,
        schema.copy,
    ),
    webhooks=_group(
        "Manage webhooks, print their deliveries and replay them.",
        webhooks.list_,
        webhooks.ensure,
        webhooks.listen,
        webhooks.replay,
    ),
    callback=_root,
    epilog=_PREFORMATTED.sub("\b\n", _EXIT_CODES.strip() + f"\n{_READER_GONE}".rstrip())
    + "\n\nData goes to standard output, messages to standard error.",
)
