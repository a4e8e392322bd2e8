"""The JSON of conditions, and when several of them can share one object.

What two conditions ask of an attribute with a single value can be asked in one object, at less cost to the
query. With several values that would ask for more, namely for one value that fits both, so there they stay apart.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

from attio_async.errors import FilterError

from .resolving import Place

__all__ = ["Compiled", "Constraints", "Fragment", "all_of", "any_of", "merged", "to_json"]

_ORDER = frozenset({"$lt", "$lte", "$gt", "$gte"})

# What is asked of each property, "" standing for the attribute itself: operators with values, or a bare value.
Constraints = dict[str, Any]


class Fragment(NamedTuple):
    """What is asked of one attribute."""

    place: Place
    constraints: Constraints

    @property
    def can_share(self) -> bool:
        """Whether another condition on the attribute can be asked together with it."""
        if self.place.is_single:
            return True
        # Whatever the attribute is, only types that hold one value can be compared by order, but for the time
        # of a choice.
        return (
            self.place.type is None
            and not self.place.path
            and "active_from" not in self.constraints
            and all(isinstance(asked, dict) and asked.keys() <= _ORDER for asked in self.constraints.values())
        )


Compiled = Fragment | dict[str, Any]


def to_json(compiled: Compiled) -> dict[str, Any]:
    """The JSON of a fragment; what is JSON already stays.

    Raises:
        FilterError: It asks for the id of an actor and not for the type, which the API needs too.
    """
    if isinstance(compiled, dict):
        return compiled
    place, constraints = compiled.place, compiled.constraints
    if "referenced_actor_id" in constraints and "referenced_actor_type" not in constraints:
        raise FilterError(
            f"{place.described}: an actor is found by type and id together; compare the attribute itself with "
            "ActorRef('workspace-member', id)"
        )
    asked = constraints.get("", constraints)
    if place.path:
        return {"path": [list(step) for step in place.path], "constraints": asked}
    return {place.slug: asked}


def any_of(parts: Sequence[Compiled]) -> Compiled:
    """Any of the parts; of one part, itself."""
    return parts[0] if len(parts) == 1 else {"$or": [to_json(part) for part in parts]}


def all_of(parts: Sequence[Compiled]) -> Compiled:
    """All of the parts, those on the same attribute in one object where that asks the same."""
    result: list[Compiled] = []
    position: dict[str, int] = {}
    for part in parts:
        together = None
        if isinstance(part, Fragment) and part.can_share:
            at = position.setdefault(part.place.slug, len(result))
            together = merged(cast("Fragment", result[at]), part) if at < len(result) else None
        if together is None:
            result.append(part)
        else:
            result[position[together.place.slug]] = together
    return result[0] if len(result) == 1 else {"$and": [to_json(part) for part in result]}


def merged(first: Fragment, second: Fragment) -> Fragment | None:
    """Both in one; None when both ask the same of a property, or only one of them names a property."""
    result: dict[str, Any] = dict(first.constraints)
    for name, asked in second.constraints.items():
        before = result.get(name)
        if before is None and ("" in result) == (name == ""):
            result[name] = asked
        elif isinstance(before, dict) and isinstance(asked, dict) and not before.keys() & asked.keys():
            result[name] = {**before, **asked}
        else:
            return None
    return Fragment(first.place, result)
