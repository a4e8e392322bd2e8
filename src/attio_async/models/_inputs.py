"""The values that each type of attribute takes when it is written, for the rows that generated models declare."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar, Union
from uuid import UUID

from attio_async_api.models.workspace_member import WorkspaceMember

from .._records.models import Record
from ..values import ActorRef, Location, Member, Name, PersonName, Phone, RecordRef, Ref

T = TypeVar("T")

Several = Union[T, Iterable[T]]  # noqa: UP007 - a type variable cannot begin an alias with |
"""One value or several, for an attribute that holds several."""

TextInput = str | int | Decimal | UUID
NumberInput = int | float | Decimal | str
CheckboxInput = bool
DateInput = date | str
TimestampInput = datetime | str
PhoneNumberInput = Phone | str
PersonalNameInput = Name | PersonName | str
LocationInput = Location
RecordInput = Record | RecordRef | Ref | UUID | str
ActorInput = Member | ActorRef | WorkspaceMember | UUID | str
AnyInput = Any
