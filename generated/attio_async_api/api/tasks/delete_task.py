"""Delete one task."""

from typing import Any, Final

from ...operations import DELETE_TASK
from ...types import address

operation: Final = DELETE_TASK


def build_request(
    task_id: str,
) -> dict[str, Any]:
    """Delete one task."""
    return {
        "method": "DELETE",
        "url": address(
            "/v2/tasks/{task_id}",
            task_id=task_id,
        ),
    }
