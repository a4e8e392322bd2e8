"""Apply `openapi/overlay.toml`: corrections that expire loudly."""

import json
from typing import Any

from codegen.facts import Json, locate

KEYS = {"pointer", "old", "new", "why"}
NOWHERE = (KeyError, IndexError, ValueError, TypeError)


def apply(document: Json, corrections: list[Json]) -> list[str]:
    """Put every correction in place; `old` and `new` are JSON texts (TOML has no null).

    Returns what is wrong: a place is missing or no longer holds `old`, for the defect is gone or has changed.
    """
    wrong: list[str] = []
    for correction in corrections:
        if correction.keys() != KEYS:
            wrong.append(f"overlay.toml: a correction has {sorted(KEYS)}, this one {sorted(correction)}")
            continue
        pointer: str = correction["pointer"]
        try:
            target, key = locate(document, pointer)
        except NOWHERE:
            wrong.append(f"overlay.toml: {pointer} leads nowhere; the correction is out of date")
            continue
        found: Any = target[key]
        if found == json.loads(correction["old"]):
            target[key] = json.loads(correction["new"])
        else:
            told = json.dumps(found)
            wrong.append(f"overlay.toml: {pointer} holds {told} by now; the correction is out of date")
    return wrong


def undo(document: Json, corrections: list[Json]) -> None:
    """Put back what corrections changed, wherever the document holds their outcome."""
    for correction in reversed(corrections):
        try:
            target, key = locate(document, correction["pointer"])
        except NOWHERE:
            continue
        if target[key] == json.loads(correction["new"]):
            target[key] = json.loads(correction["old"])
