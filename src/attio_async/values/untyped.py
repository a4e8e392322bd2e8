"""Writing by Python type alone, where the attribute is not known."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from numbers import Integral
from typing import Any, cast
from uuid import UUID

from attio_async.values.amounts import fit_number
from attio_async.values.choices import fit_checkbox, fit_text
from attio_async.values.contacts import fit_phone
from attio_async.values.dates import fit_date, fit_timestamp
from attio_async.values.fitting import AttributeSpec, Fit, Misfit, Rules, encodable, wrong_type
from attio_async.values.people import fit_name
from attio_async.values.places import fit_location
from attio_async.values.references import fit_actor, fit_record_reference, is_record
from attio_async.values.types import (
    ActorRef,
    Interaction,
    Location,
    Member,
    Name,
    PersonName,
    Phone,
    UnknownValue,
    is_object,
)

__all__ = ["fit_untyped"]

_POSSIBLE = "a text, number, bool, date, datetime, dict or one of this package's value classes"


def fit_untyped(value: object, spec: AttributeSpec, rules: Rules) -> Any:
    """The JSON that a Python value most plainly is; texts and objects stay what they are."""
    if isinstance(value, Enum):
        return fit_untyped(value.value, spec, rules)
    for kinds, fit in _BY_TYPE:
        if isinstance(value, kinds):
            return fit(value, spec, rules)
    if is_record(value):
        return fit_record_reference(value, spec, rules)
    if is_object(value):
        return {encodable(str(key)): _inner(part, spec, rules) for key, part in value.items()}
    raise wrong_type(value, _POSSIBLE)


def _inner(part: object, spec: AttributeSpec, rules: Rules) -> Any:
    if part is None:
        return None
    if isinstance(part, list | tuple):
        return [_inner(item, spec, rules) for item in cast("list[object]", part)]
    return fit_untyped(part, spec, rules)


def _fit_nothing(value: object, _spec: AttributeSpec, _rules: Rules) -> Any:
    if isinstance(value, Interaction):
        raise Misfit("interactions are written by Attio alone", "leave it out")
    raise Misfit("a value of unknown type cannot be written back", "give its .raw in the form the API takes")


# A bool is an int and a datetime is a date, so the order matters.
_BY_TYPE: tuple[tuple[type | tuple[type, ...], Fit], ...] = (
    ((str, UUID), fit_text),
    (bool, fit_checkbox),
    ((Integral, float, Decimal), fit_number),
    (datetime, fit_timestamp),
    (date, fit_date),
    ((Name, PersonName), fit_name),
    (Location, fit_location),
    (Phone, fit_phone),
    ((ActorRef, Member), fit_actor),
    ((Interaction, UnknownValue), _fit_nothing),
)
