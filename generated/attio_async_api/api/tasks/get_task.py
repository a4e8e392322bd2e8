"""Return one task."""

from typing import Any, Final

from ...operations import GET_TASK
from ...types import address

operation: Final = GET_TASK


def build_request(
    task_id: str,
) -> dict[str, Any]:
    """Return one task."""
    return {
        "method": "GET",
        "url": address(
            "/v2/tasks/{task_id}",
            task_id=task_id,
        ),
    }
