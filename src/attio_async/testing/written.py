"""What one request says about one attribute, read and checked."""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from .forms import Fields
from .lookup import WorkspaceLookup
from .normalise import read_value, same_key
from .problems import ApiProblem, InvalidValue, invalid_value, wrong_type
from .schema import Attribute, Record
from .shapes import as_array, is_array


@attrs.frozen
class Written:
    """What one request says about one attribute."""

    attribute: Attribute
    fields: Sequence[Fields]
    is_null: bool

    def key(self, fields: Mapping[str, Any]) -> object:
        """What makes two values of this attribute the same."""
        return same_key(self.attribute.type, fields)


def read_written(attribute: Attribute, value: object, lookup: WorkspaceLookup) -> Written:
    """The values of an attribute, each once.

    Raises:
        ApiProblem: One does not fit, or there are several although the attribute holds one.
    """
    if value is None:
        return Written(attribute, [], is_null=True)
    if attribute.is_multiselect and not is_array(value):
        raise invalid_value(attribute.slug, [wrong_type([], "array", value)])
    try:
        fields = [read_value(attribute, item, lookup) for item in as_array(value)]
    except InvalidValue as error:
        raise invalid_value(attribute.slug, error.issues) from None
    if len(fields) > 1 and not attribute.is_multiselect:
        raise several_values(attribute, len(fields))
    once: dict[object, Fields] = {}
    for one in fields:
        once.setdefault(same_key(attribute.type, one), one)
    return Written(attribute, list(once.values()), is_null=False)


def stored(attribute: Attribute, fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields with what every value takes over from its attribute."""
    if attribute.type == "currency":
        return {**fields, "currency_code": attribute.currency_code}
    return fields


def several_values(attribute: Attribute, count: int) -> ApiProblem:
    """400: more values than the one that the attribute holds."""
    return ApiProblem(
        400,
        "multiple_values_for_single_value_attribute",
        f'{count} values were given for attribute with slug "{attribute.slug}", which holds one.',
    )


def required(attribute: Attribute) -> ApiProblem:
    """400: there would be no value."""
    return ApiProblem(
        400, "missing_value", f'A value is required for attribute with slug "{attribute.slug}".'
    )


def read_only(attribute: Attribute) -> ApiProblem:
    """400: only the system writes the attribute."""
    return ApiProblem(
        400,
        "system_edit_unauthorized",
        f'The attribute with slug "{attribute.slug}" cannot be written.',
    )


def taken(written: Written, holder: Record) -> ApiProblem:
    """400: a unique value is that of another record."""
    held = {written.key(value) for value in holder.values.get(written.attribute.slug, ())}
    value = next(key for key in map(written.key, written.fields) if key in held)
    return ApiProblem(
        400,
        "uniqueness_conflict",
        f'Uniqueness conflict on attribute with slug "{written.attribute.slug}": record with ID "{holder.id}" '
        f'has the value "{value}" already.',
    )
