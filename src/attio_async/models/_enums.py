"""Options and statuses as enums that stay open: a title that is newer than the model is a member, too."""

from enum import EnumType, StrEnum
from typing import TYPE_CHECKING, Any, Self

from .._utils.names import HeldName
from .._utils.public import public

if TYPE_CHECKING:
    _OpenEnumType = EnumType
else:

    class _OpenEnumType(EnumType):
        """Lets an enum without members be called with a title, as one with members can be."""

        def __call__(cls, value: Any, *args: Any, **options: Any) -> Any:
            if args or options or cls.__members__ or cls.__module__ == __name__:
                return super().__call__(value, *args, **options)
            return cls._missing_(value)


@public
class OpenEnum(StrEnum, metaclass=_OpenEnumType):
    """The options of a select attribute, or the statuses of a status attribute, by their titles.

    A member is its title: ``Deal.Stage.WON == "Won"``. A title that the model does not know becomes a member that is
    equal to its text, here and when a record is read; its name is the title.

    Attributes:
        ids: The ids in the workspace that the model was made from, which survive renames there.
    """

    ids: tuple[str, ...]

    def __new__(cls, title: str, *ids: str) -> Self:
        """Create a member of a title; generated models give the ids after it."""
        member = str.__new__(cls, title)
        member._value_ = HeldName(title, *ids)
        member.ids = ids
        return member

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = str(value)
        member._value_ = HeldName(value)
        member.ids = ()
        return member

    def __reduce_ex__(self, proto: Any) -> tuple[Any, ...]:
        return type(self), (str(self._value_),)


def members_by_id(enum: type[OpenEnum]) -> dict[str, OpenEnum]:
    """Return the members of an enum by their ids."""
    return {id_: member for member in enum.__members__.values() for id_ in member.ids}
