"""Change a task's deadline, completion, records or assignees; its content is fixed."""

from collections.abc import Mapping
from typing import Any

from ...models.update_task import UpdateTask
from ...types import address, content


def build_request(
    task_id: str,
    *,
    body: UpdateTask | Mapping[str, Any],
) -> dict[str, Any]:
    """Change a task's deadline, completion, records or assignees; its content is fixed."""
    return {
        "method": "PATCH",
        "url": address(
            "/v2/tasks/{task_id}",
            task_id=task_id,
        ),
        "json": {"data": content(body)},
    }
