"""Parts of pages that are generated from the code: operators, errors and the commands."""

import inspect
import re
from collections.abc import Callable, Iterator

import click
import typer.main

from attio_async import errors
from attio_async._cli.app import app
from attio_async.query import _operators as operators

PYTHON = {
    "$eq": "`==`",
    "$lt": "`<`",
    "$lte": "`<=`",
    "$gt": "`>`",
    "$gte": "`>=`",
    "$in": "`.in_()`",
    "$contains": "`.contains()`",
    "$starts_with": "`.starts_with()`",
    "$ends_with": "`.ends_with()`",
    "$not_empty": "`.not_empty()`",
}
SENT = (
    (
        "nothing was sent",
        (
            errors.ConfigurationError,
            errors.CoercionError,
            errors.FilterError,
            errors.UnknownName,
            errors.StateMismatch,
        ),
    ),
    ("the request, and it may have been carried out", (errors.OutcomeUnknown,)),
    ("what was in flight; the other worker reads it back", (errors.JobSuperseded,)),
    ("the request; Attio rejected it, and nothing was written", (errors.APIError,)),
    (
        "a read, or a write that is safe to retry; for writes that are not, see `OutcomeUnknown`",
        (errors.TransportError, errors.DecodeError),
    ),
    ("a read, which succeeded", (errors.NoResultFound, errors.MultipleResultsFound)),
    ("the request; no workspace was connected", (errors.OAuthError,)),
    ("nothing: the failure is on this machine", (errors.StorageError, errors.InvalidDelivery)),
)
"""What was sent when an error is raised, by its nearest class."""
SENT_EXCEPTIONS = {
    errors.ServerError: "the request; reads and safe writes were retried, other writes raise `OutcomeUnknown`",
    errors.MergeInProgress: "the request; the merge goes on at Attio",
}
ADVICE = {
    errors.ConfigurationError: "fix the option or argument that the message names",
    errors.InputChanged: "give the job the rows that it was begun with, or another journal",
    errors.StorageError: "free space, or choose another folder; what was written before is kept",
    errors.CoercionError: "fix the values; `problems` lists all of them at once",
    errors.DuplicateKey: 'drop one of the rows, or pass `duplicates="last"`',
    errors.FilterError: "fix the filter; the message says what the type supports",
    errors.UnknownName: "use one of the `suggestions`",
    errors.NoResultFound: "use `first()` or `one_or_none()` if no result is fine",
    errors.MultipleResultsFound: "narrow the filter, or use `first()`",
    errors.TransportError: "check the network, then run `attio-async doctor`",
    errors.DecodeError: "report it, with the execution id",
    errors.InvalidDelivery: "answer with 400; the signature was valid, so report it",
    errors.OutcomeUnknown: "read the record back before you write again",
    errors.JobSuperseded: "end this run; the worker that took over finishes the job",
    errors.OAuthError: "let the person start again",
    errors.InvalidClient: "check the client id and secret",
    errors.BadRequest: "fix the input; the message is Attio's",
    errors.MultipleMatches: "merge the duplicates, or match on another attribute",
    errors.QueryTooComplex: "simplify the query: fewer conditions, fewer references",
    errors.ValueNotFound: "use one of the `suggestions`, or create the option first",
    errors.AuthenticationFailed: "check the token",
    errors.TokenInactive: "connect the workspace again",
    errors.PermissionDenied: "give the token the scopes in `missing_scopes`",
    errors.NotFound: "the id is wrong, deleted or merged",
    errors.MergeInProgress: "read again in a few seconds",
    errors.Conflict: "read the record, and decide",
    errors.UniquenessConflict: "use `upsert`, or another value for `attribute`",
    errors.BillingLimit: "change the plan of the workspace",
    errors.RateLimited: "wait `retry_after` seconds; other programs use the same token",
    errors.ServerError: "try again later",
}
"""What to do about an error, by its nearest class."""


def operator_table() -> str:
    """Return the operators of each property of each attribute type."""
    lines = ["| type | property | operators |", "|---|---|---|"]
    for kind, rules in sorted(operators.RULES.items()):
        presence = rules.presence or rules.default
        for name, allowed in rules.properties.items():
            shown = [text for operator, text in PYTHON.items() if operator in allowed]
            if name == presence and "$not_empty" not in allowed and rules.presence:
                shown.append(PYTHON["$not_empty"])
            label = f"`{name}`" + (" (may be left out)" if name == rules.default else "")
            lines.append(f"| {kind} | {label} | {', '.join(shown)} |")
    return "\n".join(lines)


