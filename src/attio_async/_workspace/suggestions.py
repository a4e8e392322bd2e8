"""Suggestions for names in a request that the API did not find."""

import re
from collections.abc import Generator
from contextlib import contextmanager

from attio_async_api.models.attribute_target import AttributeTarget

from .._schema import ObjectSchema, near, standard_schema
from .._utils.text import folded
from ..errors import ValueNotFound
from .schema_cache import SchemaCache

_QUOTED_NAME = re.compile(r"""["'`]([^"'`]+)["'`]""")
_NAME_AFTER_COLON = re.compile(r": (\S+?)\.?$")
_MAX_SUGGESTIONS = 3


@contextmanager
def suggest_on_failure(
    schemas: SchemaCache, name: str, *, target: AttributeTarget = "objects"
) -> Generator[None]:
    """Add near matches from the cached schema to a `ValueNotFound` that the block raises."""
    try:
        yield
    except ValueNotFound as error:
        known = schemas.peek(name, target=target) or (standard_schema(name) if target == "objects" else None)
        if known is not None:
            error.suggestions = suggest(error.message, known)
        raise


def suggest(message: str, schema: ObjectSchema) -> tuple[str, ...]:
    """Return the slugs and option titles that are close to a name in the message, except names that exist."""
    names = _QUOTED_NAME.findall(message) or _NAME_AFTER_COLON.findall(message)
    options = [title for each in schema.attributes.values() for title in each.option_titles or ()]
    by_folded = {folded(title): title for title in reversed(options)}
    found: list[str] = []
    for name in names:
        if name in schema.attributes or name in options:
            continue
        found += schema.suggest(name)
        found += [by_folded[match] for match in near(name, by_folded)]
    return tuple(dict.fromkeys(found))[:_MAX_SUGGESTIONS]
