"""List the attributes of an object or a list."""

from typing import Any

from ...models.attribute_target import AttributeTarget
from ...types import address, query


def build_request(
    target: AttributeTarget,
    identifier: str,
    *,
    limit: int | None = None,
    offset: int | None = None,
    show_archived: bool | None = None,
) -> dict[str, Any]:
    """List the attributes of an object or a list."""
    return {
        "method": "GET",
        "url": address(
            "/v2/{target}/{identifier}/attributes",
            target=target,
            identifier=identifier,
        ),
        "params": query(
            {
                "limit": limit,
                "offset": offset,
                "show_archived": show_archived,
            }
        ),
    }
