"""How an attribute is reached from what is queried: names, and the objects that references lead to."""

import keyword
from typing import NamedTuple

from ..errors import FilterError
from ._operators import PARENT

# What fields have of their own. An attribute of such a name is written F["contains"].
METHODS = frozenset(
    {"between", "contains", "ends_with", "in_", "is_empty", "not_empty", "starts_with", "via"}
)


class Via(NamedTuple):
    """The step over a reference to a record of this object."""

    object: str


Step = str | Via
Steps = tuple[Step, ...]


def checked_name(name: object, what: str) -> str:
    """The name of an attribute, property or object, when it can be one.

    Raises:
        FilterError: It is empty, no text, or holds half a surrogate pair.
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
    """The steps as code, from F on."""
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
    # Python changes letters beyond ASCII in identifiers to a common form, which need not be the slug's.
    return (
        name.isascii()
        and name.isidentifier()
        and not name.startswith("_")
        and not keyword.iskeyword(name)
        and name not in METHODS
    )
