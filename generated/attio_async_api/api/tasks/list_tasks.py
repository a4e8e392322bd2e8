"""List tasks, filtered by record, assignee or completion."""

from typing import Any, Final

from ...models.task_sort import TaskSort
from ...operations import LIST_TASKS
from ...types import query

operation: Final = LIST_TASKS


def build_request(
    *,
    limit: int | None = None,
    offset: int | None = None,
    sort: TaskSort | None = None,
    linked_object: str | None = None,
    linked_record_id: str | None = None,
    assignee: str | None = None,
    is_completed: bool | None = None,
) -> dict[str, Any]:
    """List tasks, filtered by record, assignee or completion."""
    return {
        "method": "GET",
        "url": "/v2/tasks",
        "params": query(
            {
                "limit": limit,
                "offset": offset,
                "sort": sort,
                "linked_object": linked_object,
                "linked_record_id": linked_record_id,
                "assignee": assignee,
                "is_completed": is_completed,
            }
        ),
    }
