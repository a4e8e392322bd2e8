"""Write text, and choices from a list: text, checkbox, select and status."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from ..._utils.names import same_thing
from ..._utils.text import folded, show
from .._spec import (
    AttributeSpec,
    CoercionRules,
    EncodeError,
    encodable,
    suggestion,
    text_of,
    unwrapped,
    wrong_type,
)
from .._types import canonical_id, is_uuid

_MAX_TEXT_BYTES = 10_000_000
_MAX_CHARACTER_BYTES = 4


def encode_text(value: object, _spec: AttributeSpec, _rules: CoercionRules) -> str:
    """Return text of at most 10 MB, blanks and all; whole numbers, Decimals and UUIDs as they print.

    https://docs.attio.com/docs/attribute-types/attribute-types-text
    """
    if not isinstance(value, str):  # most values of records are texts
        value = unwrapped(value, "value")
        if isinstance(value, int | Decimal | UUID) and not isinstance(value, bool):
            return _printed(value)
        if not isinstance(value, str):
            raise wrong_type(value, "a text; str() makes one of anything")
    text = encodable(value)
    if len(text) * _MAX_CHARACTER_BYTES > _MAX_TEXT_BYTES and len(text.encode()) > _MAX_TEXT_BYTES:
        raise EncodeError("the text is larger than the 10 MB that a text attribute holds", "shorten it")
    return text


def _printed(value: int | Decimal | UUID) -> str:
    try:
        return str(int(value)) if isinstance(value, int) else str(value)
    except ValueError:
        raise EncodeError(f"{show(value)} has too many digits to be written as text") from None


def encode_checkbox(value: object, _spec: AttributeSpec, _rules: CoercionRules) -> bool:
    """Return True or False; the words are accepted, too.

    https://docs.attio.com/docs/attribute-types/attribute-types-checkbox
    """
    value = unwrapped(value, "value")
    if isinstance(value, bool):
        return value
    word = text_of(value, "True or False").casefold()
    if word not in ("true", "false"):
        raise EncodeError(f"{show(value)} is neither true nor false", "give True, False, 'true' or 'false'")
    return word == "true"


def encode_select(value: object, spec: AttributeSpec, _rules: CoercionRules) -> str | dict[str, str]:
    """Return the title of an option, or an object with its id.

    https://docs.attio.com/docs/attribute-types/attribute-types-select
    """
    return _choice(value, "option", spec.option_titles)


def encode_status(value: object, spec: AttributeSpec, _rules: CoercionRules) -> str | dict[str, str]:
    """Return the title of a status, or an object with its id.

    https://docs.attio.com/docs/attribute-types/attribute-types-status
    """
    return _choice(value, "status", spec.option_titles)


def _choice(value: object, kind: str, titles: Sequence[str] | None) -> str | dict[str, str]:
    value = unwrapped(value, kind)
    renamed = same_thing(value, titles or ())
    text = text_of(value, f"the title or id of the {kind}") if renamed is None else str(renamed)
    if titles is not None and text in titles:
        return text
    if is_uuid(text):
        return {kind: canonical_id(text)}
    title = text if titles is None else spelled(text, titles)
    if title is None:
        raise EncodeError(
            f"unknown {kind} {show(text)}", suggestion(text, {each: each for each in titles or ()})
        )
    return title


def spelled(text: str, titles: Sequence[str]) -> str | None:
    """Return the title that differs in the case or the encoding of letters alone; None if none or several do."""
    wanted = folded(text)
    same = [title for title in titles if folded(title) == wanted]
    return str(same[0]) if len(same) == 1 else None
