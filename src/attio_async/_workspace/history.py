"""The values an attribute had over time: reading them, and replacing them."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

import attrs

from attio_async_api.models.write_attribute_history import WriteAttributeHistory
from attio_async_api.operations import Operation

from .._schema import Attribute, ObjectSchema
from ..errors import CoercionError, ConfigurationError
from ..values import (
    Value,
    coerce,
    coerce_values,
    read_value,
)
from .arguments import as_list, timestamp
from .list_page import Build, paginate
from .session import Session, list_reader

_MOST = 400


@attrs.frozen
class HistoricValue:
    """A value to write into the history of an attribute, and when it held.

    Attributes:
        value: The value, in any form that writing the attribute takes.
        active_from: Since when it held; with a time zone.
        active_until: Until when; None for the value that holds now.
    """

    value: object
    active_from: datetime | str
    active_until: datetime | str | None = None


async def read_history(session: Session, operation: Operation, build: Build) -> list[Value]:
    """Every value there was and is, the oldest first."""
    return await paginate(session, operation, partial(build, show_historic=True), list_reader(read_value))


def build_replacement(
    values: Iterable[HistoricValue | Value],
    attribute: str,
    schema: ObjectSchema | None,
    *,
    confirm: bool,
) -> WriteAttributeHistory:
    """The body that replaces a history.

    Raises:
        ConfigurationError: It was not confirmed, or there are too many values or none.
        CoercionError: A value does not fit its attribute, or its time is none.
    """
    if confirm is not True:
        raise ConfigurationError(
            "writing history deletes all that was known of the attribute before; confirm=True says that it may"
        )
    spec = schema.find(attribute) if schema else None
    given = as_list(values, "values", least=1, most=_MOST)
    return WriteAttributeHistory(
        values=[_written(each, attribute, spec) for each in given], replace_history=True
    )


def _written(given: HistoricValue | Value, attribute: str, spec: Attribute | None) -> dict[str, Any]:
    if isinstance(given, Value):
        # Its own text has nanoseconds, which a datetime has not.
        start, end = given.raw.get("active_from"), given.raw.get("active_until")
        native = given.native
    else:
        start, end, native = given.active_from, given.active_until, given.value
    return {
        "value": _one(native, attribute, spec),
        "active_from": timestamp(start, "active_from"),
        "active_until": None if end is None else timestamp(end, "active_until"),
    }


def _one(native: object, attribute: str, spec: Attribute | None) -> Any:
    fitted = coerce(spec, native) if spec else coerce_values({attribute: native}, None)[attribute]
    if len(fitted) == 1:
        return fitted[0]
    hint = "give one HistoricValue for each value"
    raise CoercionError.single(attribute, None, native, f"is {len(fitted)} values at once", hint)
