"""Comment on a record or entry, or reply in a thread."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.create_comment import CreateComment
from ...operations import CREATE_COMMENT
from ...types import content

operation: Final = CREATE_COMMENT


def build_request(
    *,
    body: CreateComment | Mapping[str, Any],
) -> dict[str, Any]:
    """Comment on a record or entry, or reply in a thread."""
    return {
        "method": "POST",
        "url": "/v2/comments",
        "json": {"data": content(body)},
    }
