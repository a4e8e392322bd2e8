"""JSON text: strict reading, and what `json.dumps` calls for our results."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any, NoReturn

import msgspec

from attio_async_api.json_data import to_plain_or

from .public import public
from .secret import Secret
from .text import show


class UnwritableJson(Exception):
    """A value that JSON has no form for. Its text says why."""


def encode_json(value: object) -> bytes:
    """Return a value as JSON, in which a subclass of str, such as an id, is a text.

    Raises:
        UnwritableJson: JSON has no form for the value, or for a part of it.
        UnicodeEncodeError: A text holds half a surrogate pair.
    """
    try:
        return msgspec.json.encode(value, enc_hook=_plain_text)
    except UnicodeEncodeError:
        raise
    except RecursionError:
        raise UnwritableJson("it is nested too deeply, or holds itself") from None
    except OverflowError:
        raise UnwritableJson("it holds a number that is too large") from None
    except (TypeError, ValueError) as error:
        is_number = "digits" in str(error)  # Python refuses to write out an int of thousands of them
        raise UnwritableJson("it holds a number that is too large" if is_number else str(error)) from None
    except Exception as error:  # noqa: BLE001 - a value of the caller's own may raise anything
        raise UnwritableJson(f"one of its values raised {show(error)}") from None


def _plain_text(value: object) -> str:
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, Secret):
        return value.reveal()
    raise TypeError(f"it holds a value of type {type(value).__name__}")


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
