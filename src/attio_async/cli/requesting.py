"""Any request, as it is written."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import typer

from .jsontext import read_json
from .problems import Refusal
from .running import tell_if_new
from .workspace import open_workspace

__all__ = ["send_request"]


async def send_request(
    method: str, path: str, *, body: str | None, params: Sequence[str], embedded: Path | None
) -> int:
    """Send one request and print what it is answered, as JSON; nothing for an empty answer."""
    target, _, query = path.partition("?")
    values = _params(query, params)
    content = None if body is None else _body(body)
    tell_if_new(embedded)
    async with open_workspace(embedded) as attio:
        answer = await attio.request(method, target, json=content, params=values)
    if answer is not None:
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    return 0


def _params(query: str, given: Sequence[str]) -> dict[str, list[str]]:
    """Query parameters by name, those in the path first; one name may have several values."""
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        values.setdefault(name, []).append(value)
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise Refusal(f"--param {text!r} is not of the form NAME=VALUE")
        values.setdefault(name, []).append(value)
    return values


def _body(text: str) -> Any:
    """The JSON in the text, or for ``@FILE`` in that file; ``@-`` is standard input."""
    name, content = "--json-body", text
    if text.startswith("@"):
        name = "standard input" if text == "@-" else text[1:]
        try:
            raw = sys.stdin.buffer.read() if text == "@-" else Path(name).read_bytes()
            content = raw.decode("utf-8-sig")
        except OSError as error:
            raise Refusal(f"{name} cannot be read: {error.strerror or error}") from error
        except UnicodeDecodeError as error:
            raise Refusal(f"{name} is not UTF-8: {error}") from error
    try:
        found = read_json(content)
    except (ValueError, RecursionError) as error:
        raise Refusal(f"{name} is not JSON: {error}") from error
    if found is None:
        raise Refusal(f"{name} is null, which is no body; leave --json-body out")
    return found
