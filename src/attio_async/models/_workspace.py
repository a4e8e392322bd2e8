"""The schema of a workspace as a whole: read, and compared."""

from collections.abc import Iterable

from .._utils.public import public
from .._workspace.schema_cache import SchemaCache
from .._workspace.session import Session
from ._compare import OF_MODELS, SchemaDifference, differences
from ._pull import SchemaReader
from ._schema import Schema


@public
class WorkspaceSchema:
    """The objects, lists, attributes, options and statuses of the workspace, as one value. Making one sends nothing."""

    def __init__(self, session: Session, schemas: SchemaCache) -> None:
        self._reader = SchemaReader(session, schemas)

    def __repr__(self) -> str:
        return "<WorkspaceSchema>"

    async def pull(
        self, *, objects: Iterable[str] | None = None, lists: Iterable[str] | None = None
    ) -> Schema:
        """Return the schema as it is now: one read for each object and list, and one for each attribute with options.

        Args:
            objects: Slugs, ids or titles of the objects to read; all by default, none if only lists are named.
            lists: The same for lists.

        Raises:
            UnknownName: An object or list is unknown.

        Attio: GET /v2/objects, read, retried, object_configuration:read
        Attio: GET /v2/lists, read, retried, list_configuration:read
        Attio: GET /v2/{target}/{identifier}/attributes, read, retried,
        object_configuration:read for objects, list_configuration:read for lists
        """
        return await self._reader.read(objects, lists)

    async def check(self, schema: Schema) -> list[SchemaDifference]:
        """Return what differs in the workspace from a schema that was read earlier, or from a generated module.

        In the workspace that it was read from things are found by id, so that renames show as such; elsewhere by slug
        and title.

        Args:
            schema: The schema, such as ``Schema.from_models("crm.py")``.

        Attio: GET /v2/objects, read, retried, object_configuration:read
        Attio: GET /v2/lists, read, retried, list_configuration:read
        Attio: GET /v2/{target}/{identifier}/attributes, read, retried,
        object_configuration:read for objects, list_configuration:read for lists
        """
        found, by_id = await self._reader.read_like(schema)
        if schema.is_of_models:
            return list(differences(schema, found, by_id=by_id, fields=OF_MODELS))
        return list(differences(schema, found, by_id=by_id))
