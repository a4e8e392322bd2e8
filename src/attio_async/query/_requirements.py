"""Requirements: the facts of a workspace that a compilation asks for, one at a time.

A compilation is a generator and does no I/O. It yields a requirement, is sent the answer, and returns its result. The
answer None means unknown: the shape of the filter then decides.
"""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import attrs

from .._utils.public import public
from ..values._spec import AttributeSpec

T = TypeVar("T")

Members = Mapping[str, Sequence[str]]
"""E-mail addresses and full names of members, case-folded, to the ids of the members who have them."""


@public
class SchemaInfo(Protocol):
    """The attributes of one object or list; `name` is its slug or id."""

    @property
    def name(self) -> str: ...

    def find(self, name: str, /) -> AttributeSpec:
        """Return the attribute of that slug, title or id.

        Raises:
            UnknownName: The attribute is unknown.
        """
        ...


@public
@attrs.frozen
class NeedSchema:
    """The attributes of an object; if `object` is None, of the queried object or list itself.

    The answer is a `SchemaInfo`.
    """

    object: str | None = None


@public
@attrs.frozen
class NeedSlugs:
    """The slugs of objects that are given by slug, id or noun.

    The answer has one slug for each, in the same order; an unknown object keeps its name.
    """

    objects: tuple[str, ...]


@public
@attrs.frozen
class NeedParents:
    """The objects whose records the queried list holds. The answer is their slugs or ids; none for an object."""


@public
@attrs.frozen
class NeedOptions:
    """The options or statuses of an attribute; if `object` is None, of the queried object or list itself.

    The answer is their titles.
    """

    object: str | None
    slug: str


@public
@attrs.frozen
class NeedMembers:
    """The members of the workspace. The answer is `Members`."""


Requirement = NeedSchema | NeedSlugs | NeedParents | NeedOptions | NeedMembers

Answer = Callable[[Requirement], Any]
"""A function that answers requirements without I/O."""

Compilation = Generator[Requirement, Any, T]


def run(compilation: Compilation[T], answer: Answer) -> T:
    """Run a compilation whose requirements are answered without I/O, and return its result."""
    known: Any = None
    try:
        while True:
            known = answer(compilation.send(known))
    except StopIteration as done:
        result: T = done.value
        return result


def in_turn(compilations: Iterable[Compilation[T]]) -> Compilation[list[T]]:
    """Run compilations one after the other, and return their results."""
    results: list[T] = []
    for compilation in compilations:
        results.append((yield from compilation))  # noqa: PERF401 - a comprehension cannot yield
    return results
