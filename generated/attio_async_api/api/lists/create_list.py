"""Add a list."""

from collections.abc import Mapping
from typing import Any

from ...models.create_list import CreateList
from ...types import content


def build_request(
    *,
    body: CreateList | Mapping[str, Any],
) -> dict[str, Any]:
    """Add a list."""
    return {
        "method": "POST",
        "url": "/v2/lists",
        "json": {"data": content(body)},
    }
