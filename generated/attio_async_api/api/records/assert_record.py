"""Create a record, or update the one with the same value of the matching attribute."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.write_record import WriteRecord
from ...operations import ASSERT_RECORD
from ...types import address, content, query

operation: Final = ASSERT_RECORD


def build_request(
    object_: str,
    *,
    body: WriteRecord | Mapping[str, Any],
    matching_attribute: str,
) -> dict[str, Any]:
    """Create a record, or update the one with the same value of the matching attribute."""
    return {
        "method": "PUT",
        "url": address(
            "/v2/objects/{object_}/records",
            object_=object_,
        ),
        "params": query(
            {
                "matching_attribute": matching_attribute,
            }
        ),
        "json": {"data": content(body)},
    }
