"""Models: records and entries whose attributes a type checker knows.

An attribute is a field to compare on the class, and the decoded value on a record. As with reading by slug, nothing is
decoded before it is read.
"""

from abc import ABCMeta
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, NoReturn, Self, TypeVar, cast, overload

import attrs
import msgspec

from .._records.decode import decoder, decoder_of
from .._records.models import AttributeMapping, Entry, Record
from .._schema import ObjectSchema
from .._utils.names import HeldName
from .._utils.public import public
from ..errors import UnknownName
from ..query import Condition, Field, Filter
from ..query._fields import FieldPath, make_field, operands
from ..query._filters import Steps, Via
from ..query._operators import PARENT
from ..values import ActorRef, Interaction, Location, PersonName, RecordRef
from ..values._read import TypeReader
from ..values._types import is_object
from ._enums import OpenEnum, members_by_id
from ._fields import (
    ActorField,
    AnyRecord,
    CheckboxField,
    ChoiceField,
    DateField,
    DomainField,
    EmailAddressField,
    Equatable,
    IdField,
    InteractionField,
    LocationField,
    NumberField,
    PersonalNameField,
    PhoneNumberField,
    TextField,
    TimestampField,
)

F_co = TypeVar("F_co", covariant=True)
R_co = TypeVar("R_co", covariant=True)
F = TypeVar("F")
T = TypeVar("T")
N = TypeVar("N", bound=FieldPath)
E = TypeVar("E", bound=OpenEnum)
M = TypeVar("M", bound="RecordModel")


@public
@attrs.frozen(eq=False)
class ValueKind(Generic[F, T]):
    """A type of values, and the field and values that an attribute of this type has on a model.

    Attributes:
        attribute_type: Attio's name of the type, such as "text".
        natives: The classes of its values.
        make: Returns the field at the end of a path.
        decoder: Returns the function that decodes the values of an attribute.
    """

    attribute_type: str
    natives: tuple[Any, ...]
    make: Callable[[Steps], F]
    decoder: Callable[[], Callable[[msgspec.Raw], list[Any]]]


def _kind(type: str, field: type[N], native: type[T], *others: type[T]) -> ValueKind[N, T]:
    return ValueKind(type, (native, *others), partial(make_field, field), partial(decoder_of, type))


ID: Final = _kind("text", IdField, str)
TEXT: Final = _kind("text", TextField, str)
NUMBER: Final = cast("ValueKind[NumberField, int | float]", _kind("number", NumberField, int, float))
CURRENCY: Final = _kind("currency", NumberField, Decimal)
RATING: Final = _kind("rating", NumberField, int)
CHECKBOX: Final = _kind("checkbox", CheckboxField, bool)
DATE: Final = _kind("date", DateField, date)
TIMESTAMP: Final = _kind("timestamp", TimestampField, datetime)
DOMAIN: Final = _kind("domain", DomainField, str)
EMAIL_ADDRESS: Final = _kind("email-address", EmailAddressField, str)
PHONE_NUMBER: Final = _kind("phone-number", PhoneNumberField, str)
PERSONAL_NAME: Final = _kind("personal-name", PersonalNameField, PersonName)
LOCATION: Final = _kind("location", LocationField, Location)
INTERACTION: Final = _kind("interaction", InteractionField, Interaction)
ACTOR: Final = _kind("actor-reference", ActorField, ActorRef)


@public
def select(options: type[E]) -> ValueKind[ChoiceField[E], E]:
    """Return the kind of a select attribute with these options."""
    return _choice("select", options)


@public
def status(statuses: type[E]) -> ValueKind[ChoiceField[E], E]:
    """Return the kind of a status attribute with these statuses."""
    return _choice("status", statuses)


def _choice(type: str, options: type[E]) -> ValueKind[ChoiceField[E], E]:
    by_id = members_by_id(options)
    by_title: Mapping[Any, OpenEnum] = {str(member): member for member in options}

    def member(raw: Any) -> OpenEnum | None:
        choice = raw.status if raw.option is None else raw.option
        if choice is None:
            return None
        if isinstance(choice, str):
            return by_title.get(choice) or options(choice)
        title = choice["title"]
        # The id comes first, since the title may be new, and another option may have the old one.
        return by_id.get(_choice_id(choice)) or by_title.get(title) or options(title)

    decode = partial(decoder, ("select", "status"), TypeReader(member, ("option", "status")))
    make = cast("Callable[[Steps], ChoiceField[E]]", partial(make_field, ChoiceField))
    return ValueKind(type, (options,), make, decode)


