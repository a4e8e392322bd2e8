"""Filters as tests of records: read once, applied to every record."""

from collections.abc import Mapping
from typing import Any

import attrs

from ...query._operators import PARENT
from .._errors import filter_error, unknown_filter_attribute
from .._json_types import is_object
from .._schema import (
    FakeAttribute,
    FakeRecord,
    Kind,
    ListType,
)
from .._workspace.workspace import Workspace
from .operands import Path, array
from .operators import Check, OneOf, split_empty, value_check
from .paths import Test, resolve

_NOT_EMPTY = {"$not_empty": True}
PATH_KEYS = frozenset({"path", "constraints"})
"""The keys of a filter of what a path leads to."""


@attrs.frozen
class Filters:
    """Reads filters of the rows of an object, list or activity."""

    workspace: Workspace
    kind: Kind

    def read(self, written: object, path: Path = ()) -> Test:
        """Return the test of a filter, all of whose conditions must hold.

        Raises:
            ApiProblem: 400, the filter is invalid.
        """
        if not is_object(written):
            raise filter_error("Expected a filter object.", path)
        if written.keys() >= PATH_KEYS:
            return self._drill_down(written, path)
        return _every([self._clause(name, asked, (*path, name)) for name, asked in written.items()])

    def _clause(self, name: str, asked: object, path: Path) -> Test:
        if name in ("$and", "$or"):
            parts = [self.read(part, (*path, str(i))) for i, part in enumerate(array(asked, path))]
            return _every(parts) if name == "$and" else _some(parts)
        if name == "$not":
            return _not(self.read(asked, path))
        if name.startswith("$"):
            raise filter_error(f'Unknown operator "{name}".', path)
        attribute = self.kind.attribute(name)
        if attribute is not None:
            return self._condition(attribute, asked, path)
        if name == PARENT and isinstance(self.kind, ListType):
            raise filter_error(f'"{PARENT}" can be filtered by with a path only.', path)
        raise unknown_filter_attribute(name, path)

    def _drill_down(self, written: Mapping[str, Any], path: Path) -> Test:
        others = written.keys() - PATH_KEYS
        if others:
            raise filter_error(f"Unknown keys beside a path: {', '.join(sorted(others))}.", path)
        route = resolve(self.workspace, self.kind, written["path"], (*path, "path"))
        constraints = written["constraints"]
        where = (*path, "constraints")
        if not is_object(constraints):
            raise filter_error("Expected an object of constraints.", where)
        return route.any(self._condition(route.attribute, constraints, where))

    def _condition(self, attribute: FakeAttribute, condition: object, path: Path) -> Test:
        wanted, empty = split_empty(attribute, condition, path)
        tests = [_not(self._condition(attribute, {name: _NOT_EMPTY}, path)) for name in empty]
        if wanted:
            check = value_check(self.workspace, attribute, wanted, path)
            tests.append(AnyValue(attribute.slug, check))
        return _every(tests)


# Loops, as each runs for every record: twice as fast as any() and all() over a generator.


@attrs.frozen
class AnyValue:
    """Tests whether one of the values of an attribute satisfies a check."""

    slug: str
    check: Check

    def __call__(self, record: FakeRecord) -> bool:
        check = self.check
        for value in record.values.get(self.slug, ()):  # noqa: SIM110
            if check(value):
                return True
        return False


def _not(test: Test) -> Test:
    return lambda record: not test(record)


def _every(tests: list[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]

    def test(record: FakeRecord) -> bool:
        for each in tests:  # noqa: SIM110
            if not each(record):
                return False
        return True

    return test


def _some(parts: list[Test]) -> Test:
    tests = _combined(parts)
    if len(tests) == 1:
        return tests[0]

    def test(record: FakeRecord) -> bool:
        for each in tests:  # noqa: SIM110
            if each(record):
                return True
        return False

    return test


def _combined(tests: list[Test]) -> list[Test]:
    """Return alternatives of which those that compare the same property are one: one lookup in a set instead of many."""
    alike: dict[tuple[str, str], list[OneOf]] = {}
    others: list[Test] = []
    for test in tests:
        if isinstance(test, AnyValue) and isinstance(test.check, OneOf):
            alike.setdefault((test.slug, test.check.name), []).append(test.check)
        else:
            others.append(test)
    return [*(AnyValue(slug, OneOf.of(checks)) for (slug, _), checks in alike.items()), *others]
