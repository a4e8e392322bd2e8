from collections.abc import Callable, Sequence

import attrs
import pytest

from attio_async.errors import CoercionError, Problem
from attio_async.values import coerce


@attrs.frozen
class Attribute:
    """The least an attribute has to tell."""

    type: str
    slug: str = "some_attribute"
    title: str = "Some attribute"
    id: str = "6f1c1f0e-8a52-4a0c-9f5c-3a1d5b0c7e10"
    is_multiselect: bool = False
    is_writable: bool = True
    is_archived: bool = False
    option_titles: Sequence[str] | None = None
    target_objects: Sequence[str] | None = None


@pytest.fixture(scope="session")
def attribute() -> type[Attribute]:
    return Attribute


Refused = Callable[..., Problem]


@pytest.fixture(scope="session")
def refused() -> Refused:
    """The one problem of a value that does not fit."""

    def problem(spec: Attribute, value: object, **rules: object) -> Problem:
        with pytest.raises(CoercionError) as caught:
            coerce(spec, value, **rules)  # type: ignore[arg-type]
        assert len(caught.value.problems) == 1
        found = caught.value.problems[0]
        assert (found.slug, found.attribute_type) == (spec.slug, spec.type)
        assert found.reason
        return found

    return problem
