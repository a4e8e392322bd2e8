"""Records in consoles and notebooks: the title, the id and a few values."""

from collections.abc import Mapping
from datetime import date, datetime
from html import escape
from typing import Any, cast

from ..values import Interaction, PersonName

_TITLE = "name"
_NOT_SHOWN = frozenset({"record_id", "entry_id", "created_at", "created_by"})
_MAX_VALUES = 3
_MAX_ROWS = 20
_MAX_CHARS = 40
_MAX_CELL_CHARS = 200


def describe(filled: Mapping[str, Any]) -> str:
    """Return the title and a few values as the end of a `repr`; empty if there are none."""
    title = title_of(filled)
    others = [
        f"{slug}={_cut(_code(value), _MAX_CHARS)}" for slug, value in _own(filled).items() if slug != title
    ]
    shown = ", ".join(others[:_MAX_VALUES])
    more = ", ..." if len(others) > _MAX_VALUES else ""
    name = f" {_cut(repr(_text(filled[title])), _MAX_CHARS)}" if title is not None else ""
    return f"{name}: {shown}{more}" if shown else name


def title_of(filled: Mapping[str, Any]) -> str | None:
    """Return the slug of the attribute that names the record: `name`, else the first name or text."""
    if _TITLE in filled:
        return _TITLE
    own = _own(filled).items()
    return next((slug for slug, value in own if isinstance(value, str | PersonName)), None)


def html_table(heading: str, facts: Mapping[str, Any], filled: Mapping[str, Any]) -> str:
    """Return a table of the values. All text is escaped; only an address that starts with https:// becomes a link."""
    title = title_of(filled)
    name = "" if title is None else f" <b>{escape(_cut(_text(filled[title]), _MAX_CELL_CHARS))}</b>"
    own = {slug: value for slug, value in _own(filled).items() if slug != title}
    shown = [*facts.items(), *list(own.items())[:_MAX_ROWS]]
    rows = "".join(f"<tr><th>{escape(slug)}</th><td>{_cell(value)}</td></tr>" for slug, value in shown)
    hidden = len(own) - _MAX_ROWS
    more = f"<p>and {hidden} more attributes</p>" if hidden > 0 else ""
    return f"<p>{escape(heading)}{name}</p><table>{rows}</table>{more}"


def _own(filled: Mapping[str, Any]) -> dict[str, Any]:
    """Return what tells one record from others, without what every record has."""
    return {
        slug: value
        for slug, value in filled.items()
        if slug not in _NOT_SHOWN and not isinstance(value, Interaction)
    }


def _cell(value: object) -> str:
    text = _cut(_text(value), _MAX_CELL_CHARS)
    if isinstance(value, str) and value.startswith("https://"):
        return f'<a href="{escape(value)}">{escape(text)}</a>'
    return escape(text)


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_text(each) for each in cast("list[object]", value))
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def _code(value: object) -> str:
    """Return a value as it looks in code, values with parts by their text."""
    if isinstance(value, list):
        return f"[{', '.join(_code(each) for each in cast('list[object]', value))}]"
    return repr(value) if isinstance(value, str | bool | int | float) else repr(_text(value))


def _cut(text: str, size: int) -> str:
    return text if len(text) <= size else f"{text[: size - 1]}…"
