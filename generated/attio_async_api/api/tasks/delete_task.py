"""Delete one task."""

from typing import Any

from ...types import address


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
