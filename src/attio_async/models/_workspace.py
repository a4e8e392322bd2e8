"""The schema of a workspace as a whole: read, and compared."""

from collections.abc import Iterable
from os import PathLike, fspath

import attrs

from .._storage.files import open_to_read
from .._utils.public import public
from .._workspace.schema_cache import SchemaCache
from .._workspace.session import Session
from ..errors import ConfigurationError
from ._compare import OF_MODELS, SchemaDifference, differences
from ._module import read_module
from ._plan import Prune, SchemaPlan, SchemaWriter, plan_changes
from ._pull import SchemaReader
from ._schema import SchemaContent
from ._toml import from_toml, to_toml


@public
@attrs.frozen(kw_only=True)
class Schema(SchemaContent):
    """The objects and lists of a workspace.

    Attributes:
        objects: Its objects.
        lists: Its lists.
        workspace_id: The workspace that it was read from, where its ids hold; empty if it is from none.
        workspace_name: The name of that workspace.
        is_whole: True if it has all objects and lists, False if some were chosen.
        is_of_models: True if it was read from a generated module, which knows only a part of the attributes.
    """

    @classmethod
    def from_models(cls, path: str | PathLike[str]) -> "Schema":
        """Read a module that `attio-async models pull` wrote, without running it.

        Raises:
            ConfigurationError: It cannot be read, or is another file.
        """
        return _schema(read_module(_read_text(path), fspath(path)))

    @classmethod
    def from_file(cls, path: str | PathLike[str]) -> "Schema":
        """Read a TOML file, such as one that `to_file` wrote.

        Raises:
            ConfigurationError: It cannot be read, is not TOML, or a part of it is unknown or invalid.
        """
        return _schema(from_toml(_read_text(path), fspath(path)))

    def to_toml(self) -> str:
        """Return the schema as a TOML document."""
        return to_toml(self)

    def diff(self, newer: "Schema") -> list[SchemaDifference]:
        """Return the differences of a newer schema from this one.

        If both are of one workspace, things are paired by their ids, so that renames show as such.
        """
        by_id = bool(self.workspace_id) and self.workspace_id == newer.workspace_id
        return list(differences(self, newer, by_id=by_id))


def _read_text(path: str | PathLike[str]) -> str:
    """Return the text of a file.

    Raises:
        ConfigurationError: It cannot be read.
    """
    with open_to_read(path) as file:
        content = file.read()
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise ConfigurationError(f"{fspath(path)} cannot be read: it is not UTF-8") from None


def _schema(content: SchemaContent) -> Schema:
    return Schema(**{field.name: getattr(content, field.name) for field in attrs.fields(SchemaContent)})


@public
class WorkspaceSchema:
    """The objects, lists, attributes, options and statuses of the workspace, as one value. Making one sends nothing."""

    def __init__(self, session: Session, schemas: SchemaCache) -> None:
        self._reader = SchemaReader(session, schemas)
        self._writer = SchemaWriter(session, schemas)

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
        return _schema(await self._reader.read(objects, lists))

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

    async def plan(self, schema: Schema, *, prune: Prune | None = None) -> SchemaPlan:
        """Return what has to be done so that the workspace has what a schema says; `SchemaPlan.apply` does it.

        What the schema leaves out is left alone. In the workspace that it was read from things are found by id, so
        that a new slug or title renames; elsewhere by slug and title.

        Args:
            schema: The schema, such as ``Schema.from_file("attio.toml")``.
            prune: "archive" archives the attributes, options and statuses that the schema leaves out, of the objects
                and lists that it has. It refuses when that would be more than a tenth of the attributes.

        Raises:
            ConfigurationError: The schema was read from a module of models, `prune` is unknown, or too much would be
                archived.

        Attio: GET /v2/objects, read, retried, object_configuration:read
        Attio: GET /v2/lists, read, retried, list_configuration:read
        Attio: GET /v2/{target}/{identifier}/attributes, read, retried,
        object_configuration:read for objects, list_configuration:read for lists
        """
        if schema.is_of_models:
            raise ConfigurationError(
                "models know only a part of a schema; plan with one from a file or a workspace"
            )
        have, by_id = await self._reader.read_like(attrs.evolve(schema, is_whole=False))
        changes = plan_changes(have, schema, by_id=by_id, prune=prune)
        return SchemaPlan(changes, self._writer, lambda: self.plan(schema, prune=prune))
