"""Create an option of a select attribute."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.attribute_target import AttributeTarget
from ...models.create_select_option import CreateSelectOption
from ...operations import CREATE_SELECT_OPTION
from ...types import address, content

operation: Final = CREATE_SELECT_OPTION


def build_request(
    target: AttributeTarget,
    identifier: str,
    attribute: str,
    *,
    body: CreateSelectOption | Mapping[str, Any],
) -> dict[str, Any]:
    """Create an option of a select attribute."""
    return {
        "method": "POST",
        "url": address(
            "/v2/{target}/{identifier}/attributes/{attribute}/options",
            target=target,
            identifier=identifier,
            attribute=attribute,
        ),
        "json": {"data": content(body)},
    }
