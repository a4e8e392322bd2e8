"""Update the definition of an attribute."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.attribute_target import AttributeTarget
from ...models.update_attribute import UpdateAttribute
from ...operations import UPDATE_ATTRIBUTE
from ...types import address, content

operation: Final = UPDATE_ATTRIBUTE


def build_request(
    target: AttributeTarget,
    identifier: str,
    attribute: str,
    *,
    body: UpdateAttribute | Mapping[str, Any],
) -> dict[str, Any]:
    """Update the definition of an attribute."""
    return {
        "method": "PATCH",
        "url": address(
            "/v2/{target}/{identifier}/attributes/{attribute}",
            target=target,
            identifier=identifier,
            attribute=attribute,
        ),
        "json": {"data": content(body)},
    }
