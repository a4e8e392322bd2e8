import json

import pytest

from attio_async.query import compile_filter, compile_sorts

from .guide_examples import (
    ERRATA,
    FILTERS,
    SORTS,
    Example,
    SortExample,
)
from .verbose import verbose
from .workspace import Workspace, schema

PAGES = {
    "actor-reference": 3,
    "checkbox": 2,
    "currency": 2,
    "date": 2,
    "domain": 3,
    "email-address": 3,
    "filtering": 21,
    "interaction": 3,
    "location": 2,
    "number": 2,
    "personal-name": 3,
    "phone-number": 3,
    "rating": 2,
    "record-reference": 5,
    "select": 5,
    "status": 5,
    "text": 4,
    "timestamp": 4,
}


def _name(example):
    return f"{example.page}: {example.caption}"


@pytest.mark.parametrize("example", FILTERS, ids=_name)
def test_an_example_compiles_to_what_the_guide_has(example: Example):
    compiled = compile_filter(
        example.expression, schema(example.queried), answer=Workspace(queried=example.queried)
    )
    assert verbose(compiled, example.queried) == verbose(example.guide, example.queried)
    json.dumps(compiled)


@pytest.mark.parametrize("example", FILTERS, ids=_name)
def test_an_example_means_the_same_without_a_schema(example: Example):
    compiled = compile_filter(example.expression, source=example.queried)
    assert verbose(compiled, example.queried) == verbose(example.guide, example.queried)


@pytest.mark.parametrize("example", SORTS, ids=_name)
def test_an_example_of_sorting_compiles_to_what_the_guide_has(example: SortExample):
    assert (
        compile_sorts(example.sorts, schema(example.queried), answer=Workspace(queried=example.queried))
        == example.guide
    )
    assert compile_sorts(example.sorts, source=example.queried) == example.guide


def test_every_page_is_complete():
    found = [example.page for example in FILTERS]
    assert {page: found.count(page) for page in found} == PAGES


@pytest.mark.parametrize(
    ("filter", "other"),
    [
        ({"name": "Jo"}, {"name": "Al"}),
        ({"name": "Jo"}, {"name": {"$contains": "Jo"}}),
        ({"name": "Jo"}, {"name": {"first_name": "Jo"}}),
        ({"name": "Jo"}, {"$not": {"name": "Jo"}}),
        ({"$or": [{"name": "Jo"}, {"name": "Al"}]}, {"$and": [{"name": "Jo"}, {"name": "Al"}]}),
        (
            {"phone_numbers": {"$starts_with": "+44", "$ends_with": "798"}},
            {"$and": [{"phone_numbers": {"$starts_with": "+44"}}, {"phone_numbers": {"$ends_with": "798"}}]},
        ),
        (
            {"path": [["people", "company"], ["companies", "name"]], "constraints": {"value": "Acme"}},
            {"path": [["people", "manager"], ["companies", "name"]], "constraints": {"value": "Acme"}},
        ),
    ],
)
def test_the_long_form_tells_filters_apart(filter, other):
    assert verbose(filter, "people") != verbose(other, "people")


def test_the_errata_are_about_examples():
    captions = {(example.page, example.caption) for example in [*FILTERS, *SORTS]}
    assert {(erratum.page, erratum.caption) for erratum in ERRATA} <= captions
