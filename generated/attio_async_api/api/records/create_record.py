"""Create a record; a clash on a unique attribute is an error."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.create_record import CreateRecord
from ...operations import CREATE_RECORD
from ...types import address, content

operation: Final = CREATE_RECORD


def build_request(
    object_: str,
    *,
    body: CreateRecord | Mapping[str, Any],
) -> dict[str, Any]:
    """Create a record; a clash on a unique attribute is an error."""
    return {
        "method": "POST",
        "url": address(
            "/v2/objects/{object_}/records",
            object_=object_,
        ),
        "json": {"data": content(body)},
    }
