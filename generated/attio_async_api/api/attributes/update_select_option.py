"""Rename or archive an option of a select attribute."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.attribute_target import AttributeTarget
from ...models.update_select_option import UpdateSelectOption
from ...operations import UPDATE_SELECT_OPTION
from ...types import address, content

operation: Final = UPDATE_SELECT_OPTION


def build_request(
    target: AttributeTarget,
    identifier: str,
    attribute: str,
    option: str,
    *,
    body: UpdateSelectOption | Mapping[str, Any],
) -> dict[str, Any]:
    """Rename or archive an option of a select attribute."""
    return {
        "method": "PATCH",
        "url": address(
            "/v2/{target}/{identifier}/attributes/{attribute}/options/{option}",
            target=target,
            identifier=identifier,
            attribute=attribute,
            option=option,
        ),
        "json": {"data": content(body)},
    }
