"""JSON text: strict reading, and what `json.dumps` calls for our results."""

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any, NoReturn, cast

import msgspec

from attio_async_api.json_data import to_plain_or

from .public import public
from .secret import Secret
from .text import show

_JSON_BLANKS = re.compile(r"[ \t\n\r]*")
_JSON_END = re.compile(r"[ \t\n\r,\]]")
_SEVERAL = (list, tuple, set, frozenset)


class UnwritableJson(Exception):
    """A value that JSON has no form for. Its text says why."""


def encode_json(value: object) -> bytes:
    """Return a value as JSON, in which a subclass of str, such as an id, is a text.

    Raises:
        UnwritableJson: JSON has no form for the value, or for a part of it.
        UnicodeEncodeError: A text holds half a surrogate pair.
    """
    try:
        text = msgspec.json.encode(value, enc_hook=_plain_text)
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
    if b"null" in text:  # which is also what NaN and infinities have become
        _check_numbers(value)
    return text


_NO_FLOATS = frozenset({str, int, bool, type(None)})
"""The types of most values, by which most lists and dicts are passed over as a whole."""


def _check_numbers(value: object) -> None:
    waiting: list[Iterable[object]] = [(value,)]
    while waiting:
        items = waiting.pop()
        if _NO_FLOATS.issuperset(map(type, items)):
            continue
        for each in items:
            if isinstance(each, float) and not math.isfinite(each):
                raise UnwritableJson(f"it holds the number {each!r}, which JSON does not have")
            if isinstance(each, dict):
                waiting.append(cast("dict[object, object]", each).values())
            elif isinstance(each, _SEVERAL):
                waiting.append(cast("Iterable[object]", each))


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


def iter_json_array(chunks: Iterator[str], *, parse_float: Callable[[str], object] = float) -> Generator[Any]:
    """Yield the items of a JSON array as they are read. See `parse_json`.

    Args:
        chunks: The text in pieces.
        parse_float: Makes the value of a number with a point or an exponent.

    Raises:
        ValueError: The text is not a JSON array, or not a valid one. Items before that were yielded.
        RecursionError: It is nested too deeply.
    """
    decoder = json.JSONDecoder(
        parse_float=parse_float, parse_constant=_refuse_constant, object_pairs_hook=_unique_keys
    )
    text = _JSONBuffer(chunks)
    if text.next_character() != "[":
        raise text.error("Expecting '['")
    text.skip()
    if text.next_character() == "]":
        text.skip()
    else:
        while True:
            yield text.decode(decoder)
            separator = text.next_character()
            if separator not in {",", "]"}:
                raise text.error("Expecting ',' delimiter")
            text.skip()
            if separator == "]":
                break
    if text.next_character():
        raise text.error("Extra data")


class _JSONBuffer:
    """The part of a JSON text that is being parsed."""

    def __init__(self, chunks: Iterator[str]) -> None:
        self._chunks = chunks
        self._text = ""
        self._position = 0
        self._lines = 0  # before the text that is here
        self._column = 0  # of its beginning, from 0

    def next_character(self) -> str:
        """Return the next character that is not a blank, without taking it; "" at the end."""
        while True:
            end = _JSON_BLANKS.match(self._text, self._position)
            self._position = end.end() if end else self._position
            if self._position < len(self._text):
                return self._text[self._position]
            if not self._read(1):
                return ""

    def skip(self) -> None:
        """Take a character."""
        self._position += 1

    def decode(self, decoder: json.JSONDecoder) -> Any:
        """Take a value."""
        self.next_character()
        while True:
            try:
                value, end = decoder.raw_decode(self._text, self._position)
            except json.JSONDecodeError as error:
                after = error.pos - self._position
                # As much again is read as is here, so that a large value is not parsed too often.
                if not self._read(len(self._text) - self._position):
                    self._position += after
                    raise self.error(error.msg) from None
                continue
            size = end - self._position
            is_whole = _JSON_END.match(self._text, end) is not None  # "1." may go on in the next piece
            if is_whole or not self._read(1):
                self._position += size
                return value

    def error(self, reason: str) -> ValueError:
        """Return an error at the next character."""
        before = self._text[: self._position]
        line = self._lines + before.count("\n") + 1
        start = before.rfind("\n")
        column = self._position - start if start >= 0 else self._column + self._position + 1
        return ValueError(f"{reason}: line {line} column {column}")

    def _read(self, least: int) -> bool:
        """Read at least so many characters more; return False at the end."""
        taken = self._text[: self._position]
        self._lines += taken.count("\n")
        start = taken.rfind("\n")
        self._column = self._column + len(taken) if start < 0 else len(taken) - start - 1
        parts = [self._text[self._position :]]
        self._position = 0
        size = 0
        while size < max(1, least):
            chunk = next(self._chunks, "")
            if not chunk:
                break
            parts.append(chunk)
            size += len(chunk)
        self._text = "".join(parts)
        return size > 0


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
