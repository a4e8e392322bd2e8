"""Find the candidates of a filter by the indexes, instead of looking at every record.

There may be more candidates than records that pass, never fewer: each is still tested.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from .._json_types import is_object
from .._schema import FakeAttribute, Kind
from .._values.read import key_names, same_key
from .._workspace.workspace import Workspace
from .filters import PATH_KEYS
from .operands import reader
from .operators import by_property
from .paths import PathStep, resolve

_LOOKED_UP_BY_ID = frozenset({"select", "status"})
"""Filters write the titles of these as well."""

Ids = set[str]


@attrs.frozen
class Candidates:
    """Reads filters of the rows of an object, list or activity, which `Filters` has found valid."""

    workspace: Workspace
    kind: Kind

    def ids(self, written: Mapping[str, Any]) -> Ids | None:
        """Return the ids of rows that may pass; None if no index helps, so that any row may."""
        if written.keys() >= PATH_KEYS:
            return self._at_path(written)
        return _fewest(self._clause(name, asked) for name, asked in written.items())

    def _clause(self, name: str, asked: Any) -> Ids | None:
        if name == "$and":
            return _fewest(map(self.ids, asked))
        if name == "$or":
            return _all(map(self.ids, asked))
        attribute = self.kind.attribute(name)
        return None if attribute is None else self.with_values(attribute, asked)

    def with_values(self, attribute: FakeAttribute, condition: object) -> Ids | None:
        """Return the ids of rows with a value that may satisfy a condition."""
        properties = by_property(attribute, condition, ()).items()
        return _fewest(self._with_property(attribute, name, asked) for name, asked in properties)

    def _with_property(self, attribute: FakeAttribute, name: str, asked: object) -> Ids | None:
        refers = attribute.type == "record-reference" and name == "target_record_id"
        if not refers and not _is_indexed(attribute, name):
            return None
        operators: Mapping[str, Any] = asked if is_object(asked) else {"$eq": asked}
        if "$eq" in operators:
            operands = [operators["$eq"]]
        elif "$in" in operators:
            operands = operators["$in"]
        else:
            return None
        read = reader(self.workspace, attribute, name, exact=True)
        found: Ids = set()
        for stored in (read(operand, ()) for operand in operands):
            if refers:
                found |= _referring(self.workspace, self.kind, attribute.slug, stored)
            else:
                key = same_key(attribute.type, {name: stored})
                found.update(one.id for one in self.workspace.holders(self.kind, attribute, key))
        return found

    def _at_path(self, written: Mapping[str, Any]) -> Ids | None:
        route = resolve(self.workspace, self.kind, written["path"], ())
        end = attrs.evolve(self, kind=route.kind)
        found = end.with_values(route.attribute, written["constraints"])
        for step in reversed(route.steps):
            if found is None:
                return None
            found = {before for target in found for before in self._before(step, target)}
        return found

    def _before(self, step: PathStep, target_id: str) -> Ids:
        """Return the ids of rows that a step leads to a record from."""
        if step.slug is not None:
            return _referring(self.workspace, step.kind, step.slug, target_id)
        return {entry.id for entry in self.workspace.entries_about(target_id) if entry.kind == step.kind.id}


def _referring(workspace: Workspace, kind: Kind, slug: str, target_id: str) -> Ids:
    return {
        record.id
        for record, attribute in workspace.referrers(target_id)
        if record.kind == kind.id and attribute.slug == slug
    }


def _is_indexed(attribute: FakeAttribute, name: str) -> bool:
    """Return True if the workspace has an index of that property."""
    return (
        attribute.is_unique
        and attribute.type not in _LOOKED_UP_BY_ID
        and key_names(attribute.type) == (name,)
    )


def _fewest(alternatives: Iterator[Ids | None]) -> Ids | None:
    """Return the candidates of conditions that must all hold: those of the narrowest one."""
    return min((ids for ids in alternatives if ids is not None), key=len, default=None)


def _all(alternatives: Iterator[Ids | None]) -> Ids | None:
    """Return the candidates of conditions of which one must hold: those of all of them."""
    found: Ids = set()
    for ids in alternatives:
        if ids is None:
            return None
        found |= ids
    return found
