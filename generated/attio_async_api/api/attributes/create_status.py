"""Create a status of a status attribute."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.attribute_target import AttributeTarget
from ...models.create_status import CreateStatus
from ...operations import CREATE_STATUS
from ...types import address, content

operation: Final = CREATE_STATUS


def build_request(
    target: AttributeTarget,
    identifier: str,
    attribute: str,
    *,
    body: CreateStatus | Mapping[str, Any],
) -> dict[str, Any]:
    """Create a status of a status attribute."""
    return {
        "method": "POST",
        "url": address(
            "/v2/{target}/{identifier}/attributes/{attribute}/statuses",
            target=target,
            identifier=identifier,
            attribute=attribute,
        ),
        "json": {"data": content(body)},
    }
