"""Encoding of Python values to the API's JSON, by the schema of the object or list."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

import attrs

from attio_async_api.models.attribute_target import AttributeTarget

from .._schema import Attribute, ObjectSchema
from .._utils.text import show
from ..errors import CoercionError, ConfigurationError, Problem, UnknownName
from ..values import coerce_values
from .schema_cache import SchemaCache
from .write_options import WriteOptions, missing_options

_DEFAULT_OPTIONS = WriteOptions()


@attrs.frozen
class EncodeMode:
    """The kind of row to encode, and the function that is told of guesses.

    Attributes:
        is_new: True for a new row, which must have all that is required.
        note: Called with what is guessed or left out of a value.
    """

    is_new: bool = False
    note: Callable[[str], None] | None = None


_DEFAULT_MODE = EncodeMode()

Encoded = tuple[ObjectSchema | None, dict[str, Any]]


def check_values(values: object) -> None:
    """Check that values are a dict whose keys are texts.

    Raises:
        ConfigurationError: They are not a dict.
        CoercionError: A key is not a text. Nothing was sent.
    """
    if type(values) is not dict and not isinstance(values, Mapping):
        raise ConfigurationError(f"values must be a dict of attributes and their values, not {show(values)}")
    for name in cast("Mapping[object, object]", values):
        if not isinstance(name, str):
            hint = "the row has more cells than the header" if name is None else "keys are attribute slugs"
            raise CoercionError.single(
                "values", None, name, f"{show(name)} is not a valid attribute slug", hint
            )


_PLAIN = frozenset({str, int, float, bool, type(None), list, dict})
"""The types of most values, which are quickly told from iterators."""


def materialise(values: Mapping[str, object]) -> dict[str, object]:
    """Return the values with iterators as lists, since they are read more than once."""
    return {
        name: list(cast("Iterator[object]", v)) if type(v) not in _PLAIN and isinstance(v, Iterator) else v
        for name, v in values.items()
    }


def reusable(values: Mapping[str, object]) -> dict[str, object]:
    """Return values of a caller that may be encoded more than once, as by an action that is done again.

    Raises:
        ConfigurationError: They are not a dict.
        CoercionError: A key is not a text. Nothing was sent.
    """
    check_values(values)
    return materialise(values)


async def encode_values(
    schemas: SchemaCache,
    name: str,
    values: Mapping[str, object],
    *,
    validate: bool,
    target: AttributeTarget = "objects",
    mode: EncodeMode = _DEFAULT_MODE,
) -> Encoded:
    """Return the schema, and the encoded values by slug. Reads the schema, options and members that it needs.

    Values that are required must be there for a new row, and cannot be cleared in any.

    Raises:
        CoercionError: Values do not fit; it has all problems. Nothing was written.
    """
    if not validate:
        schema = await schemas.for_reading(name, target=target)
        return schema, {str(slug): value for slug, value in values.items()}
    values = materialise(values)
    try:
        return await _encode_values(schemas, name, values, target, mode)
    except CoercionError:
        # The attribute, option or member may be newer than the cache.
        if not schemas.refresh(name, target=target):
            raise
        return await _encode_values(schemas, name, values, target, mode)


async def _encode_values(
    schemas: SchemaCache,
    name: str,
    values: Mapping[str, object],
    target: AttributeTarget,
    mode: EncodeMode,
) -> Encoded:
    write_options, schema = schemas.write_options, await schemas.for_writing(name, target=target)
    if schema is not None:
        named = {attribute_slug(schema, name): value for name, value in values.items()}
        schema = await schemas.with_options(schema, named, target=target)
        if write_options.create_missing_options:
            schema = await schemas.create_options(schema, missing_options(named, schema), target=target)
    members = schemas.known_members()
    try:
        encoded = encode(values, schema, write_options, members, mode)
    except CoercionError as error:
        # A member may be given by name, and members are read only when that is the case.
        if members is not None or not any(p.attribute_type == "actor-reference" for p in error.problems):
            raise
        encoded = encode(values, schema, write_options, await schemas.members(), mode)
    await _name_objects(encoded, schemas)
    return schema, encoded


async def _name_objects(encoded: Mapping[str, Any], schemas: SchemaCache) -> None:
    """Replace the titles of objects in references by their slugs, which the API takes."""
    for value in encoded.values():
        for item in cast("list[object]", value) if isinstance(value, list) else ():
            reference = cast("dict[str, Any]", item) if isinstance(item, dict) else {}
            name = reference.get("target_object")
            if isinstance(name, str) and not schemas.is_slug_or_id(name):
                reference["target_object"] = await schemas.slug(name)


def encode(
    values: Mapping[str, object],
    schema: ObjectSchema | None,
    write_options: WriteOptions = _DEFAULT_OPTIONS,
    members: Mapping[str, Sequence[str]] | None = None,
    mode: EncodeMode = _DEFAULT_MODE,
) -> dict[str, Any]:
    """Return the encoded values by slug.

    Raises:
        CoercionError: Values do not fit; it has all problems.
    """
    if schema is None:
        return coerce_values(values, None, assume_tz=write_options.assume_tz, members=members, note=mode.note)
    by_slug: dict[str, object] = {}
    problems: list[Problem] = []
    for name, value in values.items():
        slug = attribute_slug(schema, name)
        if slug in by_slug:
            problems.append(Problem(slug, None, value, "is given twice, under different names"))
        by_slug[slug] = value
    problems += _required_problems(by_slug, schema, is_new=mode.is_new)
    encoded: dict[str, Any] = {}
    try:
        encoded = coerce_values(
            by_slug, schema.attributes, assume_tz=write_options.assume_tz, members=members, note=mode.note
        )
    except CoercionError as error:
        problems = [*error.problems, *problems]
    if problems:
        raise CoercionError(problems)
    return encoded


def _required_problems(
    values: Mapping[str, object], schema: ObjectSchema, *, is_new: bool
) -> Iterator[Problem]:
    """Yield a problem for each required attribute that a new row lacks, or that would be cleared."""
    for attribute in schema.required if schema.complete else ():
        slug = attribute.slug
        value = values.get(slug)
        if value is not None and value != []:
            continue
        if is_new:
            yield Problem(slug, attribute.type, value, "is required", "give it a value")
        elif slug in values:
            yield Problem(
                slug,
                attribute.type,
                value,
                "is required, so it cannot be cleared",
                "leave it out, or give it a value",
            )


def attribute_slug(schema: ObjectSchema, name: str) -> str:
    """Return the slug of an attribute. An unknown name is returned as it is, to be reported with all other problems."""
    if type(name) is str and name in schema.attributes:  # not one that holds an id, which counts more
        return name
    try:
        return schema.find(name).slug
    except UnknownName:
        return name


def reject_empty(data: Mapping[str, Any]) -> None:
    """Check that an append gives every attribute a value. An empty list looks like clearing, and does nothing.

    https://docs.attio.com/rest-api/endpoint-reference/records/update-a-record-append-multiselect-values

    Raises:
        CoercionError: An attribute has no value; it says how to clear it. Nothing was sent.
    """
    hint = 'give None to clear it: {"%s": None}'
    problems = [
        Problem(slug, None, [], "adding no value changes nothing", hint % slug)
        for slug, value in data.items()
        if value == []
    ]
    if problems:
        raise CoercionError(problems)


def cleared_by(values: Mapping[str, object], schema: ObjectSchema | None) -> set[str]:
    """Return the slugs of the attributes that None clears."""
    return {
        name if schema is None else attribute_slug(schema, name)
        for name, value in values.items()
        if value is None
    }


def unique_attribute(schema: ObjectSchema, name: str) -> Attribute:
    """Return the attribute to match on.

    Raises:
        CoercionError: It is unknown or not unique. Nothing was sent.
    """
    unique = [
        a.slug for a in schema.attributes.values() if a.is_unique and a.is_writable and not a.is_archived
    ]
    possible = (
        f"unique attributes: {', '.join(unique)}" if unique else f"{schema.name} has no unique attribute"
    )
    try:
        attribute = schema.find(name)
    except UnknownName as error:
        raise CoercionError([Problem(name, None, None, str(error), possible)]) from None
    if not attribute.is_unique:
        raise CoercionError.single(
            attribute.slug, attribute.type, None, "is not unique, so it cannot be matched on", possible
        )
    return attribute
