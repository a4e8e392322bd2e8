"""Search records of several objects by free text; new records appear with a delay."""

from collections.abc import Mapping
from typing import Any

from ...models.search_records import SearchRecords
from ...types import content


def build_request(
    *,
    body: SearchRecords | Mapping[str, Any],
) -> dict[str, Any]:
    """Search records of several objects by free text; new records appear with a delay."""
    return {
        "method": "POST",
        "url": "/v2/objects/records/search",
        "json": content(body),
    }
