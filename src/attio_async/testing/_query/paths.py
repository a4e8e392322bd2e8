"""Paths of filters and sorts: from the queried rows through references to an attribute."""

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

import attrs

from ...query._operators import PARENT
from .._errors import filter_error, unknown_filter_attribute
from .._schema import (
    FakeAttribute,
    FakeRecord,
    Kind,
    ListType,
    ObjectType,
)
from .._workspace.workspace import Workspace
from .operands import Path, array, unknown_object

Test = Callable[[FakeRecord], bool]


@attrs.frozen
class PathStep:
    """A step from a row to the records it refers to.

    Attributes:
        kind: The object, list or activity that it starts from.
        slug: The slug of the reference; None leads from an entry to its parent record.
        table: The records of the object that it leads to.
    """

    kind: Kind
    slug: str | None
    table: Mapping[str, FakeRecord]

    def follow(self, record: FakeRecord) -> Iterator[FakeRecord]:
        """Return the records at the other end, in the order of the values."""
        if self.slug is None:
            yield self.table[record.about.record_id]
            return
        for value in record.values.get(self.slug, ()):
            target = self.table.get(value["target_record_id"])
            if target is not None:  # otherwise it is a record of another object
                yield target

    def any(self, test: Test) -> Test:
        """Return the test of whether any record at the other end passes a test. Each is tested once."""
        known: dict[str, bool] = {}

        def passes(record: FakeRecord) -> bool:
            for target in self.follow(record):
                found = known.get(target.id)
                if found is None:
                    found = known[target.id] = test(target)
                if found:
                    return True
            return False

        return passes


@attrs.frozen
class ResolvedPath:
    """A path whose names have been resolved: the steps, the object at their end, and its attribute."""

    steps: tuple[PathStep, ...]
    kind: Kind
    attribute: FakeAttribute

    def any(self, test: Test) -> Test:
        """Return the test of whether any record at the end of the path passes a test."""
        for step in reversed(self.steps):
            test = step.any(test)
        return test

    def ends(self, record: FakeRecord) -> Iterator[FakeRecord]:
        """Return the records at the end of the path, from a row."""
        return _ends(self.steps, record)


def _ends(steps: tuple[PathStep, ...], record: FakeRecord) -> Iterator[FakeRecord]:
    if not steps:
        yield record
        return
    for target in steps[0].follow(record):
        yield from _ends(steps[1:], target)


def resolve(workspace: Workspace, start: Kind, written: object, path: Path) -> ResolvedPath:
    """Resolve a path that starts at the queried object or list.

    Raises:
        ApiProblem: 400, the path is invalid, has an unknown name, or continues from an attribute without references.
    """
    pairs = [_pair(pair, (*path, str(place))) for place, pair in enumerate(array(written, path))]
    if not pairs:
        raise filter_error("A path needs at least one pair of object and attribute.", path)
    owner, _ = pairs[0]
    if owner not in (start.slug, start.id):
        raise filter_error(
            f'The path starts at "{owner}" and the query is about "{start.slug}".', (*path, "0", "0")
        )
    kind, steps = start, list[PathStep]()
    for place, ((_, name), (following, _)) in enumerate(pairwise(pairs)):
        slug, allowed = _reference(kind, name, (*path, str(place), "1"))
        target = _target(workspace, following, allowed, (*path, str(place + 1), "0"))
        steps.append(PathStep(kind, slug, workspace.data.rows[target.id]))
        kind = target
    _, name = pairs[-1]
    return ResolvedPath(tuple(steps), kind, _end(kind, name, (*path, str(len(pairs) - 1), "1")))


def _pair(pair: object, path: Path) -> tuple[str, str]:
    match pair:
        case [str(owner), str(name)]:
            return owner, name
        case _:
            raise filter_error("Expected two strings: an object and one of its attributes.", path)


def _end(kind: Kind, name: str, path: Path) -> FakeAttribute:
    if name == PARENT and isinstance(kind, ListType):
        raise filter_error(f'A path goes on from "{PARENT}" to an attribute of the parent object.', path)
    attribute = kind.attribute(name)
    if attribute is None:
        raise unknown_filter_attribute(name, path)
    return attribute


def _target(workspace: Workspace, name: str, allowed: list[str] | None, path: Path) -> ObjectType:
    target = workspace.object_type(name)
    if target is None:
        raise unknown_object(name, path)
    if allowed is not None and target.slug not in allowed:
        raise filter_error(f"What is referred to is {', '.join(allowed)}, not {target.slug}.", path)
    return target


def _reference(kind: Kind, name: str, path: Path) -> tuple[str | None, list[str] | None]:
    """Return the slug of a `PathStep`, and the slugs of the objects that it can lead to; None for any."""
    if name == PARENT and isinstance(kind, ListType):
        return None, [kind.parent_object]
    attribute = _end(kind, name, path)
    if attribute.type != "record-reference":
        raise filter_error(f'"{attribute.slug}" is of type {attribute.type} and refers to nothing.', path)
    return attribute.slug, attribute.allowed_objects
