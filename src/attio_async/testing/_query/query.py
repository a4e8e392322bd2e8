"""Run queries: the rows that pass a filter, in order. Pure.

The indexes find the candidates of a filter, instead of looking at every record. There may be more candidates than
records that pass, never fewer: each is still tested.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from ...query._operators import sort_fields
from .._errors import filter_error, not_modelled
from .._json_types import is_object
from .._schema import (
    FakeAttribute,
    FakeRecord,
    Kind,
    Value,
)
from .._values.read import key_names, same_key
from .._workspace.workspace import Workspace
from .filters import PATH_KEYS, Filters
from .operands import Path, reader
from .operators import by_property, getter, rules_of
from .paths import PathStep, resolve

_LOOKED_UP_BY_ID = frozenset({"select", "status"})
"""Filters write the titles of these as well."""

Ids = set[str]

Key = Callable[[FakeRecord], Any]
"""Returns what a row is sorted by; None for one without a value."""

_NUMBERS_IN_TEXT = frozenset({"latitude", "longitude"})


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


@attrs.frozen
class SortKey:
    """A sort: a key and a direction."""

    key: Key
    descending: bool

    def apply(self, records: Sequence[FakeRecord]) -> list[FakeRecord]:
        """Return the records in order, those without a value last. The sort is stable."""
        keyed = [(self.key(record), record) for record in records]
        having = [pair for pair in keyed if pair[0] is not None]
        having.sort(key=_first, reverse=self.descending)
        return [record for _, record in having] + [record for key, record in keyed if key is None]


def _first(pair: tuple[Any, FakeRecord]) -> Any:
    return pair[0]


def ordered(records: Sequence[FakeRecord], sorts: Sequence[SortKey]) -> Sequence[FakeRecord]:
    """Return the records in the order of the first sort, ties in that of the second, and so on."""
    for sort in reversed(sorts):
        records = sort.apply(records)
    return records


@attrs.frozen
class Sorts:
    """Reads the sorts of the rows of an object, list or activity."""

    workspace: Workspace
    kind: Kind

    def read(self, written: Iterable[object]) -> list[SortKey]:
        """Return the sorts, the most significant one first.

        Raises:
            ApiProblem: 400, a sort is invalid; 501, its meaning is not documented.
        """
        return [self._sort(one, ("sorts", str(place))) for place, one in enumerate(written)]

    def _sort(self, written: object, path: Path) -> SortKey:
        if not is_object(written) or written.get("direction") not in ("asc", "desc"):
            raise filter_error('A sort needs a direction, "asc" or "desc".', path)
        if ("attribute" in written) == ("path" in written):
            raise filter_error("A sort needs an attribute or a path.", path)
        others = written.keys() - {"direction", "attribute", "path", "field"}
        if others:
            raise filter_error(f"Unknown keys of a sort: {', '.join(sorted(others))}.", path)
        key = self._path_key(written, path) if "path" in written else self._own_key(written, path)
        return SortKey(key, written["direction"] == "desc")

    def _own_key(self, written: Mapping[str, Any], path: Path) -> Key:
        name = written["attribute"]
        attribute = self.kind.attribute(name) if isinstance(name, str) else None
        if attribute is None:
            raise filter_error(f"Unknown attribute slug: {name}.", (*path, "attribute"))
        return _key(attribute, written.get("field"), path)

    def _path_key(self, written: Mapping[str, Any], path: Path) -> Key:
        route = resolve(self.workspace, self.kind, written["path"], (*path, "path"))
        key = _key(route.attribute, written.get("field"), path)

        def through(record: FakeRecord) -> Any:
            return next((found for end in route.ends(record) if (found := key(end)) is not None), None)

        return through


def _key(attribute: FakeAttribute, field: object, path: Path) -> Key:
    """Return the key of a row by its first value of an attribute."""
    if field is None:
        field = rules_of(attribute).default
        if field is None:
            raise not_modelled(f"sorts by {attribute.type} without a field")
    names = sort_fields(attribute.type) or ()
    if field not in names or not isinstance(field, str):
        raise filter_error(f'Unknown field "{field}": what exists is {", ".join(names)}.', (*path, "field"))
    slug, of_value = attribute.slug, _value_key(attribute, field)

    def key(record: FakeRecord) -> Any:
        values = record.values.get(slug)
        return of_value(values[0]) if values else None

    return key


def _value_key(attribute: FakeAttribute, field: str) -> Callable[[Value], Any]:
    """Return the key of a value. Options and statuses are sorted by their order, text without regard to case."""
    get = getter(field)
    if field in ("option", "status"):
        places = {choice.id: place for place, choice in enumerate(attribute.choices)}
        return lambda value: places[get(value)]
    if field in _NUMBERS_IN_TEXT:
        return lambda value: None if get(value) is None else float(get(value))

    def key(value: Value) -> Any:
        found = get(value)
        return found.casefold() if isinstance(found, str) else found

    return key


@attrs.frozen
class FakeQuery:
    """A query of the rows of an object, list or activity."""

    workspace: Workspace
    kind: Kind

    def run(self, filter: Mapping[str, Any] | None, sorts: Sequence[Any] | None) -> Sequence[FakeRecord]:
        """Return the rows that pass the filter, in order; without sorts, oldest first.

        Raises:
            ApiProblem: The filter or a sort is invalid, or is not modelled.
        """
        orders = Sorts(self.workspace, self.kind).read(sorts or ())
        if filter:
            passes = Filters(self.workspace, self.kind).read(filter)
            found = [record for record in self._candidates(filter) if passes(record)]
        else:
            found = list(self.workspace.records(self.kind))
        return ordered(found, orders)

    def _candidates(self, filter: Mapping[str, Any]) -> Iterable[FakeRecord]:
        """Return the rows that the filter may find, in order: by the indexes, or all of them."""
        ids = Candidates(self.workspace, self.kind).ids(filter)
        if ids is None:
            return self.workspace.records(self.kind)
        return self.workspace.in_order(self.kind, ids)
