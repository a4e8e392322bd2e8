"""Fields of models: attributes to compare, each with the operators that its type supports and no others."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Generic, NoReturn, TypeVar
from uuid import UUID

from .._records.models import Record
from .._utils.public import public
from ..errors import FilterError
from ..query import Condition, Filter
from ..query._fields import FieldPath, make_field, operand, operands
from ..query._operators import COMPARISONS
from ..values import ActorRef, Location, Member, Name, PersonName, Phone, RecordRef, Ref
from ._enums import OpenEnum

T = TypeVar("T")
Ord = TypeVar("Ord", bound=int | float | Decimal | date)
E = TypeVar("E", bound=OpenEnum)

AnyNumber = int | float | Decimal
AnyMoment = datetime | date
AnyActor = ActorRef | Member | UUID | str
AnyRecord = Record | RecordRef | Ref | UUID | str


@public
class ModelField(FieldPath):
    """An attribute of a model, or a property of one: the base of the fields below."""

    __slots__ = ()

    def _property(self, cls: type["P"], name: str) -> "P":
        return make_field(cls, (*self._steps, name))

    if not TYPE_CHECKING:
        # Type checkers refuse these by themselves; at run time a message says what to do.

        def __getattr__(self, name: str) -> NoReturn:
            if name.startswith("_"):
                raise AttributeError(name)
            known = [each for each in dir(type(self)) if not each.startswith("_")]
            raise FilterError(f"{self!r} has no {name!r}; it has {', '.join(known)}")

        def _refuse(self, operator: str) -> NoReturn:
            raise FilterError(f"{self!r} is of a type that Attio documents no {COMPARISONS[operator]} for")

        def __eq__(self, other: object) -> NoReturn:
            self._refuse("$eq")

        __ne__ = __eq__

        def __lt__(self, other: object) -> NoReturn:
            self._refuse("$lt")

        def __le__(self, other: object) -> NoReturn:
            self._refuse("$lte")

        def __gt__(self, other: object) -> NoReturn:
            self._refuse("$gt")

        def __ge__(self, other: object) -> NoReturn:
            self._refuse("$gte")

        def __hash__(self) -> int:
            return object.__hash__(self)


P = TypeVar("P", bound=ModelField)


@public
class Equatable(ModelField, Generic[T]):
    """A field that can be compared for equality."""

    __slots__ = ()

    def in_(self, *values: T | Iterable[T]) -> Condition:
        """Match any of the values, given one by one or as one iterable.

        Raises:
            FilterError: No value is given.
        """
        return self._condition("$in", operands(values, repr(self)))

    def __eq__(self, value: T) -> Condition:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return self._compared("$eq", value)

    def __ne__(self, value: T) -> Filter:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return ~self._compared("$eq", value)

    def __hash__(self) -> int:
        return object.__hash__(self)


@public
class Ordered(ModelField, Generic[Ord]):
    """A field whose values have an order."""

    __slots__ = ()

    def between(self, low: Ord, high: Ord) -> Condition:
        """Match values of at least `low` and less than `high`, so that one range can begin where another ends."""
        where = repr(self)
        return self._condition("$between", (operand(low, where), operand(high, where)))

    def __lt__(self, value: Ord) -> Condition:
        return self._compared("$lt", value)

    def __le__(self, value: Ord) -> Condition:
        return self._compared("$lte", value)

    def __gt__(self, value: Ord) -> Condition:
        return self._compared("$gt", value)

    def __ge__(self, value: Ord) -> Condition:
        return self._compared("$gte", value)


@public
class Searchable(ModelField):
    """A field of texts that can be looked for by a part of them."""

    __slots__ = ()

    def contains(self, text: str) -> Condition:
        """Match values that contain the text, in any case of letters."""
        return self._searched("contains", text)

    def starts_with(self, text: str) -> Condition:
        """Match values that start with the text."""
        return self._searched("starts_with", text)

    def ends_with(self, text: str) -> Condition:
        """Match values that end with the text."""
        return self._searched("ends_with", text)


@public
class Clearable(ModelField):
    """A field that can be asked whether it has a value."""

    __slots__ = ()

    def not_empty(self) -> Condition:
        """Match if there is a value."""
        return self._condition("$not_empty", value=True)

    def is_empty(self) -> Filter:
        """Match what has no value."""
        return ~self.not_empty()


@public
class IdField(Equatable[UUID | str]):
    """An id."""

    __slots__ = ()


@public
class CheckboxField(Equatable[bool]):
    """An attribute of type checkbox."""

    __slots__ = ()


@public
class NumberField(Equatable[AnyNumber], Ordered[AnyNumber]):
    """An attribute of type number, currency or rating."""

    __slots__ = ()


@public
class MomentField(Ordered[AnyMoment]):
    """The time at which something happened; it has an order, and is equal to nothing exactly."""

    __slots__ = ()


@public
class DateField(Equatable[date], Ordered[date]):
    """An attribute of type date."""

    __slots__ = ()


@public
class TimestampField(Equatable[datetime], Ordered[AnyMoment]):
    """An attribute of type timestamp."""

    __slots__ = ()


@public
class TextField(Equatable[str], Searchable):
    """An attribute of type text, or a text that is part of another attribute."""

    __slots__ = ()


@public
class OptionalTextField(TextField, Clearable):
    """A text that can be asked whether it is there."""

    __slots__ = ()


@public
class DomainField(OptionalTextField):
    """An attribute of type domain."""

    __slots__ = ()

    @property
    def root_domain(self) -> OptionalTextField:
        """The registered domain, such as "example.com" of "www.example.com"."""
        return self._property(OptionalTextField, "root_domain")


@public
class EmailAddressField(TextField):
    """An attribute of type e-mail address."""

    __slots__ = ()

    @property
    def email_domain(self) -> TextField:
        """The domain after the @."""
        return self._property(TextField, "email_domain")

    @property
    def email_root_domain(self) -> TextField:
        """The registered domain of the address."""
        return self._property(TextField, "email_root_domain")

    @property
    def email_local_specifier(self) -> TextField:
        """The part before the @."""
        return self._property(TextField, "email_local_specifier")


@public
class CountryField(Equatable[str], Clearable):
    """The country of a phone number, as an ISO 3166-1 alpha-2 code."""

    __slots__ = ()


@public
class PhoneNumberField(Equatable[Phone | str], Searchable):
    """An attribute of type phone number."""

    __slots__ = ()

    @property
    def country_code(self) -> CountryField:
        """The country, as an ISO 3166-1 alpha-2 code."""
        return self._property(CountryField, "country_code")


@public
class PersonalNameField(Equatable[Name | PersonName | str], Searchable, Clearable):
    """An attribute of type personal name, compared by its full name."""

    __slots__ = ()

    @property
    def first_name(self) -> OptionalTextField:
        """The first name."""
        return self._property(OptionalTextField, "first_name")

    @property
    def last_name(self) -> OptionalTextField:
        """The last name."""
        return self._property(OptionalTextField, "last_name")

    @property
    def full_name(self) -> OptionalTextField:
        """The full name."""
        return self._property(OptionalTextField, "full_name")


@public
class CountryPartField(Equatable[str]):
    """The country of a location, as an ISO 3166-1 alpha-2 code."""

    __slots__ = ()

    def starts_with(self, text: str) -> Condition:
        """Match codes that start with the text."""
        return self._searched("starts_with", text)


@public
class LocationField(Equatable[Location]):
    """An attribute of type location, compared by the parts that are given."""

    __slots__ = ()

    @property
    def line_1(self) -> TextField:
        """The first line of the address."""
        return self._property(TextField, "line_1")

    @property
    def line_2(self) -> TextField:
        """The second line of the address."""
        return self._property(TextField, "line_2")

    @property
    def line_3(self) -> TextField:
        """The third line of the address."""
        return self._property(TextField, "line_3")

    @property
    def line_4(self) -> TextField:
        """The fourth line of the address."""
        return self._property(TextField, "line_4")

    @property
    def locality(self) -> TextField:
        """The town or city."""
        return self._property(TextField, "locality")

    @property
    def region(self) -> TextField:
        """The state, province or county."""
        return self._property(TextField, "region")

    @property
    def postcode(self) -> TextField:
        """The postcode."""
        return self._property(TextField, "postcode")

    @property
    def country_code(self) -> CountryPartField:
        """The country, as an ISO 3166-1 alpha-2 code."""
        return self._property(CountryPartField, "country_code")


@public
class ChoiceField(Equatable[E], Generic[E]):
    """An attribute of type select or status."""

    __slots__ = ()

    @property
    def active_from(self) -> MomentField:
        """The time since which the current choice holds."""
        return self._property(MomentField, "active_from")


@public
class ActorField(Equatable[AnyActor]):
    """An attribute of type actor reference: a member by e-mail address, id or name, or another actor."""

    __slots__ = ()


@public
class InteractionTypeField(Equatable[str], Clearable):
    """The kind of an interaction, such as "email" or "meeting"."""

    __slots__ = ()


@public
class InteractionOwnerField(Equatable[AnyActor], Clearable):
    """The member who had an interaction."""

    __slots__ = ()


@public
class InteractionMomentField(Equatable[datetime], Ordered[AnyMoment]):
    """The time of an interaction."""

    __slots__ = ()


@public
class InteractionField(Clearable):
    """An attribute of type interaction. Compare its parts."""

    __slots__ = ()

    @property
    def interaction_type(self) -> InteractionTypeField:
        """The kind, such as "email" or "meeting"."""
        return self._property(InteractionTypeField, "interaction_type")

    @property
    def interacted_at(self) -> InteractionMomentField:
        """The time."""
        return self._property(InteractionMomentField, "interacted_at")

    @property
    def owner_member_id(self) -> InteractionOwnerField:
        """The member."""
        return self._property(InteractionOwnerField, "owner_member_id")