def _choice_id(choice: Mapping[str, Any]) -> str:
    id_ = choice.get("id")
    return str(id_.get("option_id") or id_.get("status_id")) if is_object(id_) else ""


class RecordPath(FieldPath):
    """A reference on a model: compared with records, and the way to the attributes of the records it leads to.

    To type checkers it is the model that it leads to: its attributes are there, and `==` and `in_` are on the
    metaclass of models.
    """

    __slots__ = ("_model",)
    _model: "Callable[[], type[RecordModel]]"

    def __getattr__(self, name: str) -> object:
        if name.startswith("_"):
            raise AttributeError(name)
        model = self._model()
        attribute = model.model_info().by_name.get(name)
        if attribute is None:
            return getattr(model, name)
        field: object = attribute.field((*self._steps, Via(model.model_info().name)))
        return field

    def in_(self, *values: object) -> Condition:
        """Match references to any of the records."""
        return self._condition("$in", operands(values, repr(self)))

    def __eq__(self, value: object) -> Condition:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return self._compared("$eq", value)

    def __ne__(self, value: object) -> Filter:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return ~self._compared("$eq", value)

    def __hash__(self) -> int:
        return object.__hash__(self)

    def __reduce__(self) -> tuple[object, ...]:
        return _path_to, (self._model(), self._steps)


def record_path(model: "Callable[[], type[RecordModel]]", steps: Steps) -> RecordPath:
    """Return the path over a reference to records of a model."""
    path = make_field(RecordPath, steps)
    object.__setattr__(path, "_model", model)
    return path


def _path_to(model: "type[RecordModel]", steps: Steps) -> RecordPath:
    return record_path(lambda: model, steps)


@public
class ReferenceField(Equatable[AnyRecord]):
    """A reference to records of several objects. `via` leads to the attributes of one of them."""

    __slots__ = ()

    def via(self, model: "type[M]") -> "type[M]":
        """Return the model as the way to the attributes of its records that the reference leads to."""
        return cast("type[M]", _path_to(model, self._steps))


RECORD: Final = _kind("record-reference", ReferenceField, RecordRef)


@public
def record(model: "Callable[[], type[M]]") -> "ValueKind[type[M], RecordRef]":
    """Return the kind of a reference to records of one object: ``record(lambda: Company)``."""
    make = cast("Callable[[Steps], type[M]]", partial(record_path, model))
    return ValueKind("record-reference", (RecordRef,), make, RECORD.decoder)


@public
def other(type: str) -> ValueKind[Field, Any]:
    """Return the kind of an attribute whose type is newer than this package."""
    return ValueKind(type, (object,), partial(make_field, Field), partial(decoder_of, type))


_UNREAD: Any = object()

_SUBCLASSES = frozenset({bool, datetime})
"""Classes of values that derive from those of values of another type: a bool is an int, and a datetime is a date."""


