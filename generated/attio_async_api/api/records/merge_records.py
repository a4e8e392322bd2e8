"""Merge two records into a new one with a new id."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.merge_records import MergeRecords
from ...operations import MERGE_RECORDS
from ...types import address, content

operation: Final = MERGE_RECORDS


def build_request(
    object_: str,
    *,
    body: MergeRecords | Mapping[str, Any],
) -> dict[str, Any]:
    """Merge two records into a new one with a new id."""
    return {
        "method": "POST",
        "url": address(
            "/v2/objects/{object_}/records/merge",
            object_=object_,
        ),
        "json": {"data": content(body)},
    }
