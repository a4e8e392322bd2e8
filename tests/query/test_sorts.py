import pytest

from attio_async.errors import FilterError, UnknownName
from attio_async.query import (
    F,
    asc,
    compile_sorts,
    desc,
)

from .workspace import Workspace, schema


def compiled(sorts, queried="people"):
    return compile_sorts(sorts, schema(queried), answer=Workspace(queried=queried))


def test_a_sort_prints_as_the_code_that_makes_it():
    cases = [
        (asc("created_at"), "asc('created_at')"),
        (desc("name", "last_name"), "desc('name', 'last_name')"),
        (desc(F.name.last_name), "desc('name', 'last_name')"),
        (desc(F.name, "last_name"), "desc('name', 'last_name')"),
        (asc(F.company.via("companies").name), "asc(F.company.via('companies').name)"),
        (asc(F.parent.name), "asc(F.parent.name)"),
        (asc("parent"), "asc('parent')"),
        (asc("x'y"), 'asc("x\'y")'),
        (asc(F.a.b.c), "asc(F.a.b.c)"),
    ]
    assert [(repr(sort), written) for sort, written in cases if repr(sort) != written] == []
    for sort, written in cases:
        assert eval(written) == sort
        assert hash(eval(written)) == hash(sort)


def test_nothing_and_dicts_pass_through():
    given = {"attribute": "x", "direction": "asc", "new": 1}
    assert compile_sorts(None) == compile_sorts([]) == []
    assert compile_sorts([given]) == compile_sorts(given) == [given]
    assert compile_sorts([given])[0] is not given


def test_one_sort_or_several_in_order():
    assert compile_sorts(asc("a")) == [{"direction": "asc", "attribute": "a"}]
    assert [sort["attribute"] for sort in compile_sorts(desc(name) for name in "ba")] == ["b", "a"]


def test_names_and_paths_are_resolved():
    assert compiled([asc("Job title"), desc(F.company.name), asc("primary_location", "latitude")]) == [
        {"direction": "asc", "attribute": "job_title"},
        {"direction": "desc", "path": [["people", "company"], ["companies", "name"]]},
        {"direction": "asc", "attribute": "primary_location", "field": "latitude"},
    ]
    assert compiled(asc("company", "name")) == [
        {"direction": "asc", "path": [["people", "company"], ["companies", "name"]]}
    ]
    assert compiled(asc(F.parent.name.last_name), "candidates") == [
        {
            "direction": "asc",
            "path": [["candidates", "parent_record"], ["people", "name"]],
            "field": "last_name",
        }
    ]


def test_sorts_that_cannot_work_are_refused():
    cases = [
        (asc("nmae"), "did you mean 'name'"),
        (asc("name", "first"), "did you mean 'first_name'"),
        (asc(F.parent), "a whole record"),
        (asc(F.company.via("companies")), "attribute of companies must follow"),
        ("created_at", "asc('created_at')"),
        (["created_at"], "asc('created_at')"),
        (F.name, "desc(F.name)"),
        ([5], "5 is not a sort"),
    ]
    for sorts, said in cases:
        with pytest.raises(FilterError) as caught:
            compiled(sorts)
        assert said in str(caught.value)


def test_sorts_need_the_name_of_an_attribute():
    for attribute in (None, "", 5):
        with pytest.raises(FilterError):
            asc(attribute)


def test_an_unknown_name_is_the_cause():
    with pytest.raises(FilterError) as caught:
        compiled(asc("nmae"))
    assert isinstance(caught.value.__cause__, UnknownName)


def test_without_a_schema_properties_are_checked():
    assert compile_sorts(asc("x", "longitude")) == [
        {"direction": "asc", "attribute": "x", "field": "longitude"}
    ]
    with pytest.raises(FilterError, match="did you mean 'last_name'"):
        compile_sorts(asc("x", "lastname"))
