"""List the statuses of a status attribute."""

from typing import Any, Final

from ...models.attribute_target import AttributeTarget
from ...operations import LIST_STATUSES
from ...types import address, query

operation: Final = LIST_STATUSES


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