@public
class ModelAttribute(Generic[F_co, R_co]):
    """An attribute of a model: ``Deal.value`` is a field to compare, ``deal.value`` the value that a record has.

    A value of another type than the attribute had when the model was made reads as None, or is left out of a list;
    ``deal["value"]`` has it.

    Args:
        kind: The type of its values, such as `attio_async.models.TEXT`.
        slug: The slug in the workspace that the model was made from.
        id: The id in that workspace, where it survives renames of the slug; empty if unknown.
        required: True if nothing can be created without a value.
    """

    is_many: ClassVar[bool] = False

    def __init__(self, kind: ValueKind[Any, Any], slug: str, *, id: str = "", required: bool = False) -> None:
        self.kind: ValueKind[Any, Any] = kind
        self.slug: str = slug
        self.id: str = id
        self.required: bool = required
        self.name: str = HeldName(slug, id)
        self._natives = kind.natives
        self._of_others = _SUBCLASSES.difference(_SUBCLASSES if object in kind.natives else kind.natives)
        self._found: tuple[ObjectSchema | None, str, Any] = (_UNREAD, slug, None)

    def __set_name__(self, owner: type, name: str) -> None:
        self._python_name = name

    @overload
    def __get__(self, instance: None, owner: "type[Model]") -> F_co: ...
    @overload
    def __get__(self, instance: "Model", owner: Any) -> R_co: ...
    def __get__(self, instance: Any, owner: Any) -> Any:
        # Written out, since a loop over records spends most of its time here.
        if instance is None:
            return self.field(())
        found = instance._read.get(self, _UNREAD)  # noqa: SLF001 - a model is made of these
        if found is _UNREAD:
            schema, slug, decode = self._found
            if instance._schema is not schema:  # noqa: SLF001
                slug, decode = self._find(instance._schema)  # noqa: SLF001
            raw = (instance._envelope.values or instance._raws).get(slug)  # noqa: SLF001
            found = self._read([] if raw is None else decode(raw), instance)
            instance._read[self] = found  # noqa: SLF001
        return found[:] if self.is_many else found

    def __set__(self, instance: AttributeMapping, value: object) -> NoReturn:
        model = type(instance).__name__
        raise AttributeError(f"{self._python_name} was read; change it with attio.of({model}).update()")

    def field(self, path: Steps) -> F_co:
        """Return the field at the end of a path over references."""
        made: F_co = self.kind.make((*path, self.name))
        return made

    def _read(self, values: list[Any], instance: Any) -> Any:  # noqa: ARG002
        """Return what the attribute of a record reads as."""
        if not values:
            return None
        value = values[0]
        return value if type(value) in self._natives or self._is_own(value) else None

    def _is_own(self, value: object) -> bool:
        return isinstance(value, self._natives) and type(value) not in self._of_others

    def _find(self, schema: ObjectSchema | None) -> tuple[str, Callable[[msgspec.Raw], list[Any]]]:
        """Return the slug in a workspace, found by id where the model is from and else by slug, and how to decode it."""
        slug = self.slug
        if schema is not None:
            try:
                slug = schema.find(self.name).slug
            except UnknownName:
                slug = self.slug
        decode = self.kind.decoder()
        self._found = (schema, slug, decode)
        return slug, decode


@public
class One(ModelAttribute[F, T | None]):
    """An attribute of a model that holds one value; it reads as None if it is unset."""

    if TYPE_CHECKING:

        def __init__(
            self, kind: ValueKind[F, T], slug: str, *, id: str = "", required: bool = False
        ) -> None: ...


@public
class Many(ModelAttribute[F, list[T]]):
    """An attribute of a model that holds several values; it reads as an empty list if it is unset."""

    is_many: ClassVar[bool] = True

    if TYPE_CHECKING:

        def __init__(
            self, kind: ValueKind[F, T], slug: str, *, id: str = "", required: bool = False
        ) -> None: ...

    def _read(self, values: list[Any], instance: Any) -> list[T]:  # noqa: ARG002
        return [each for each in values if type(each) in self._natives or self._is_own(each)]


@public
@attrs.frozen
class ModelInfo:
    """The description of a model.

    Attributes:
        name: The slug of its object or list, which holds the id, too, if the model has it.
        by_name: Its attributes by their names in Python.
        by_slug: Its attributes by their slugs.
    """

    name: str
    by_name: Mapping[str, ModelAttribute[Any, Any]]
    by_slug: Mapping[str, ModelAttribute[Any, Any]]


_NAMELESS = ModelInfo("", {}, {})

if TYPE_CHECKING:

    class _ModelType(ABCMeta):
        """Lets a reference be compared that stands for the model it leads to; see `RecordPath`."""

        def in_(cls, *values: AnyRecord | Iterable[AnyRecord]) -> Condition: ...
        def __eq__(cls, value: AnyRecord) -> Condition: ...  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        def __ne__(cls, value: AnyRecord) -> Filter: ...  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        def __hash__(cls) -> int: ...

