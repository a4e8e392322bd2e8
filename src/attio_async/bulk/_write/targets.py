"""Where rows go: the records of an object, or the entries of a list. What differs between them is here."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol

from attio_async_api.models.attribute_target import AttributeTarget

from ..._records.models import Entry, Record, record_id
from ..._resources.entries import entry_id
from ..._schema import ObjectSchema
from ..._workspace.encode import encoded
from ...query import F
from ...values import RecordRef

if TYPE_CHECKING:
    from ..._resources.entries import Entries
    from ..._resources.records import Records
    from ..._workspace.schema_cache import SchemaCache
    from ..._workspace.session import Session

PARENT = "parent_record"
"""What finds an entry by the record it is of, and names that record in a row."""

Multiselect = Literal["append", "overwrite"]


class Target(Protocol):
    """What a job writes to. Values are in Attio's shape throughout."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> AttributeTarget: ...
    @property
    def id_slug(self) -> str: ...
    @property
    def session(self) -> "Session": ...
    @property
    def schemas(self) -> "SchemaCache": ...

    def id_of(self, reference: object) -> str: ...
    async def schema(self) -> ObjectSchema: ...
    async def create(self, values: Mapping[str, Any], parent: tuple[str, str] | None) -> Record | Entry: ...
    async def upsert(
        self, values: Mapping[str, Any], parent: tuple[str, str] | None, match: str | None
    ) -> Record | Entry: ...
    async def update(
        self, id: str, values: Mapping[str, Any], multiselect: Multiselect
    ) -> Record | Entry: ...
    async def delete(self, id: str) -> None: ...
    async def encode(self, values: Mapping[str, object]) -> dict[str, Any]: ...

    async def find(self, slug: str, forms: Sequence[Any]) -> Sequence[Record | Entry]:
        """All that has one of these values, in the form that a `Comparer` gives them."""
        ...


class RecordsTarget:
    """The records of an object."""

    kind: AttributeTarget = "objects"
    id_slug = "record_id"

    def __init__(self, records: "Records", session: "Session", schemas: "SchemaCache") -> None:
        self.name = records.name
        self.session = session
        self.schemas = schemas
        self._records = records

    def id_of(self, reference: object) -> str:
        return record_id(reference)

    async def schema(self) -> ObjectSchema:
        return await self._records.schema()

    async def encode(self, values: Mapping[str, object]) -> dict[str, Any]:
        return (await encoded(self.schemas, self.name, values, validate=True))[1]

    async def find(self, slug: str, forms: Sequence[Any]) -> Sequence[Record]:
        return await self._records.query(F[slug].in_(*forms))

    async def create(self, values: Mapping[str, Any], parent: tuple[str, str] | None) -> Record:  # noqa: ARG002 - records have no parent
        return await self._records.create(values, validate=False)

    async def upsert(
        self,
        values: Mapping[str, Any],
        parent: tuple[str, str] | None,  # noqa: ARG002 - records have no parent
        match: str | None,
    ) -> Record:
        return await self._records.upsert(values, match=str(match), validate=False)

    async def update(self, id: str, values: Mapping[str, Any], multiselect: Multiselect) -> Record:
        return await self._records.update(id, values, multiselect=multiselect, validate=False)

    async def delete(self, id: str) -> None:
        await self._records.delete(id)


class EntriesTarget:
    """The entries of a list."""

    kind: AttributeTarget = "lists"
    id_slug = "entry_id"

    def __init__(self, entries: "Entries", session: "Session", schemas: "SchemaCache") -> None:
        self.name = entries.name
        self.session = session
        self.schemas = schemas
        self._entries = entries

    def id_of(self, reference: object) -> str:
        return entry_id(reference)

    async def schema(self) -> ObjectSchema:
        return await self._entries.schema()

    async def encode(self, values: Mapping[str, object]) -> dict[str, Any]:
        return (await encoded(self.schemas, self.name, values, validate=True, target="lists"))[1]

    async def find(self, slug: str, forms: Sequence[Any]) -> Sequence[Entry]:
        if slug != PARENT:
            return await self._entries.query(F[slug].in_(*forms))
        found: list[Entry] = []
        for parent in await self.schemas.parents(self.name):
            found += await self._entries.query(F.parent.via(parent).record_id.in_(*forms))
        return found

    async def create(self, values: Mapping[str, Any], parent: tuple[str, str] | None) -> Entry:
        return await self._entries.create(_reference(parent), values, validate=False)

    async def upsert(
        self,
        values: Mapping[str, Any],
        parent: tuple[str, str] | None,
        match: str | None,  # noqa: ARG002 - entries are matched by their parents
    ) -> Entry:
        return await self._entries.upsert(_reference(parent), values, validate=False)

    async def update(self, id: str, values: Mapping[str, Any], multiselect: Multiselect) -> Entry:
        return await self._entries.update(id, values, multiselect=multiselect, validate=False)

    async def delete(self, id: str) -> None:
        await self._entries.delete(id)


def _reference(parent: tuple[str, str] | None) -> RecordRef:
    object_, id_ = parent or ("", "")
    return RecordRef(object_, id_)
