"""JSON text: strict reading, and what `json.dumps` calls for our results."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any, NoReturn

from attio_async_api.json_data import to_plain_or

from .public import public


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


@public
def jsonable(value: object) -> Any:
    """Return a result, or a value of an attribute, as JSON data: ``json.dumps(records, default=jsonable)``.

    Records, tasks, pages, errors and all other results become their `to_dict(mode="json")`, decimals text, and dates
    and times ISO 8601.

    Raises:
        TypeError: JSON has no form for the value.
    """
    return to_plain_or(value, _refuse)


def _refuse(value: object) -> NoReturn:
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
