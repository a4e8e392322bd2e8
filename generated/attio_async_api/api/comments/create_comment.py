"""Create a comment on a record or entry, or a reply in a thread."""

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
    """Create a comment on a record or entry, or a reply in a thread."""
    return {
        "method": "POST",
        "url": "/v2/comments",
        "json": {"data": content(body)},
    }
