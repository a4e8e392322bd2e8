"""The 17 attribute types: from the API's value objects to Python values, and back."""

from attio_async.values.reading import read, read_value
from attio_async.values.types import (
    ActorRef,
    Interaction,
    Location,
    Member,
    Name,
    PersonName,
    Phone,
    RecordRef,
    Ref,
    UnknownValue,
    Value,
)
from attio_async.values.writing import AttributeSpec, coerce, coerce_values

__all__ = [
    "ActorRef",
    "AttributeSpec",
    "Interaction",
    "Location",
    "Member",
    "Name",
    "PersonName",
    "Phone",
    "RecordRef",
    "Ref",
    "UnknownValue",
    "Value",
    "coerce",
    "coerce_values",
    "read",
    "read_value",
]
