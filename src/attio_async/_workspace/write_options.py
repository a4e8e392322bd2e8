"""The options of writes: a policy of the client."""

from collections.abc import Iterable, Mapping
from datetime import tzinfo
from enum import Enum
from typing import cast

import attrs

from .._schema import Attribute, ObjectSchema
from .._utils.names import HeldName, ids_of
from .._utils.public import public
from .._utils.text import folded, trimmed
from ..values._types import is_uuid


@public
@attrs.frozen(kw_only=True)
class WriteOptions:
    """The way values are written.

    Attio itself takes a timestamp without a zone as UTC, and rejects a title that is not an option:
    https://docs.attio.com/docs/attribute-types/attribute-types-timestamp
    https://docs.attio.com/docs/attribute-types/attribute-types-select

    Attributes:
        assume_tz: The time zone of every moment without one: in values and filters, of deadlines, notes and meetings.
            None rejects datetimes without one, and takes texts and days to be in UTC.
        create_missing_options: True creates an option for a title that a select attribute does not have; False
            rejects the title. Statuses are never created, since the API cannot set their order.
    """

    assume_tz: tzinfo | None = None
    create_missing_options: bool = False


def missing_options(values: Mapping[str, object], schema: ObjectSchema) -> dict[str, list[str]]:
    """Return the titles that select attributes are given and do not have, by the attributes' slugs."""
    missing: dict[str, list[str]] = {}
    for slug, value in values.items():
        attribute = schema.attributes.get(slug)
        if attribute is None or attribute.type != "select" or attribute.options is None:
            continue
        titles = list(dict.fromkeys(title for title in _titles(value) if _is_missing(title, attribute)))
        if titles:
            missing[slug] = titles
    return missing


def _titles(value: object) -> Iterable[str]:
    """Return the texts in a value that may be titles of options."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str):
        return [] if is_uuid(value) else [value if isinstance(value, HeldName) else trimmed(value)]
    if isinstance(value, Iterable) and not isinstance(value, Mapping | bytes):
        return [title for item in cast("Iterable[object]", value) for title in _titles(item)]
    return []


def _is_missing(title: str, attribute: Attribute) -> bool:
    known = {folded(option.title) for option in attribute.options or ()}
    ids = {option.id for option in attribute.options or ()}
    return bool(title) and folded(title) not in known and ids.isdisjoint(ids_of(title))
