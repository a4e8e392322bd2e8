"""The Arrow type of each attribute type, and what a value becomes in it.

Everything that is strict is here: a value of another kind than its column's, or beyond what the column holds, is handed
back to be kept elsewhere, since a column cannot hold it and it must not be lost.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Context, Decimal
from typing import Any

import attrs

from ..records import Record
from ..schema import Attribute
from ..values import ActorRef, Interaction, Location, PersonName, RecordRef

__all__ = ["Column", "column_of"]

_DIGITS, _FRACTION = 38, 4
_WIDE = Context(prec=60)
_INT32 = 2**31
_MISFIT = (TypeError, ValueError, ArithmeticError)


@attrs.frozen
class Column:
    """One column: the attribute, its Arrow type, and what makes a cell of a value."""

    attribute: Attribute
    type: Any
    fit: Callable[[Any], Any]

    def cell(self, record: Record) -> tuple[Any, list[Any]]:
        """What the record has there, and the values that do not fit."""
        fitting: list[Any] = []
        misfits: list[Any] = []
        for value in record.all(self.attribute.slug):
            if fitting and not self.attribute.is_multiselect:
                misfits.append(value)
                continue
            try:
                fitting.append(self.fit(value))
            except _MISFIT:
                misfits.append(value)
        if self.attribute.is_multiselect:
            return fitting, misfits
        return (fitting[0] if fitting else None), misfits


def column_of(arrow: Any, attribute: Attribute) -> Column:
    """The column of an attribute; of a type that is newer than this package, a column of text."""
    make, fit = _KINDS.get(attribute.type, (_string, _text))
    kind = make(arrow)
    return Column(attribute, arrow.list_(kind) if attribute.is_multiselect else kind, fit)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _optional_text(value: Any) -> str | None:
    return None if value is None else _text(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    number = float(value)
    if number != value:  # a whole number with more digits than a float holds
        raise ValueError
    return number


def _currency(value: Any) -> Decimal:
    if not isinstance(value, Decimal):
        raise TypeError
    amount = value.quantize(Decimal(1).scaleb(-_FRACTION), context=_WIDE)
    if amount != value or abs(amount) >= 10 ** (_DIGITS - _FRACTION):
        raise ValueError
    return amount


def _rating(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -_INT32 <= value < _INT32:
        raise TypeError
    return value


def _checkbox(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _date(value: Any) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise TypeError
    return value


def _timestamp(value: Any) -> datetime:
    if not isinstance(value, datetime):
        raise TypeError
    return value


def _name(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, PersonName):
        raise TypeError
    return {part: _optional_text(text) for part, text in attrs.asdict(value).items()}


def _location(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Location):
        raise TypeError
    return {part: _optional_text(text) for part, text in attrs.asdict(value).items()}


def _record(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, RecordRef):
        raise TypeError
    return {"target_object": _text(value.object), "target_record_id": _text(value.record_id)}


def _actor(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, ActorRef):
        raise TypeError
    kind, identity = _optional_text(value.type), _optional_text(value.id)
    return {"referenced_actor_type": kind, "referenced_actor_id": identity}


def _interaction(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Interaction):
        raise TypeError
    return {
        "interaction_type": _optional_text(value.type),
        "interacted_at": value.at,
        "owner_actor": None if value.owner is None else _actor(value.owner),
    }


def _string(arrow: Any) -> Any:
    return arrow.string()


def _moment(arrow: Any) -> Any:
    return arrow.timestamp("us", tz="UTC")


def _texts(*names: str) -> Callable[[Any], Any]:
    return lambda arrow: arrow.struct([(name, arrow.string()) for name in names])


_actor_type = _texts("referenced_actor_type", "referenced_actor_id")


def _interaction_type(arrow: Any) -> Any:
    parts = [
        ("interaction_type", arrow.string()),
        ("interacted_at", _moment(arrow)),
        ("owner_actor", _actor_type(arrow)),
    ]
    return arrow.struct(parts)


_KINDS: Mapping[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "actor-reference": (_actor_type, _actor),
    "checkbox": (lambda arrow: arrow.bool_(), _checkbox),
    "currency": (lambda arrow: arrow.decimal128(_DIGITS, _FRACTION), _currency),
    "date": (lambda arrow: arrow.date32(), _date),
    "interaction": (_interaction_type, _interaction),
    "location": (_texts(*(field.name for field in attrs.fields(Location))), _location),
    "number": (lambda arrow: arrow.float64(), _number),
    "personal-name": (_texts(*(field.name for field in attrs.fields(PersonName))), _name),
    "rating": (lambda arrow: arrow.int32(), _rating),
    "record-reference": (_texts("target_object", "target_record_id"), _record),
    "timestamp": (_moment, _timestamp),
}
