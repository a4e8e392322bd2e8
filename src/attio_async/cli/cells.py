"""Values as the text of one CSV cell, and back; values as JSON.

What `to_cell` writes, `from_cell` reads back to the same value:

- several values of a multiselect attribute are joined by a separator; a value that holds the separator is
  quoted as in CSV;
- a record reference is `object/record_id`, a workspace member `workspace-member/id`;
- a name is `Last, First` where nothing is lost by it; other values with parts are JSON objects;
- a cell that a spreadsheet would take for a formula starts with an apostrophe.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, cast

import attrs

from ..schema import Attribute
from ..values import ActorRef, Interaction, Location, Name, PersonName, RecordRef, Ref, UnknownValue

__all__ = ["from_cell", "guard", "join", "split", "to_cell", "to_json", "unguard"]

# Spreadsheets run a cell that starts like this, some of them in its full-width form as well.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")  # noqa: RUF001 - the full-width signs are meant
_NEGATIVE_NUMBER = re.compile(r"-\d+(\.\d+)?")
_REFERENCE = re.compile(r"([a-z0-9][a-z0-9_-]*)/([0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})")
_WITH_PARTS = frozenset({"personal-name", "location", "record-reference", "actor-reference"})


def guard(cell: str) -> str:
    """The cell, made harmless: with an apostrophe in front if a spreadsheet would run it as a formula.

    A negative number is left alone, since it is only itself. A phone number is not: a spreadsheet would drop
    its plus sign.
    """
    return f"'{cell}" if _FORMULA.match(cell) and not _NEGATIVE_NUMBER.fullmatch(cell) else cell


def unguard(cell: str) -> str:
    """The cell as it was before `guard`."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def join(values: Sequence[str], separator: str) -> str:
    """The values in one cell."""
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


def split(cell: str, separator: str) -> list[str]:
    """The values in one cell, without the blanks around them. Values in quotes may hold the separator."""
    end = rf"(?={re.escape(separator)}|\Z)"
    pattern = re.compile(rf'\s*(?:"((?:[^"]|"")*)"\s*?{end}|(.*?){end})', re.DOTALL)
    values: list[str] = []
    position = 0
    while position <= len(cell):
        found = pattern.match(cell, position)
        if found is None:  # pragma: no cover - the second alternative always matches
            raise AssertionError(cell)
        quoted, plain = found.groups()
        value = plain.strip() if quoted is None else quoted.replace('""', '"')
        if value:
            values.append(value)
        position = found.end() + len(separator)
    return values


def from_cell(attribute: Attribute, cell: str, separator: str) -> object:
    """What a cell says, ready to be coerced to the attribute; None for a cell that says nothing."""
    text = unguard(cell)
    if not text.strip():
        return None
    if attribute.is_multiselect:
        return [_value(attribute, value) for value in split(text, separator)] or None
    return _value(attribute, text)


def _value(attribute: Attribute, text: str) -> object:
    if attribute.type not in _WITH_PARTS:
        return text
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text)
        except ValueError:
            return text  # coercion says what is wrong with it
    found = _REFERENCE.fullmatch(text.strip())
    if found and attribute.type == "record-reference":
        return RecordRef(*found.groups())
    if found and attribute.type == "actor-reference":
        return ActorRef(*found.groups())
    return text


def to_cell(native: object, separator: str) -> str:
    """The text of a cell for what a record holds, not yet made harmless."""
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
            plain = to_json(native)
            return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)


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
    return json.dumps(to_json(name), ensure_ascii=False)


def to_json(native: object) -> Any:  # noqa: PLR0911 - one line per kind of value
    """The value as JSON data, in the form in which Attio takes it back.

    Amounts of money are strings, so that no digit is lost; dates and times are ISO 8601, in UTC.
    """
    match native:
        case None | bool() | int() | float() | str():
            return native
        case Decimal():
            return format(native, "f")
        case datetime():
            return native.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return native.isoformat()
        case PersonName():
            return attrs.asdict(native)
        case Location():
            return {key: part for key, part in attrs.asdict(native).items() if part is not None}
        case RecordRef():
            return {"target_object": native.object, "target_record_id": native.record_id}
        case ActorRef():
            return {"referenced_actor_type": native.type, "referenced_actor_id": native.id}
        case _:
            return _other_json(native)


def _other_json(native: object) -> Any:
    match native:
        case Interaction():
            owner = to_json(native.owner)
            return {
                "interaction_type": native.type,
                "interacted_at": to_json(native.at),
                "owner_actor": owner,
            }
        case UnknownValue():
            return to_json(native.raw)
        case Mapping():
            parts = cast("Mapping[object, object]", native)
            return {str(key): to_json(value) for key, value in parts.items()}
        case list() | tuple():
            return [to_json(value) for value in cast("Sequence[object]", native)]
        case _:
            return str(native)
