"""Search records of several objects by free text; new records appear with a delay."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.search_records import SearchRecords
from ...operations import SEARCH_RECORDS
from ...types import content

operation: Final = SEARCH_RECORDS


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
