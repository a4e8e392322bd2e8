"""What compiling wants to know of a workspace. All of it may be missing: then it goes by the shape of the filter."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import attrs

from ..values._spec import AttributeSpec

# E-mail addresses and full names of members, case-folded, to the ids of the members who have them.
Members = Mapping[str, Sequence[str]]


class SchemaInfo(Protocol):
    """The attributes of one object or list; `name` is its slug or id."""

    @property
    def name(self) -> str: ...

    def find(self, name: str, /) -> AttributeSpec:
        """The attribute of that slug, title or id.

        Raises:
            UnknownName: There is none.
        """
        ...


class SchemaLookup(Protocol):
    """What is at hand of other objects. Nothing is fetched: `needs` tells what would have to be."""

    def schema_for(self, object: str, /) -> SchemaInfo | None:
        """The schema of an object, by slug or id; None when it is not at hand."""
        ...

    def targets(self, attribute: AttributeSpec, /) -> Sequence[str]:
        """The objects (slugs or ids) that a record reference may lead to; empty when that is not known."""
        ...

    def parents(self, list: str, /) -> Sequence[str]:
        """The objects (slugs or ids) whose records a list holds; empty for an object, or when not known."""
        ...


@attrs.frozen
class CompileContext:
    """All that is known while one filter is compiled. `source` is the object or list that is queried."""

    source: str | None = None
    schema: SchemaInfo | None = None
    schemas: SchemaLookup | None = None
    members: Members | None = None

    def schema_for(self, object: str) -> SchemaInfo | None:
        """The schema of an object that a path leads to."""
        if self.schemas is not None:
            return self.schemas.schema_for(object)
        # A path may come back to the object it started from.
        return self.schema if object == self.source else None

    def object_name(self, object: str) -> str:
        """What an object is called in a path: as its schema calls it when it is at hand."""
        schema = self.schema_for(object)
        return object if schema is None else schema.name

    def targets(self, attribute: AttributeSpec) -> tuple[str, ...]:
        """The objects that a reference may lead to, from its configuration when nobody knows better."""
        found = self.schemas.targets(attribute) if self.schemas is not None else ()
        return tuple(found) or tuple(attribute.target_objects or ())

    def parents(self) -> tuple[str, ...]:
        """The objects whose records the queried list holds."""
        if self.schemas is None or self.source is None:
            return ()
        return tuple(self.schemas.parents(self.source))
