"""Applies `openapi/overlay.toml`: corrections that expire loudly."""

import json
from typing import Any

from codegen.facts import BuildError, Json, locate

KEYS = {"pointer", "old", "new", "why"}


def apply(document: Json, corrections: list[Json]) -> None:
    """Put every correction in place; `old` and `new` are JSON texts (TOML has no null).

    Raises:
        BuildError: A place is missing or no longer holds `old`: the defect is gone or has changed.
    """
    for correction in corrections:
        if correction.keys() != KEYS:
            raise BuildError(f"overlay.toml: a correction has {sorted(KEYS)}, this one {sorted(correction)}")
        pointer: str = correction["pointer"]
        try:
            target, key = locate(document, pointer)
        except (KeyError, IndexError, ValueError, TypeError):
            raise BuildError(
                f"overlay.toml: {pointer} leads nowhere; the correction is out of date"
            ) from None
        found: Any = target[key]
        if found != json.loads(correction["old"]):
            raise BuildError(
                f"overlay.toml: {pointer} holds {json.dumps(found)} by now; the correction is out of date"
            )
        target[key] = json.loads(correction["new"])
