"""List the files and folders of a record."""

from typing import Any, Final

from ...models.storage_provider import StorageProvider
from ...operations import LIST_FILES
from ...types import query

operation: Final = LIST_FILES


def build_request(
    *,
    object_: str,
    record_id: str,
    storage_provider: StorageProvider | None = None,
    parent_folder_id: str | None = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> dict[str, Any]:
    """List the files and folders of a record."""
    return {
        "method": "GET",
        "url": "/v2/files",
        "params": query(
            {
                "object": object_,
                "record_id": record_id,
                "storage_provider": storage_provider,
                "parent_folder_id": parent_folder_id,
                "limit": limit,
                "cursor": cursor,
            }
        ),
    }
