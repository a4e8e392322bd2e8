"""Return one attribute by slug or id."""

from typing import Any, Final

from ...models.attribute_target import AttributeTarget
from ...operations import GET_ATTRIBUTE
from ...types import address

operation: Final = GET_ATTRIBUTE


def build_request(
    target: AttributeTarget,
    identifier: str,
    attribute: str,
) -> dict[str, Any]:
    """Return one attribute by slug or id."""
    return {
        "method": "GET",
        "url": address(
            "/v2/{target}/{identifier}/attributes/{attribute}",
            target=target,
            identifier=identifier,
            attribute=attribute,
        ),
    }
