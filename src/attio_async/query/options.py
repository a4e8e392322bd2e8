"""Which attributes' options a filter compares with."""

from collections.abc import Mapping
from typing import Any

from attio_async.errors import UnknownName
from attio_async.values.types import is_uuid

from .compiling import known_from
from .filters import Condition, Filter, conditions
from .resolving import Refused, resolve
from .schemas import SchemaInfo, SchemaLookup

__all__ = ["options_compared"]

_CHOICES = frozenset({"select", "status"})


def options_compared(
    filter: Filter | Mapping[str, Any] | None,
    *,
    schema: SchemaInfo | None = None,
    source: str | None = None,
    schemas: SchemaLookup | None = None,
) -> set[tuple[str | None, str]]:
    """The select and status attributes that are compared with a title, while their options are not known.

    Each is an object, None for what is queried itself, and a slug. As far as it can be told by now.
    """
    if not isinstance(filter, Filter):
        return set()
    known = known_from(schema, source, schemas, None)
    found: set[tuple[str | None, str]] = set()
    for condition in conditions(filter):
        try:
            place = resolve(condition.steps, known)
        except (Refused, UnknownName):
            continue
        attribute = place.attribute
        if attribute is None or attribute.type not in _CHOICES or attribute.option_titles is not None:
            continue
        if _compares_a_title(condition):
            found.add((place.path[-1][0] if place.path else None, place.slug))
    return found


def _compares_a_title(condition: Condition) -> bool:
    values = condition.value if condition.operator == "$in" else (condition.value,)
    return any(isinstance(value, str) and not is_uuid(value) for value in values)
