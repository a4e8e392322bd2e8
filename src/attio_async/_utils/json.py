"""Strict reading of JSON text."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any


def parse_json(text: str, *, parse_float: Callable[[str], object] = float) -> Any:
    """Return the value of a JSON text.

    Args:
        text: One JSON value.
        parse_float: Makes the value of a number with a point or an exponent.

    Raises:
        ValueError: The text is not JSON, repeats a key in one object, or has NaN or an infinity.
        RecursionError: It is nested too deeply.
    """
    return json.loads(
        text, parse_float=parse_float, parse_constant=_refuse_constant, object_pairs_hook=_unique_keys
    )


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not a valid JSON value")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        repeated, _ = Counter(key for key, _ in pairs).most_common(1)[0]
        raise ValueError(f"the key {repeated!r} is given twice")
    return result
