"""Replace all values of one attribute of a record."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.write_attribute_history import WriteAttributeHistory
from ...operations import OVERWRITE_RECORD_ATTRIBUTE_VALUES
from ...types import address, content

operation: Final = OVERWRITE_RECORD_ATTRIBUTE_VALUES


def build_request(
    object_: str,
    record_id: str,
    attribute: str,
    *,
    body: WriteAttributeHistory | Mapping[str, Any],
) -> dict[str, Any]:
    """Replace all values of one attribute of a record."""
    return {
        "method": "PUT",
        "url": address(
            "/v2/objects/{object_}/records/{record_id}/attributes/{attribute}/values",
            object_=object_,
            record_id=record_id,
            attribute=attribute,
        ),
        "json": {"data": content(body)},
    }
