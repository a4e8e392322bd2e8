"""Create a custom object."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.create_object import CreateObject
from ...operations import CREATE_OBJECT
from ...types import content

operation: Final = CREATE_OBJECT


def build_request(
    *,
    body: CreateObject | Mapping[str, Any],
) -> dict[str, Any]:
    """Create a custom object."""
    return {
        "method": "POST",
        "url": "/v2/objects",
        "json": {"data": content(body)},
    }
