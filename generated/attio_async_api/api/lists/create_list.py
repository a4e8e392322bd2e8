"""Create a list."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.create_list import CreateList
from ...operations import CREATE_LIST
from ...types import content

operation: Final = CREATE_LIST


def build_request(
    *,
    body: CreateList | Mapping[str, Any],
) -> dict[str, Any]:
    """Create a list."""
    return {
        "method": "POST",
        "url": "/v2/lists",
        "json": {"data": content(body)},
    }
