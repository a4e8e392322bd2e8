"""TOML as people would write it."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

_LAST_SHORT = "\uffff"
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml_lines(pairs: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each pair; without those that say nothing."""
    for key, value in pairs.items():
        if value not in ("", None, [], {}):
            yield f"{toml_key(key)} = {toml_value(value)}\n"


def toml_key(name: str) -> str:
    """Return a key, quoted if it has to be."""
    return name if _BARE.fullmatch(name) else _text(name)


def toml_value(value: object) -> str:
    """Return a value on one line; a mapping as an inline table, and what TOML does not know as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, object]", value).items()
        inner = ", ".join(f"{toml_key(key)} = {toml_value(each)}" for key, each in pairs if each is not None)
        return f"{{ {inner} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml_value, cast('list[object]', value)))}]"
    return _text(str(value))


def _text(text: str) -> str:
    """Return a text as a basic string; what cannot be seen is escaped."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(
        each
        if each.isprintable()
        else f"\\u{ord(each):04x}"
        if each <= _LAST_SHORT
        else f"\\U{ord(each):08x}"
        for each in quoted
    )
