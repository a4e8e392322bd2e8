"""Upload a file to a record."""

from typing import Any, Final

from ...operations import UPLOAD_FILE

operation: Final = UPLOAD_FILE


def build_request() -> dict[str, Any]:
    """Upload a file to a record."""
    return {
        "method": "POST",
        "url": "/v2/files/upload",
    }
