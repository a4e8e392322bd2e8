"""Update or archive a status of a status attribute."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.attribute_target import AttributeTarget
from ...models.update_status import UpdateStatus
from ...operations import UPDATE_STATUS
from ...types import address, content

operation: Final = UPDATE_STATUS


def build_request(
    target: AttributeTarget,
    identifier: str,
    attribute: str,
    status: str,
    *,
    body: UpdateStatus | Mapping[str, Any],
) -> dict[str, Any]:
    """Update or archive a status of a status attribute."""
    return {
        "method": "PATCH",
        "url": address(
            "/v2/{target}/{identifier}/attributes/{attribute}/statuses/{status}",
            target=target,
            identifier=identifier,
            attribute=attribute,
            status=status,
        ),
        "json": {"data": content(body)},
    }
