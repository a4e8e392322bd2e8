"""Attributes for the tests of values, and what becomes of values of them."""

from collections.abc import Iterable, Sequence
from typing import Any

import attrs
import pytest

from attio_async.errors import CoercionError, Problem
from attio_async.values import coerce


@attrs.frozen
class Attribute:
    """The least that an attribute has to tell."""

    type: str
    slug: str = "some_attribute"
    title: str = "Some attribute"
    id: str = "6f1c1f0e-8a52-4a0c-9f5c-3a1d5b0c7e10"
    is_multiselect: bool = False
    is_writable: bool = True
    is_archived: bool = False
    option_titles: Sequence[str] | None = None
    target_objects: Sequence[str] | None = None


def refused(spec: Attribute, value: object, **rules: Any) -> Problem:
    """Return the one problem of a value that cannot be written."""
    with pytest.raises(CoercionError) as caught:
        coerce(spec, value, **rules)
    (problem,) = caught.value.problems
    assert (problem.slug, problem.attribute_type) == (spec.slug, spec.type)
    assert problem.reason
    return problem


def misfits(spec: Attribute, cases: Iterable[tuple[object, object]], **rules: Any) -> list[object]:
    """Return the values that become something else than they should, and what they become."""
    found = [(value, coerce(spec, value, **rules), expected) for value, expected in cases]
    return [
        (value, written)
        for value, written, expected in found
        if written != [expected] or type(written[0]) is not type(expected)
    ]


def unsaid(spec: Attribute, cases: Iterable[tuple[object, str, str]], **rules: Any) -> list[object]:
    """Return the problems that lack the part that their reason or their hint should have."""
    found = [(refused(spec, value, **rules), reason, hint) for value, reason, hint in cases]
    return [
        (str(problem), reason, hint)
        for problem, reason, hint in found
        if reason not in problem.reason or hint not in (problem.hint or "")
    ]