def error_table() -> str:
    """Return each exception: when it is raised, what was sent, and what to do."""
    lines = ["| exception | raised when | what was sent | what to do |", "|---|---|---|---|"]
    for depth, error in _tree(errors.AttioError, 0):
        when = (inspect.getdoc(error) or "").partition("\n")[0].rstrip(".")
        name = f"{'&nbsp;' * 3 * depth}[`{error.__name__}`](reference/errors.md#attio_async.errors.{error.__name__})"
        lines.append(f"| {name} | {when} | {_sent(error)} | {_advice(error)} |")
    return "\n".join(lines)


def _tree(error: type[errors.AttioError], depth: int) -> Iterator[tuple[int, type[errors.AttioError]]]:
    for each in sorted(error.__subclasses__(), key=lambda each: each.__name__):
        if each.__name__ in errors.__all__:
            yield depth, each
            yield from _tree(each, depth + 1)


def _sent(error: type[errors.AttioError]) -> str:
    if error in SENT_EXCEPTIONS:
        return SENT_EXCEPTIONS[error]
    for text, classes in SENT:
        if issubclass(error, classes):
            return text
    raise LookupError(f"{error.__name__} is not in the table of what was sent")


def _advice(error: type[errors.AttioError]) -> str:
    for each in error.__mro__:
        if each in ADVICE:
            return ADVICE[each]
    return "look at its message and `hint`"


def commands() -> str:
    """Return the reference of the command line."""
    root = typer.main.get_command(app)
    context = click.Context(root, info_name="attio-async")
    return "\n".join(line for name in _names(root, context) for line in _command(root, context, (name,), 2))


def _names(group: object, context: click.Context) -> list[str]:
    return group.list_commands(context) if hasattr(group, "list_commands") else []  # type: ignore[no-any-return]


def _command(group: object, parent: click.Context, path: tuple[str, ...], level: int) -> Iterator[str]:
    command = group.get_command(parent, path[-1])  # type: ignore[attr-defined]
    context = click.Context(command, info_name=path[-1], parent=parent)
    yield f"{'#' * level} attio-async {' '.join(path)}"
    yield ""
    yield from _help(command.help or "")
    names = _names(command, context)
    if not names:
        yield "```"
        yield command.get_usage(context).removeprefix("Usage: ")
        yield "```"
        yield ""
        yield from _parameters(command)
    for name in names:
        yield from _command(command, context, (*path, name), level + 1)


def _help(text: str) -> Iterator[str]:
    """Yield the help as Markdown: lists of examples and exit codes as code."""
    is_code = False
    for line in text.replace("\b", "").splitlines():
        if is_code != line.startswith("  "):
            if not is_code:
                yield ""
            yield "```"
            is_code = not is_code
        yield line if is_code else _plain(line)
    if is_code:
        yield "```"
    yield ""


def _parameters(command: click.Command) -> Iterator[str]:
    shown = [each for each in command.params if not getattr(each, "hidden", False) and each.name != "help"]
    if not shown:
        return
    yield "| argument or option | description |"
    yield "|---|---|"
    for parameter in shown:
        names = ", ".join(f"`{each}`" for each in [*parameter.opts, *parameter.secondary_opts])
        metavar = parameter.metavar or ""
        if parameter.param_type_name == "argument":
            label = f"`{metavar or (parameter.name or '').upper()}`"
        else:
            label = f"{names} `{metavar}`" if metavar else names
        about = _plain(" ".join((getattr(parameter, "help", None) or "").split())).replace("|", "\\|")
        yield f"| {label} | {about} |"
    yield ""


def _plain(text: str) -> str:
    """Return text with nothing that Markdown would read as markup."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if part.startswith("`") else re.sub(r"([*_<\[])", r"\\\1", part) for part in parts)


PARTS: dict[str, Callable[[], str]] = {
    "operators": operator_table,
    "errors": error_table,
    "commands": commands,
}
"""By the name in the comment ``<!-- insert: name -->`` of a page."""
