"""List the statuses of a status attribute."""

from typing import Any

from ...models.attribute_target import AttributeTarget
from ...types import address, query


def build_request(
    target: AttributeTarget,
    identifier: str,
    attribute: str,
    *,
    show_archived: bool | None = None,
) -> dict[str, Any]:
    """List the statuses of a status attribute."""
    return {
        "method": "GET",
        "url": address(
            "/v2/{target}/{identifier}/attributes/{attribute}/statuses",
            target=target,
            identifier=identifier,
            attribute=attribute,
        ),
        "params": query(
            {
                "show_archived": show_archived,
            }
        ),
    }
