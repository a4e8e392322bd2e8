"""Create an attribute of an object or a list."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.attribute_target import AttributeTarget
from ...models.create_attribute import CreateAttribute
from ...operations import CREATE_ATTRIBUTE
from ...types import address, content

operation: Final = CREATE_ATTRIBUTE


def build_request(
    target: AttributeTarget,
    identifier: str,
    *,
    body: CreateAttribute | Mapping[str, Any],
) -> dict[str, Any]:
    """Create an attribute of an object or a list."""
    return {
        "method": "POST",
        "url": address(
            "/v2/{target}/{identifier}/attributes",
            target=target,
            identifier=identifier,
        ),
        "json": {"data": content(body)},
    }
