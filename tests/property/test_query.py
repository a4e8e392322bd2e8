"""Any expression prints as its code, and compiles to JSON that asks what it asks."""

import datetime as dt
import functools
import json
import operator
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, assume, given, settings, strategies as st
from tests.support import examples

from attio_async._schema import Attribute, ObjectSchema
from attio_async.errors import FilterError
from attio_async.query import (
    F,
    Filter,
    Sort,
    asc,
    compile_filter,
    compile_sorts,
    desc,
    explain,
)
from attio_async.values import (
    ActorRef,
    Location,
    Member,
    Name,
    PersonName,
    Phone,
    RecordRef,
    Ref,
)

CODE = {
    "F": F,
    "Filter": Filter,
    "asc": asc,
    "desc": desc,
    "datetime": dt,
    "Decimal": Decimal,
    "UUID": UUID,
    **{kind.__name__: kind for kind in (ActorRef, Location, Member, Name, PersonName, Phone, RecordRef, Ref)},
}

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
names = st.one_of(
    st.sampled_from(
        ["name", "parent", "contains", "in_", "via", "from", "class", "_x", "custom-slug", "é", "'\"\\", "0"]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8),
)
moments = st.datetimes(timezones=st.just(dt.UTC))
values = st.one_of(
    texts,
    st.integers(),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.dates(),
    moments,
    st.uuids(),
    st.builds(RecordRef, texts, texts),
    st.builds(ActorRef, texts, st.none() | texts),
    st.builds(Member, texts),
    st.builds(Location, locality=texts),
)


def _step(field: Any, step: tuple[str, str]) -> Any:
    kind, name = step
    return field.via(name)["x"] if kind == "via" else field[name]


@st.composite
def fields(draw: st.DrawFn) -> Any:
    field = draw(st.one_of(st.just(F.parent), names.map(lambda name: F[name])))
    for step in draw(st.lists(st.tuples(st.sampled_from(["name", "via"]), names), max_size=3)):
        field = _step(field, step)
    return field


COMPARE = [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]
SEARCH = ["contains", "starts_with", "ends_with"]


@st.composite
def single_conditions(draw: st.DrawFn) -> Any:
    field = draw(fields())
    return draw(
        st.one_of(
            st.builds(lambda compare, value: compare(field, value), st.sampled_from(COMPARE), values),
            st.builds(
                lambda how, text: getattr(field, how)(text), st.sampled_from(SEARCH), texts.filter(bool)
            ),
            st.lists(values, min_size=1, max_size=4).map(field.in_),
            st.builds(field.between, values, values),
            st.sampled_from([field.not_empty(), field.is_empty()]),
        )
    )


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=5,
)
raw = st.dictionaries(texts, json_values, max_size=2).map(Filter.raw)


def combined(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        parts,
        lambda inner: st.one_of(
            st.tuples(inner, inner).map(lambda two: two[0] & two[1]),
            st.tuples(inner, inner).map(lambda two: two[0] | two[1]),
            inner.map(lambda one: ~one),
        ),
        max_leaves=12,
    )


def _is_single(condition: Any) -> bool:
    return type(condition).__name__ == "Condition"


same_values = st.lists(single_conditions().filter(_is_single), min_size=2, max_size=3).map(
    lambda many: Filter.same_value(*many)
)
filters = combined(st.one_of(single_conditions(), raw, same_values))


patiently = settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine is slow at nested filters


@patiently
@given(filters)
def test_a_filter_prints_as_its_code(filter):
    again = eval(repr(filter), dict(CODE))
    assert again == filter
    assert repr(again) == repr(filter)
    assert hash(again) == hash(filter)
    assert ~~filter == filter


@given(fields(), st.sampled_from([asc, desc]))
def test_a_sort_prints_as_its_code(field, direction):
    sort = direction(field)
    assert isinstance(sort, Sort)
    assert eval(repr(sort), dict(CODE)) == sort


@patiently
@given(filters)
def test_a_filter_compiles_to_json_or_says_why_not(filter):
    try:
        compiled = compile_filter(filter, source="people")
    except FilterError as error:
        assert str(error)
    else:
        assert json.loads(json.dumps(compiled)) == compiled
        assert explain(filter, source="people")


SCHEMA = ObjectSchema(
    "things",
    [
        Attribute("text", type="text"),
        Attribute("number", type="number"),
        Attribute("domains", type="domain", is_multiselect=True),
        Attribute("place", type="location"),
    ],
)
TEXT = {"text": "value", "domains": "root_domain", "place": "locality"}

