"""Create a task."""

from collections.abc import Mapping
from typing import Any

from ...models.create_task import CreateTask
from ...types import content


def build_request(
    *,
    body: CreateTask | Mapping[str, Any],
) -> dict[str, Any]:
    """Create a task."""
    return {
        "method": "POST",
        "url": "/v2/tasks",
        "json": {"data": content(body)},
    }
