"""Values as the text of one CSV cell, in the form that the command line can import again.

- Several values of a multiselect attribute are joined by a separator; a value that contains the separator is quoted as
  in CSV.
- A record reference is `object/record_id`, a workspace member `workspace-member/id`.
- A name is `Last, First` where that loses nothing; other values with parts are JSON objects.
- Where a spreadsheet would run a formula, there is an apostrophe before it, and control characters are replaced, unless
  formulas are kept.
"""

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, cast

from attio_async_api.json_data import to_plain

from ...values import (
    ActorRef,
    Name,
    PersonName,
    RecordRef,
    Ref,
)

Formulas = Literal["escape", "keep"]
"""What becomes of cells that a spreadsheet would run as formulas."""

_SIGNS = "=+\\-@＝＋－＠"  # noqa: RUF001 - the full-width signs are meant
_END = r"(?=[;\t\r\n]|\Z)"
_NUMBER = rf"(?:\+\d+|-\d+(?:\.\d+)?){_END}"
_FORMULA = re.compile(
    rf"(\A(?!{_NUMBER})(?='*[{_SIGNS}\t\r\n])|(?<=[;\t\r\n])(?!{_NUMBER})(?='*\"?[{_SIGNS}]))"
)
"""The places where spreadsheets begin a formula, some of them in its full-width form as well.

Where the semicolon separates cells, as in much of Europe, they also split a cell there and at line breaks.
"""
_GUARDED = re.compile(rf"\A'(?='*[{_SIGNS}\t\r\n])|(?<=[;\t\r\n])'(?='*\"?[{_SIGNS}])")
_SUSPICIOUS = re.compile(rf"[{_SIGNS}\t\r\n]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_PHONE = re.compile(r"\+\d+")
_HARMLESS_SEPARATOR = re.compile(r"[\s,|/]+")


def replace_controls(text: str) -> str:
    """Return text without control characters that a terminal would obey; tabs and line breaks stay."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)


def guard(cell: str, separator: str = ";") -> str:
    """Return the cell with an apostrophe wherever a spreadsheet would run a formula.

    Negative numbers and phone numbers, which are digits after a sign, are left alone, also several of them.
    """
    if not _SUSPICIOUS.search(cell):
        return cell
    if _HARMLESS_SEPARATOR.fullmatch(separator) and all(map(_PHONE.fullmatch, cell.split(separator))):
        return cell
    return _FORMULA.sub("'", cell)


def unguard(cell: str) -> str:
    """Return the cell as it was before `guard`."""
    return _GUARDED.sub("", cell) if "'" in cell else cell


def join(values: Sequence[str], separator: str) -> str:
    """Return the values in one cell."""
    return separator.join(_quoted(value, separator) for value in values)


def _quoted(value: str, separator: str) -> str:
    if (
        value
        and value == value.strip()
        and not value.startswith('"')
        and separator not in f"{value}{separator[:-1]}"
    ):
        return value
    return '"' + value.replace('"', '""') + '"'


def to_cell(native: object, separator: str) -> str:
    """Return the text of a cell for a native value, not guarded yet."""
    if isinstance(native, list):
        return join([_text(value) for value in cast("list[object]", native)], separator)
    return _text(native)


def _text(native: object) -> str:  # noqa: PLR0911 - one line per kind of value
    match native:
        case None:
            return ""
        case str():
            return native
        case bool():
            return "true" if native else "false"
        case float():
            return format(Decimal(repr(native)), "f")
        case PersonName():
            return _name_text(native)
        case RecordRef():
            return f"{native.object}/{native.record_id}"
        case Ref():
            return str(native.value)
        case ActorRef(type=str(), id=str()):
            return f"{native.type}/{native.id}"
        case _:
            plain = to_plain(native)
            return plain if isinstance(plain, str) else _json(plain)


def _name_text(name: PersonName) -> str:
    candidates = [name.full_name or ""]
    if name.first_name and name.last_name:
        candidates.insert(0, f"{name.last_name}, {name.first_name}")
    for text in candidates:
        parsed = Name.parse(text)
        if (parsed.first_name, parsed.last_name, str(parsed)) == (
            name.first_name,
            name.last_name,
            name.full_name,
        ):
            return text
    return _json(to_plain(name))


def _json(plain: object) -> str:
    return json.dumps(plain, ensure_ascii=False)
