"""Where rows go: the records of an object, or the entries of a list. What differs between them is here."""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from attio_async_api.models.attribute_target import AttributeTarget

from ..._records.models import Entry, Record
from ..._schema import ObjectSchema
from ..._workspace.rows import Multiselect, Rows
from ..._workspace.schema_cache import SchemaCache
from ..._workspace.session import Session
from ...query import F

PARENT = "parent_record"
"""What finds an entry by the record it is of, and names that record in a row."""


@attrs.frozen
class Target:
    """What a job writes to. Values are in Attio's shape throughout."""

    rows: Rows[Record] | Rows[Entry]

    @property
    def name(self) -> str:
        """The slug or id of the object or list."""
        return self.rows.name

    @property
    def kind(self) -> AttributeTarget:
        """Whether it is an object or a list."""
        return self.rows.kind.target

    @property
    def id_slug(self) -> str:
        """The system attribute that holds a row's id."""
        return self.rows.kind.id_slug

    @property
    def session(self) -> Session:
        """Sends requests."""
        return self.rows.session

    @property
    def schemas(self) -> SchemaCache:
        """What is known of the workspace."""
        return self.rows.schemas

    def id_of(self, reference: object) -> str:
        """Return the id in whatever names a row."""
        return self.rows.kind.id_of(reference)

    async def schema(self) -> ObjectSchema:
        """Return the attributes."""
        return await self.rows.schema()

    async def encode(self, values: Mapping[str, object]) -> dict[str, Any]:
        """Return the values in Attio's shape."""
        return (await self.rows.encode(values))[1]

    async def find(self, slug: str, forms: Sequence[Any]) -> Sequence[Record | Entry]:
        """Return all that have one of these values, in the form that a `Comparer` gives them."""
        if slug != PARENT:
            return await self.rows.query(F[slug].in_(*forms))
        found: list[Record | Entry] = []
        for parent in await self.schemas.parents(self.name):
            found += await self.rows.query(F.parent.via(parent).record_id.in_(*forms))
        return found

    async def create(self, values: Mapping[str, Any], parent: tuple[str, str] | None) -> Record | Entry:
        """Create a row; an entry has a parent, its object and id."""
        return await self.rows.create(values, place=_place(parent), validate=False)

    async def upsert(
        self, values: Mapping[str, Any], parent: tuple[str, str] | None, match: str | None
    ) -> Record | Entry:
        """Upsert a record by its `match` attribute, or an entry by its parent."""
        return await self.rows.upsert(values, match=match, place=_place(parent), validate=False)

    async def update(self, id: str, values: Mapping[str, Any], multiselect: Multiselect) -> Record | Entry:
        """Update a row."""
        return await self.rows.update(id, values, multiselect=multiselect, validate=False)

    async def delete(self, id: str) -> None:
        """Delete a row."""
        await self.rows.delete(id)


def _place(parent: tuple[str, str] | None) -> dict[str, str] | None:
    return None if parent is None else {"parent_object": parent[0], "parent_record_id": parent[1]}
