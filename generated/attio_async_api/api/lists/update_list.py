"""Update the name, slug or access of a list."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.update_list import UpdateList
from ...operations import UPDATE_LIST
from ...types import address, content

operation: Final = UPDATE_LIST


def build_request(
    list_: str,
    *,
    body: UpdateList | Mapping[str, Any],
) -> dict[str, Any]:
    """Update the name, slug or access of a list."""
    return {
        "method": "PATCH",
        "url": address(
            "/v2/lists/{list_}",
            list_=list_,
        ),
        "json": {"data": content(body)},
    }
