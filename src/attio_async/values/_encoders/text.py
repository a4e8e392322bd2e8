"""Writing what is text or is chosen from a list: text, checkbox, select and status."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from .._spec import (
    AttributeSpec,
    CoercionRules,
    EncodeError,
    encodable,
    show,
    suggestion,
    text_of,
    unwrapped,
    wrong_type,
)
from .._types import is_uuid

_LARGEST_TEXT = 10_000_000
_LONGEST_CHARACTER = 4


def encode_text(value: object, _spec: AttributeSpec, _rules: CoercionRules) -> str:
    """Text of at most 10 MB, blanks and all; whole numbers, Decimals and UUIDs as they print."""
    value = unwrapped(value, "value")
    if isinstance(value, int | Decimal | UUID) and not isinstance(value, bool):
        return _printed(value)
    if not isinstance(value, str):
        raise wrong_type(value, "a text; str() makes one of anything")
    text = encodable(value)
    if len(text) * _LONGEST_CHARACTER > _LARGEST_TEXT and len(text.encode()) > _LARGEST_TEXT:
        raise EncodeError("the text is larger than the 10 MB a text attribute holds")
    return text


def _printed(value: int | Decimal | UUID) -> str:
    try:
        return str(int(value)) if isinstance(value, int) else str(value)
    except ValueError:
        raise EncodeError(f"{show(value)} has too many digits to be written as text") from None


def encode_checkbox(value: object, _spec: AttributeSpec, _rules: CoercionRules) -> bool:
    """True or False, also as the words."""
    value = unwrapped(value, "value")
    if isinstance(value, bool):
        return value
    word = text_of(value, "True or False").casefold()
    if word not in ("true", "false"):
        raise EncodeError(f"{show(value)} is neither true nor false", "give True, False, 'true' or 'false'")
    return word == "true"


def encode_select(value: object, spec: AttributeSpec, _rules: CoercionRules) -> str | dict[str, str]:
    """The title of an option, or an object with its id."""
    return _choice(value, "option", spec.option_titles)


def encode_status(value: object, spec: AttributeSpec, _rules: CoercionRules) -> str | dict[str, str]:
    """The title of a status, or an object with its id."""
    return _choice(value, "status", spec.option_titles)


def _choice(value: object, kind: str, titles: Sequence[str] | None) -> str | dict[str, str]:
    text = text_of(unwrapped(value, kind), f"the title or id of the {kind}")
    if titles is not None and text in titles:
        return text
    if is_uuid(text):
        return {kind: text}
    if titles is None:
        return text
    same = [title for title in titles if title.strip().casefold() == text.casefold()]
    if len(same) != 1:
        article = "an" if kind == "option" else "a"
        reason = f"{show(text)} is not the title of {article} {kind}"
        raise EncodeError(reason, suggestion(text, {title: title for title in titles}))
    return same[0]
