"""Create a record; fail if another record has the same unique value."""

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
    """Create a record; fail if another record has the same unique value."""
    return {
        "method": "POST",
        "url": address(
            "/v2/objects/{object_}/records",
            object_=object_,
        ),
        "json": {"data": content(body)},
    }
