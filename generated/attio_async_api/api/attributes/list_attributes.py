"""List the attributes of an object or a list."""

from typing import Any, Final

from ...models.attribute_target import AttributeTarget
from ...operations import LIST_ATTRIBUTES
from ...types import address, query

operation: Final = LIST_ATTRIBUTES


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
