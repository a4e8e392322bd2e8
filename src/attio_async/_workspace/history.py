"""The values an attribute had over time: reading and replacing them."""

from collections.abc import Iterable
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

import attrs
import msgspec

from attio_async_api.json_data import JsonData
from attio_async_api.models.write_attribute_history import WriteAttributeHistory

from .._schema import Attribute
from .._utils.public import public
from .._utils.text import show
from ..errors import CoercionError, ConfigurationError
from ..values import Value, coerce, coerce_values, read_value
from .arguments import as_list, optional_timestamp, slug_or_id, timestamp
from .list_page import Read, paginate
from .rows import R, Rows
from .session import Endpoint, list_reader

_MAX_VALUES = 400
_exact = msgspec.json.Decoder(float_hook=Decimal)


@public
@attrs.frozen
class HistoricValue(JsonData):
    """A value to write into the history of an attribute, and when it was active.

    Attributes:
        value: The value, in any form that the attribute takes.
        active_from: When it became active; with a time zone.
        active_until: When it stopped being active; None for the current value.
    """

    value: object
    active_from: datetime | str
    active_until: datetime | str | None = None


@attrs.frozen
class History:
    """The requests about the values that the attributes of one kind of row had over time."""

    get: Endpoint
    overwrite: Endpoint

    async def read(self, rows: Rows[R], reference: object, attribute: object) -> list[Value]:
        """Return every value of an attribute, the oldest first.

        https://docs.attio.com/rest-api/endpoint-reference/records/list-record-attribute-values
        """
        return await self._read(rows, reference, attribute, list_reader(read_value))

    async def read_exact(self, rows: Rows[R], reference: object, attribute: object) -> list[Value]:
        """Return every value of an attribute, the oldest first. In `Value.raw` a number keeps every digit of its text."""
        return await self._read(rows, reference, attribute, list_reader(read_value, _exact.decode))

    async def _read(
        self, rows: Rows[R], reference: object, attribute: object, read: Read[Value]
    ) -> list[Value]:
        slug = await _attribute_slug(rows, attribute)
        place = rows.name, await rows.id_of(reference), slug
        return await paginate(rows.session, self.get, read, *place, show_historic=True)

    async def replace(
        self,
        rows: Rows[R],
        reference: object,
        attribute: object,
        values: Iterable[HistoricValue | Value],
        *,
        confirm: bool,
    ) -> list[Value]:
        """Replace the history of an attribute, and return the old one.

        Raises:
            ConfigurationError: It is not confirmed, or there are too few or too many values. Nothing was sent.
            CoercionError: A value or a time does not fit. Nothing was written.
        """
        if confirm is not True:
            raise ConfigurationError(
                "replacing a history deletes all earlier values of the attribute; give confirm=True to allow it"
            )
        given = as_list(values, "values", min_items=1, max_items=_MAX_VALUES)
        slug = await _attribute_slug(rows, attribute)
        schema = await rows.schemas.for_reading(rows.name, target=rows.kind.target)
        spec = schema.find(slug) if schema else None
        written = [_encode_historic(each, slug, spec, rows.schemas.write_options.assume_tz) for each in given]
        body = WriteAttributeHistory(values=written, replace_history=True)
        old = await self.read(rows, reference, slug)
        await rows.session.execute(self.overwrite, rows.name, await rows.id_of(reference), slug, body=body)
        return old


async def _attribute_slug(rows: Rows[R], attribute: object) -> str:
    name = slug_or_id(attribute, "an attribute")
    return await rows.schemas.attribute_slug(rows.name, rows.kind.target, name)


def _encode_historic(
    given: HistoricValue | Value, slug: str, attribute: Attribute | None, assume_tz: tzinfo | None
) -> dict[str, Any]:
    if isinstance(given, Value):
        # The API's own text has nanoseconds, which a datetime would lose:
        # https://docs.attio.com/docs/attribute-types/attribute-types-timestamp
        native, start, end = given.native, given.raw.get("active_from"), given.raw.get("active_until")
    elif isinstance(given, HistoricValue):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not be typed
        native, start, end = given.value, given.active_from, given.active_until
    else:
        raise ConfigurationError(f"values must be HistoricValues or Values, not {show(given)}")
    fitted = (
        coerce(attribute, native, assume_tz=assume_tz)
        if attribute
        else coerce_values({slug: native}, None, assume_tz=assume_tz)[slug]
    )
    if len(fitted) != 1:
        hint = "give one HistoricValue for each value"
        raise CoercionError.single(slug, None, native, f"has {len(fitted)} values at once", hint)
    return {
        "value": fitted[0],
        "active_from": timestamp(start, "active_from", assume_tz),
        "active_until": optional_timestamp(end, "active_until", assume_tz),
    }
