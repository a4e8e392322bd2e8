"""Create a task."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.create_task import CreateTask
from ...operations import CREATE_TASK
from ...types import content

operation: Final = CREATE_TASK


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
