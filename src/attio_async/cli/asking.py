"""What a user asks for, from text: filters, sorts and selected attributes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from ..errors import FilterError, UnknownName
from ..query import Filter, Sort, asc, desc
from .expressions import parse_field, parse_filter
from .jsontext import read_json
from .problems import Refusal

if TYPE_CHECKING:
    from ..schema import Attribute, ObjectSchema

__all__ = ["read_filter", "read_sort", "selected"]


def read_filter(*texts: str | None) -> Filter | None:
    """The filter, from an expression such as ``F.name == "Acme"`` or JSON in Attio's own form.

    Args:
        texts: Where it may be; at most one of them is there.

    Raises:
        Refusal: It cannot be read, or is given twice.
    """
    given = [text for text in texts if text is not None]
    if len(given) > 1:
        raise Refusal("the filter is given twice, by itself and with --filter; join the two with &")
    if not given:
        return None
    text = given[0].strip()
    if not text.startswith(("{", "[")):
        return parse_filter(text)
    try:
        condition = read_json(text)
        if isinstance(condition, dict):
            return Filter.raw(cast("dict[str, Any]", condition))
    except (FilterError, RecursionError, ValueError) as error:
        raise Refusal(f"the filter is not JSON: {error}") from error
    raise Refusal('a filter in JSON must be an object, such as \'{"name": "Acme"}\'')


def read_sort(text: str) -> Sort:
    """The sort, from a slug, title or field, and perhaps ``:asc`` or ``:desc``.

    Raises:
        Refusal: It cannot be read.
    """
    name, colon, direction = text.rpartition(":")
    if not colon:
        name, direction = text, "asc"
    if direction not in {"asc", "desc"}:
        raise Refusal(f"--sort {text!r}: the direction is asc or desc, not {direction!r}")
    attribute = parse_field(name) if name.startswith(("F.", "F[")) else name.strip()
    try:
        return asc(attribute) if direction == "asc" else desc(attribute)
    except FilterError as error:
        raise Refusal(f"--sort {text!r}: {error}") from error


def selected(schema: "ObjectSchema", names: str | None) -> Sequence["Attribute"]:
    """The attributes of these slugs or titles, separated by commas, in that order; without any, all that are in use.

    The record's id, which always comes along, is not among them.

    Raises:
        Refusal: There is no such attribute.
    """
    if names is None:
        found = [attribute for attribute in schema.attributes.values() if not attribute.is_archived]
    else:
        try:
            found = [schema.find(name) for name in names.split(",")]
        except UnknownName as error:
            raise Refusal(f"--select: {error}") from error
    return [each for each in dict.fromkeys(found) if each.slug != "record_id"]
