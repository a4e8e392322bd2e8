import json

from attio_async.query import compile_filter, compile_sorts

from .guide_examples import (
    ERRATA,
    FILTERS,
    SORTS,
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


def misfits(examples, compile):
    """Return the examples that compile to something else than the guide has."""
    found = [(example, compile(example)) for example in examples]
    return [
        (example.page, example.caption, compiled)
        for example, compiled in found
        if verbose(compiled, example.queried) != verbose(example.guide, example.queried)
    ]


def test_the_examples_compile_to_what_the_guides_have():
    def compile(example):
        answer = Workspace(queried=example.queried)
        return compile_filter(example.expression, schema(example.queried), answer=answer)

    assert misfits(FILTERS, compile) == []
    json.dumps([compile(example) for example in FILTERS])


def test_the_examples_mean_the_same_without_a_schema():
    assert misfits(FILTERS, lambda it: compile_filter(it.expression, source=it.queried)) == []


def test_the_examples_of_sorting_compile_to_what_the_guide_has():
    for example in SORTS:
        answer = Workspace(queried=example.queried)
        assert compile_sorts(example.sorts, schema(example.queried), answer=answer) == example.guide
        assert compile_sorts(example.sorts, source=example.queried) == example.guide


def test_every_page_is_complete():
    found = [example.page for example in FILTERS]
    assert {page: found.count(page) for page in found} == PAGES


def test_the_long_form_tells_filters_apart():
    cases = [
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
    ]
    for filter, other in cases:
        assert verbose(filter, "people") != verbose(other, "people")


def test_the_errata_are_about_examples():
    captions = {(example.page, example.caption) for example in [*FILTERS, *SORTS]}
    assert {(erratum.page, erratum.caption) for erratum in ERRATA} <= captions
