"""The objects of a workspace: people, companies, and what else records are kept of."""

from collections.abc import Mapping
from typing import Any

import attrs

from attio_async_api.api.objects import list_objects
from attio_async_api.operations import LIST_OBJECTS

from .._core.paging import Page, Paginator
from ..ids import id_part
from ._base import Wire

__all__ = ["AttioObject", "Objects"]


@attrs.frozen
class AttioObject:
    """One object, such as people.

    Attributes:
        id: The object's own id.
        api_slug: What it is called in code, such as "people".
        singular_noun, plural_noun: What it is called in the app.
        raw: The object as the API sent it.
    """

    id: str
    api_slug: str
    singular_noun: str
    plural_noun: str
    raw: Mapping[str, Any] = attrs.field(repr=False, eq=False)

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> "AttioObject":
        """From the API's description; missing and unknown parts are fine."""
        return cls(
            id=id_part(raw.get("id"), "object_id"),
            api_slug=str(raw.get("api_slug") or ""),
            singular_noun=str(raw.get("singular_noun") or ""),
            plural_noun=str(raw.get("plural_noun") or ""),
            raw=raw,
        )


class Objects:
    """The objects of the workspace."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def list(self) -> Paginator[AttioObject]:
        """All objects; the API gives them in one page.

        Attio: GET /v2/objects, read, retried, object_configuration:read
        """

        async def fetch(_: int | str | None) -> Page[AttioObject]:
            found = await self._wire.data(LIST_OBJECTS, list_objects.build_request())
            return Page([AttioObject.parse(raw) for raw in found])

        return Paginator(fetch)
