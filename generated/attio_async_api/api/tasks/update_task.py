"""Update a task's deadline, completion, records or assignees; its content cannot change."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.update_task import UpdateTask
from ...operations import UPDATE_TASK
from ...types import address, content

operation: Final = UPDATE_TASK


def build_request(
    task_id: str,
    *,
    body: UpdateTask | Mapping[str, Any],
) -> dict[str, Any]:
    """Update a task's deadline, completion, records or assignees; its content cannot change."""
    return {
        "method": "PATCH",
        "url": address(
            "/v2/tasks/{task_id}",
            task_id=task_id,
        ),
        "json": {"data": content(body)},
    }
