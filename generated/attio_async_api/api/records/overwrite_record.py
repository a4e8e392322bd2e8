"""Update a record, replacing the values of multiselect attributes."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.write_record import WriteRecord
from ...operations import OVERWRITE_RECORD
from ...types import address, content

operation: Final = OVERWRITE_RECORD


def build_request(
    object_: str,
    record_id: str,
    *,
    body: WriteRecord | Mapping[str, Any],
) -> dict[str, Any]:
    """Update a record, replacing the values of multiselect attributes."""
    return {
        "method": "PUT",
        "url": address(
            "/v2/objects/{object_}/records/{record_id}",
            object_=object_,
            record_id=record_id,
        ),
        "json": {"data": content(body)},
    }
