"""Steps from the queried object or list to an attribute: names, and the objects that references lead to."""

import keyword
from typing import NamedTuple

from ..errors import FilterError
from ._operators import PARENT

METHODS = frozenset(
    {"between", "contains", "ends_with", "in_", "is_empty", "not_empty", "starts_with", "via"}
)
"""The methods of fields. An attribute of such a name is written in brackets: ``F["contains"]``."""


class Via(NamedTuple):
    """A step over a reference to the records of an object."""

    object: str


Step = str | Via
Steps = tuple[Step, ...]


def checked_name(name: object, what: str) -> str:
    """Return the name of an attribute, property or object as a plain str.

    Raises:
        FilterError: It is empty, not a text, or holds half a surrogate pair.
    """
    if not isinstance(name, str):
        raise FilterError(f"{what} is named by a text, not by {name!r}")
    if not name or (not name.isascii() and not _encodable(name)):
        raise FilterError(f"{what} cannot be called {name!r}")
    return name if type(name) is str else str.__str__(name)


def _encodable(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def written(steps: Steps) -> str:
    """Return the steps as code, from F on."""
    parts = ["F"]
    for index, step in enumerate(steps):
        if isinstance(step, Via):
            parts.append(f".via({step.object!r})")
        elif index == 0 and step == PARENT:
            parts.append(".parent")
        elif _is_plain(step) and (index > 0 or step != "parent"):
            parts.append(f".{step}")
        else:
            parts.append(f"[{step!r}]")
    return "".join(parts)


def _is_plain(name: str) -> bool:
    # Python normalises letters beyond ASCII in identifiers, which may change the slug.
    return (
        name.isascii()
        and name.isidentifier()
        and not name.startswith("_")
        and not keyword.iskeyword(name)
        and name not in METHODS
    )