letters = st.text("abAB", min_size=1, max_size=3)
numbers = st.integers(-3, 3)
things = st.fixed_dictionaries(
    {
        "text": st.lists(letters, max_size=1),
        "number": st.lists(numbers, max_size=1),
        "domains": st.lists(letters, max_size=3),
        "place": st.lists(letters, max_size=1),
    }
)


def _text_conditions(slug: str) -> st.SearchStrategy[Any]:
    field = F[slug][TEXT[slug]]
    return st.one_of(
        letters.map(field.contains),
        letters.map(field.starts_with),
        letters.map(field.ends_with),
        letters.filter(lambda _: slug != "domains").map(lambda text: field == text),
    )


typed = combined(
    st.one_of(
        *map(_text_conditions, TEXT),
        numbers.map(lambda n: F.number > n),
        numbers.map(lambda n: F.number >= n),
        numbers.map(lambda n: F.number < n),
        numbers.map(lambda n: F.number <= n),
        numbers.map(lambda n: F.number == n),
        st.lists(numbers, min_size=1, max_size=3).map(F.number.in_),
        st.lists(letters, min_size=1, max_size=3).map(F.text.in_),
        st.tuples(numbers, numbers).map(lambda two: F.number.between(*two)),
    )
)

PREDICATES = {
    "$eq": lambda found, asked: found == asked,
    "$in": lambda found, asked: found in asked,
    "$between": lambda found, asked: asked[0] <= found < asked[1],
    "$lt": lambda found, asked: found < asked,
    "$lte": lambda found, asked: found <= asked,
    "$gt": lambda found, asked: found > asked,
    "$gte": lambda found, asked: found >= asked,
    "$contains": lambda found, asked: asked.casefold() in found.casefold(),
    "$starts_with": lambda found, asked: found.casefold().startswith(asked.casefold()),
    "$ends_with": lambda found, asked: found.casefold().endswith(asked.casefold()),
}


def _holds(filter: Any, thing: Mapping[str, list[Any]]) -> bool:
    """Return the filter as plain Python: a condition holds when one of the values fits it."""
    match type(filter).__name__:
        case "Condition":
            test = PREDICATES[filter.operator]
            return any(test(value, filter.value) for value in thing[filter.steps[0]])
        case "Negation":
            return not _holds(filter.part, thing)
        case _:
            every = all if filter.operator == "$and" else any
            return every(_holds(part, thing) for part in filter.parts)


def _passes(compiled: Mapping[str, Any], thing: Mapping[str, list[Any]]) -> bool:
    """Return True if a thing passes the JSON: one value of an attribute must fit all of its conditions."""
    ((key, content),) = compiled.items()
    if key == "$and":
        return all(_passes(part, thing) for part in content)
    if key == "$or":
        return any(_passes(part, thing) for part in content)
    if key == "$not":
        return not _passes(content, thing)
    ((_, asked),) = content.items()
    return any(
        all(PREDICATES[name](value, operand) for name, operand in asked.items()) for value in thing[key]
    )


@settings(max_examples=examples(400))
@given(typed, things)
def test_the_compiled_filter_means_what_the_expression_says(filter, thing):
    assert _passes(compile_filter(filter, SCHEMA), thing) == _holds(filter, thing)


@given(
    st.lists(_text_conditions("domains"), min_size=2, max_size=3),
    st.lists(letters, min_size=2, max_size=3),
)
def test_several_values_may_fit_one_condition_each(conditions, domains):
    thing = {"domains": domains}
    filter = functools.reduce(operator.and_, conditions)
    assert _passes(compile_filter(filter, SCHEMA), thing) == _holds(filter, thing)


@given(st.lists(st.tuples(st.sampled_from(["asc", "desc"]), names), max_size=4))
def test_sorts_keep_their_order(given):
    sorts = [{"asc": asc, "desc": desc}[direction](name) for direction, name in given]
    assume(all(name != "parent_record" for _, name in given))
    assert compile_sorts(sorts) == [{"direction": direction, "attribute": name} for direction, name in given]


@given(st.floats() | st.decimals())
def test_infinity_and_nan_are_refused(number):
    try:
        condition = F.x == number
    except FilterError:
        assert not Decimal(number).is_finite()
    else:
        assert eval(repr(condition), dict(CODE)) == condition
