"""What might have been meant, for names that the API did not find."""

import re
from collections.abc import Generator
from contextlib import contextmanager

from attio_async_api.models.attribute_target import AttributeTarget

from .._schema import ObjectSchema, near, standard_schema
from ..errors import ValueNotFound
from .schema_cache import SchemaCache

_QUOTED = re.compile(r"""["'`]([^"'`]+)["'`]""")
_AFTER_COLON = re.compile(r": (\S+?)\.?$")
_MOST = 3


@contextmanager
def suggest_on_failure(
    schemas: SchemaCache, name: str, *, target: AttributeTarget = "objects"
) -> Generator[None]:
    """A block whose `ValueNotFound` tells near matches, as far as what is known of the object or list has some."""
    try:
        yield
    except ValueNotFound as error:
        known = schemas.peek(name, target=target) or (standard_schema(name) if target == "objects" else None)
        if known is not None:
            error.suggestions = suggest(error.message, known)
        raise


def suggest(message: str, schema: ObjectSchema) -> tuple[str, ...]:
    """Slugs and titles of options that look like what a message names; none for what exists by that name."""
    names = _QUOTED.findall(message) or _AFTER_COLON.findall(message)
    options = [title for each in schema.attributes.values() for title in each.option_titles or ()]
    by_folded = {title.casefold(): title for title in reversed(options)}
    found: list[str] = []
    for name in names:
        if name in schema.attributes or name in options:
            continue
        found += schema.suggest(name)
        found += [by_folded[match] for match in near(name, by_folded)]
    return tuple(dict.fromkeys(found))[:_MOST]
