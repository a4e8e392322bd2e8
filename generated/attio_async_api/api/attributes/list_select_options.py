"""List the options of a select attribute."""

from typing import Any, Final

from ...models.attribute_target import AttributeTarget
from ...operations import LIST_SELECT_OPTIONS
from ...types import address, query

operation: Final = LIST_SELECT_OPTIONS


def build_request(
    target: AttributeTarget,
    identifier: str,
    attribute: str,
    *,
    show_archived: bool | None = None,
) -> dict[str, Any]:
    """List the options of a select attribute."""
    return {
        "method": "GET",
        "url": address(
            "/v2/{target}/{identifier}/attributes/{attribute}/options",
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
