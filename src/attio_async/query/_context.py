"""The state of one compilation: the answers so far, and the attributes that names were resolved to."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import attrs

from ..values._spec import AttributeSpec, CoercionRules
from ._filters import Condition
from ._operators import PARENT, AttributeRules
from ._requirements import (
    Compilation,
    Members,
    NeedMembers,
    NeedOptions,
    NeedParents,
    NeedSchema,
    NeedSlugs,
    Requirement,
    SchemaInfo,
)

_DEFAULT_RULES = CoercionRules()


class Subject(NamedTuple):
    """The attribute and property that a condition or sort is about.

    Attributes:
        slug: The attribute's slug, or the given name without a schema.
        type: Its type; None if unknown.
        attribute: Its description in the schema; None without a schema.
        property_name: The property that was named; None if none was.
        rules: The operators of its type; None if the type is unknown, or newer than this package.
        path: From the queried object or list over references to the attribute, in Attio's own form; empty for an
            attribute of the queried object or list itself.
    """

    slug: str
    type: str | None
    attribute: AttributeSpec | None
    property_name: str | None
    rules: AttributeRules | None
    path: tuple[tuple[str, str], ...]

    @property
    def owner(self) -> str | None:
        """The object at the end of the path; None for the queried object or list itself."""
        return self.path[-1][0] if self.path else None

    @property
    def is_single(self) -> bool:
        """True if the attribute certainly holds at most one value."""
        if self.path:
            return False
        if self.attribute is not None:
            return not self.attribute.is_multiselect
        return self.type is not None

    @property
    def described(self) -> str:
        """The attribute for a message."""
        return f"{f'{self.owner}.' if self.owner else ''}{self.slug} ({self.type or 'type not known'})"


@attrs.define
class CompileContext:
    """The state of one compilation. Each requirement is yielded once.

    Attributes:
        source: The slug or id of the queried object or list, with which paths begin.
        schema: Its attributes; None if unknown, or not asked for yet.
        is_schema_known: True once its attributes were given or asked for.
        resolved: Each condition so far, and its subject.
        answers: Each requirement so far, and its answer.
        rules: How values are coerced.
    """

    source: str | None
    schema: SchemaInfo | None
    is_schema_known: bool
    resolved: list[tuple[Condition, Subject]]
    answers: dict[Requirement, Any]
    rules: CoercionRules = _DEFAULT_RULES

    @classmethod
    def begin(
        cls, schema: SchemaInfo | None, source: str | None, rules: CoercionRules = _DEFAULT_RULES
    ) -> "CompileContext":
        """Create the state of a compilation; the source is the schema's name by default."""
        if schema is None:
            return cls(source, None, False, [], {}, rules)
        return cls(source or schema.name, schema, True, [], {}, rules)

    def ask(self, requirement: Requirement) -> Compilation[Any]:
        """Return the answer to a requirement, which is yielded unless it was answered before."""
        if requirement not in self.answers:
            self.answers[requirement] = yield requirement
        return self.answers[requirement]

    def source_schema(self) -> Compilation[SchemaInfo | None]:
        """Return the attributes of the queried object or list."""
        if not self.is_schema_known:
            self.schema = yield NeedSchema()
            self.is_schema_known = True
        return self.schema

    def schema_of(self, object: str) -> Compilation[SchemaInfo | None]:
        """Return the attributes of an object that a path leads to."""
        schema: SchemaInfo | None = yield from self.ask(NeedSchema(object))
        return schema

    def slugs(self, objects: Sequence[str]) -> Compilation[tuple[str, ...]]:
        """Return the slugs of objects, as far as they are known."""
        if not objects:
            return ()
        return tuple((yield from self.ask(NeedSlugs(tuple(objects)))) or objects)

    def targets(self, slug: str, attribute: AttributeSpec | None) -> Compilation[tuple[str, ...]]:
        """Return the objects that a reference may lead to; none if they are unknown."""
        if attribute is not None:
            return (yield from self.slugs(attribute.target_objects or ()))
        return tuple((yield from self.ask(NeedParents())) or ()) if slug == PARENT else ()

    def option_titles(self, subject: Subject) -> Compilation[Sequence[str] | None]:
        """Return the titles of a subject's options or statuses."""
        titles = subject.attribute.option_titles if subject.attribute is not None else None
        if titles is None and subject.attribute is not None:
            titles = yield from self.ask(NeedOptions(subject.owner, subject.slug))
        return titles

    def members(self) -> Compilation[Members | None]:
        """Return the members of the workspace."""
        members: Members | None = yield from self.ask(NeedMembers())
        return members
