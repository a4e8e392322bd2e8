"""The attributes of objects, fetched once and kept for a while.

However many tasks ask for the same object at the same time, one of them fetches and the others wait for it.
"""

from collections.abc import Mapping
from typing import Any

import anyio
import attrs

from attio_async_api.api.attributes import list_attributes
from attio_async_api.models.attribute_target import AttributeTarget
from attio_async_api.operations import LIST_ATTRIBUTES

from ..errors import AttioError
from ..schema import Attribute, ObjectSchema, standard_schema
from ._base import Wire

__all__ = ["Schemas"]

_PAGE = 500


@attrs.define
class _Entry:
    lock: anyio.Lock = attrs.field(factory=anyio.Lock)
    schema: ObjectSchema | None = None
    fetched: float = float("-inf")
    failed: float = float("-inf")


class Schemas:
    """The schemas of one workspace; never shared between access tokens."""

    def __init__(self, wire: Wire, *, ttl: float, entries: "dict[tuple[str, str], _Entry]") -> None:
        self._wire = wire
        self._ttl = ttl
        self._entries = entries

    async def get(self, name: str, *, target: AttributeTarget = "objects") -> ObjectSchema:
        """The schema of an object (or list, with ``target="lists"``), by slug or id.

        Raises:
            NotFound: There is no such object.
            PermissionDenied: The token may not read the configuration.
        """
        entry = self._entries.setdefault((target, name), _Entry())
        async with entry.lock:
            now = self._wire.pipeline.clock.monotonic()
            if entry.schema is None or now - entry.fetched >= self._ttl:
                entry.schema = await self._fetch(target, name)
                entry.fetched = now
            return entry.schema

    def peek(self, name: str, *, target: AttributeTarget = "objects") -> ObjectSchema | None:
        """The schema if it is at hand and fresh."""
        entry = self._entries.get((target, name))
        if entry is None or self._wire.pipeline.clock.monotonic() - entry.fetched >= self._ttl:
            return None
        return entry.schema

    async def for_reading(self, name: str) -> ObjectSchema | None:
        """What is known for shaping records: the workspace's schema, else the standard one, else None."""
        now = self._wire.pipeline.clock.monotonic()
        entry = self._entries.setdefault(("objects", name), _Entry())
        if now - entry.failed < self._ttl:
            return standard_schema(name)
        try:
            return await self.get(name)
        except AttioError:  # such as a token that may read records but not their configuration
            entry.failed = now
            return standard_schema(name)

    async def _fetch(self, target: AttributeTarget, name: str) -> ObjectSchema:
        found: list[Mapping[str, Any]] = []
        while True:
            built = list_attributes.build_request(
                target, name, limit=_PAGE, offset=len(found), show_archived=True
            )
            page = await self._wire.data(LIST_ATTRIBUTES, built)
            found += page
            if len(page) < _PAGE:
                return ObjectSchema(name, map(Attribute.parse, found))