else:
    _ModelType = ABCMeta


@public
class Model(AttributeMapping, metaclass=_ModelType):
    """The base of `RecordModel` and `EntryModel`. It decodes an attribute when it is first read."""

    __slots__ = ()
    _info = _NAMELESS

    def __init_subclass__(cls, *, slug: str = "", id: str = "") -> None:
        super().__init_subclass__()
        # MCP makes a class of its own of annotations that it finds, and knows no type of a field; a record is enough.
        type.__setattr__(cls, "__annotations__", {})
        found = [vars(parent) for parent in reversed(cls.__mro__)]
        by_name: dict[str, ModelAttribute[Any, Any]] = {
            name: each for names in found for name, each in names.items() if isinstance(each, ModelAttribute)
        }
        held = HeldName(slug, id) if id else slug or cls._info.name
        cls._info = ModelInfo(held, by_name, {each.slug: each for each in by_name.values()})

    @classmethod
    def model_info(cls) -> ModelInfo:
        """Return the object or list and the attributes of the model."""
        return cls._info


class _CreatedAt(One[TimestampField, datetime]):
    """The time of creation, which comes beside the values."""

    def _read(self, values: list[Any], instance: Any) -> Any:  # noqa: ARG002
        return AttributeMapping.created_at.fget(instance)  # type: ignore[attr-defined]


class _OwnId(ModelAttribute[IdField, str]):
    """The id of a record or entry, which comes beside the values."""

    def _read(self, values: list[Any], instance: Any) -> Any:  # noqa: ARG002
        return instance.id


@public
class RecordModel(Model, Record):
    """A record of one object. Generated models derive from it; ``attio.of(Deal)`` reads and writes them.

    It is a `Record`, too: ``deal["value"]``, `id`, `values`, `to_dict` and everything else are there.
    """

    __slots__ = ()

    record_id: ModelAttribute[IdField, str] = _OwnId(ID, "record_id")
    created_at: One[TimestampField, datetime] = _CreatedAt(TIMESTAMP, "created_at")  # pyright: ignore[reportIncompatibleMethodOverride]
    created_by: One[ActorField, ActorRef] = One(ACTOR, "created_by")

    @classmethod
    def from_record(cls, record: Record) -> Self:
        """Return a record as this model, such as one that a webhook's event holds. Nothing is read again."""
        return record.copied_as(cls)


@public
class EntryModel(Model, Entry):
    """An entry of one list. Generated models derive from it; ``attio.of(SalesEntry)`` reads and writes them.

    It is an `Entry`, too. `parent` refers to its record; on the class ``SalesEntry.parent_record`` leads to the
    attributes of the record, for filters.
    """

    __slots__ = ()

    entry_id: ModelAttribute[IdField, str] = _OwnId(ID, "entry_id")
    created_at: One[TimestampField, datetime] = _CreatedAt(TIMESTAMP, "created_at")  # pyright: ignore[reportIncompatibleMethodOverride]
    created_by: One[ActorField, ActorRef] = One(ACTOR, "created_by")


class _Parent(ModelAttribute[Any, RecordRef]):
    """The record of an entry."""

    def _read(self, values: list[Any], instance: Any) -> Any:  # noqa: ARG002
        return instance.parent

    def field(self, path: Steps) -> Any:
        """Return the way to the record; no path leads to an entry."""
        return self.kind.make((*path, PARENT))


@public
def parent(model: "Callable[[], type[M]]") -> "ModelAttribute[type[M], RecordRef]":
    """Return the attribute that leads from an entry to its record, whose object has a model."""
    return cast("ModelAttribute[type[M], RecordRef]", _Parent(record(model), PARENT))


@public
def any_parent() -> ModelAttribute[ReferenceField, RecordRef]:
    """Return the same for a list whose records are of several objects, or of one that the module has no model of."""
    return _Parent(RECORD, PARENT)


@public
@attrs.frozen
class SourceWorkspace:
    """The workspace that a generated module was made from.

    Attributes:
        workspace_id: Its id; empty for the documented standard objects.
        is_whole: True if all its objects and lists were asked for.
    """

    workspace_id: str
    is_whole: bool = True
