"""JSON as people write it by hand: nothing in it may be lost, so a key twice or a NaN is an error."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

__all__ = ["read_json"]


def read_json(text: str, *, parse_float: Callable[[str], object] = float) -> Any:
    """What the text says.

    Args:
        text: One JSON value.
        parse_float: What becomes of a number with a point or an exponent.

    Raises:
        ValueError: It is not JSON, has a key twice in one object, or a number that JSON does not have.
        RecursionError: It is nested too deeply.
    """
    return json.loads(
        text,
        parse_float=parse_float,
        parse_constant=_no_constant,
        object_pairs_hook=_without_repeated_keys,
    )


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON value")


def _without_repeated_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        repeated, _ = Counter(key for key, _ in pairs).most_common(1)[0]
        raise ValueError(f"the key {repeated!r} is there twice")
    return result
