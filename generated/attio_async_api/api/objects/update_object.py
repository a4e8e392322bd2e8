"""Update the slug or nouns of an object."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.update_object import UpdateObject
from ...operations import UPDATE_OBJECT
from ...types import address, content

operation: Final = UPDATE_OBJECT


def build_request(
    object_: str,
    *,
    body: UpdateObject | Mapping[str, Any],
) -> dict[str, Any]:
    """Update the slug or nouns of an object."""
    return {
        "method": "PATCH",
        "url": address(
            "/v2/objects/{object_}",
            object_=object_,
        ),
        "json": {"data": content(body)},
    }
