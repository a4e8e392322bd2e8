"""`api`: send any request."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qsl

import typer

from ..errors import Refusal
from ..options import ConnectionOptions, DryRun, OutFile, Yes, parse_json_option, read_standard_input
from ..output import confirm, print_json, print_or_write, to_json
from ..workspace import open_workspace, write_workspace


async def api(
    method: Annotated[str, typer.Argument(metavar="METHOD", help="GET, POST, PUT, PATCH or DELETE.")],
    path: Annotated[str, typer.Argument(metavar="PATH", help="From the root, such as /v2/self.")],
    *,
    json_body: Annotated[
        str | None, typer.Option(metavar="JSON|@FILE", help="Body of the request; @- reads standard input.")
    ] = None,
    param: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="Query parameter; may be repeated.")
    ] = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    file: OutFile,
    connection: ConnectionOptions,
) -> None:
    """Send any request and print the answer as JSON.

    The request is paced and retried like any other. One that writes names the workspace first; before a DELETE you are
    asked on a terminal, and elsewhere --yes is needed.

    Examples:
      attio-async api GET /v2/self
      attio-async api GET /v2/objects/people/attributes --param limit=3
      attio-async api POST /v2/notes --json-body @note.json

    Exit codes:
      0    done
      1    Attio refused the request, or could not be reached
      2    nothing was sent
      130  interrupted
    """
    from ..._resources.workspace import find_operation

    target, _, query = path.partition("?")
    params, body = _params(query, param or ()), None if json_body is None else _body(json_body)
    verb = method.upper()
    is_read = find_operation(verb, target).access == "read"
    file.check()
    async with open_workspace(connection) if is_read else write_workspace(connection) as attio:
        if dry_run:
            print_json({"method": verb, "path": target, "params": params, "json": body}, indent=2)
            return
        if verb == "DELETE":
            confirm(f"Send DELETE {target}?", yes=yes)
        answer = await attio.request(method, target, json=body, params=params)
    if answer is not None:
        print_or_write(to_json(answer, indent=2), file)


def _params(query: str, options: Sequence[str]) -> dict[str, list[str]]:
    """Return the values of each query parameter, those of the path first."""
    pairs = parse_qsl(query, keep_blank_values=True)
    for option in options:
        name, equals, value = option.partition("=")
        if not equals or not name:
            raise Refusal(f"--param {option!r} is not of the form NAME=VALUE")
        pairs.append((name, value))
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return values


def _body(text: str) -> Any:
    """Return the JSON of the text or, for ``@FILE``, of that file; ``@-`` is standard input."""
    name, content = "--json-body", text
    if text == "@-":
        name, content = "standard input", read_standard_input()
    elif text.startswith("@"):
        name = text[1:]
        try:
            content = Path(name).read_bytes().decode("utf-8-sig")
        except OSError as error:
            raise Refusal(f"{name} cannot be read: {error.strerror or error}") from error
        except UnicodeDecodeError as error:
            raise Refusal(f"{name} is not UTF-8: {error}") from error
    found = parse_json_option(name, content)
    if found is None:
        raise Refusal(f"{name} is null, which is not a valid body; leave --json-body out")
    return found
