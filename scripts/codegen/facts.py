"""Shared by every step: the hand-kept files, JSON pointers, and the one error of the build."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]

EXTENSIONS = {
    "rate": "x-rate",
    "paging": "x-paging",
    "limit": "x-limit",
    "stage": "x-stage",
    "hidden": "x-hidden",
    "scopes_when": "x-scopes-when",
    "token_levels": "x-token-levels",
}
"""How the document calls the facts that only names.toml states."""
TOKEN_LEVELS = EXTENSIONS["token_levels"]
METHODS = ("get", "post", "put", "patch", "delete")
KNOWN = "x-known-values"
"""Codes of errors that were told of; there may be others at any time, so they are no enum."""


class BuildError(Exception):
    """The build stops; the message says which file or path and what to do."""


def read_json(path: Path) -> Json:
    """Return the JSON object in a file.

    Raises:
        BuildError: The file does not exist, or is not JSON.
    """
    try:
        document: Json = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BuildError(f"{path} cannot be read: {error}") from None
    return document


def write_json(path: Path, document: Json) -> None:
    """Write a document the one way that gives the same bytes for the same content."""
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read_toml(path: Path) -> Json:
    """Return the tables of a TOML file.

    Raises:
        BuildError: The file does not exist, or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BuildError(f"{path} cannot be read: {error}") from None


def operations_of(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Yield every operation as (METHOD, path, operation), in the document's order."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield method.upper(), path, operation


def is_failure(status: str) -> bool:
    """Return True if a status of a description, which may be `default`, is that of an error."""
    return status == "default" or int(status) >= 400


def extensions(table: Json) -> Json:
    """Return the facts in a table of names.toml, under their names in the document."""
    told = {"x-access": table["access"], "x-repeatable": table["repeatable"]}
    return told | {EXTENSIONS[key]: table[key] for key in EXTENSIONS if key in table}


def pascal(name: str) -> str:
    """`list_record_entries` and `workspace-member` as class names."""
    return "".join(
        part[:1].upper() + part[1:] for part in name.replace("-", "_").replace(".", "_").split("_")
    )


def locate(document: Any, pointer: str) -> tuple[Any, str | int]:
    """Return the container and key a JSON pointer (RFC 6901) ends at; KeyError if the place does not exist."""
    tokens = [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]
    target = document
    for token in tokens[:-1]:
        target = target[int(token)] if isinstance(target, list) else target[token]
    last = int(tokens[-1]) if isinstance(target, list) else tokens[-1]
    target[last]
    return target, last
