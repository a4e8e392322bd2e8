"""Names that hold an id beside them, which survives renames."""

from collections.abc import Iterable
from typing import Self


class HeldName(str):
    """A slug or title, and the ids of what it names: found by id in the workspace it is from, by its text elsewhere."""

    __slots__ = ("ids",)
    ids: tuple[str, ...]

    def __new__(cls, text: str, *ids: str) -> Self:
        """Create a name; empty ids are left out."""
        name = super().__new__(cls, text)
        name.ids = tuple(filter(None, ids))
        return name

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (str(self), *self.ids)


def ids_of(name: object) -> tuple[str, ...]:
    """Return the ids that a name holds; none if it is a plain text."""
    return name.ids if isinstance(name, HeldName) else ()


def same_thing(name: object, known: Iterable[str]) -> str | None:
    """Return the known name that holds one of the ids of `name`; None if `name` is a plain text, or unknown by id."""
    ids = ids_of(name)
    return next((each for each in known if not set(ids).isdisjoint(ids_of(each))), None) if ids else None
