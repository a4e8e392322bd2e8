"""Replace all values of one attribute of a list entry."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.write_attribute_history import WriteAttributeHistory
from ...operations import OVERWRITE_ENTRY_ATTRIBUTE_VALUES
from ...types import address, content

operation: Final = OVERWRITE_ENTRY_ATTRIBUTE_VALUES


def build_request(
    list_: str,
    entry_id: str,
    attribute: str,
    *,
    body: WriteAttributeHistory | Mapping[str, Any],
) -> dict[str, Any]:
    """Replace all values of one attribute of a list entry."""
    return {
        "method": "PUT",
        "url": address(
            "/v2/lists/{list_}/entries/{entry_id}/attributes/{attribute}/values",
            list_=list_,
            entry_id=entry_id,
            attribute=attribute,
        ),
        "json": {"data": content(body)},
    }
