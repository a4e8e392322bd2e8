import functools
import json
import operator

import pytest

from attio_async.errors import FilterError
from attio_async.query import F, Filter, compile_filter

A, B, C, D = F.a == 1, F.b.contains("x"), F.c > 3, F.d.not_empty()


def test_a_filter_prints_as_the_code_that_makes_it():
    cases = [
        (A & B, "(F.a == 1) & F.b.contains('x')"),
        (A & B & C, "(F.a == 1) & F.b.contains('x') & (F.c > 3)"),
        (A & (B & C), "(F.a == 1) & F.b.contains('x') & (F.c > 3)"),
        (A | B & C, "(F.a == 1) | (F.b.contains('x') & (F.c > 3))"),
        ((A | B) & C, "((F.a == 1) | F.b.contains('x')) & (F.c > 3)"),
        (~A, "F.a != 1"),
        (~A & B, "(F.a != 1) & F.b.contains('x')"),
        (~B, "~F.b.contains('x')"),
        (~B & D, "~F.b.contains('x') & F.d.not_empty()"),
        (~C, "~(F.c > 3)"),
        (~D, "F.d.is_empty()"),
        (~(A & B), "~((F.a == 1) & F.b.contains('x'))"),
        (~~(A | B), "(F.a == 1) | F.b.contains('x')"),
        (A & {"x": 1}, "(F.a == 1) & Filter.raw({'x': 1})"),
        ({"x": 1} & A, "Filter.raw({'x': 1}) & (F.a == 1)"),
        ({"x": 1} | A | {"y": None}, "Filter.raw({'x': 1}) | (F.a == 1) | Filter.raw({'y': None})"),
        (~Filter.raw({"x": True}), "~Filter.raw({'x': True})"),
        (
            Filter.same_value(F.a.contains("x"), F.a == "y") & A,
            "Filter.same_value(F.a.contains('x'), F.a == 'y') & (F.a == 1)",
        ),
        (~Filter.same_value(F.a > 1, F.a < 9), "~Filter.same_value(F.a > 1, F.a < 9)"),
        (Filter.same_value(A), "F.a == 1"),
    ]
    assert [(repr(filter), written) for filter, written in cases if repr(filter) != written] == []
    for filter, written in cases:
        assert eval(written) == filter
        assert hash(eval(written)) == hash(filter)


def test_equality_is_of_what_is_written():
    assert (F.a == 1) == (F.a == 1)
    assert (F.a == 1) != (F.a == True)  # noqa: E712
    assert (F.a == 1) != (F.a == "1")
    assert (A & B) != (B & A)
    assert A != 1
    assert Filter.raw({"a": 1, "b": 2}) == Filter.raw({"b": 2, "a": 1})
    assert len({A & B, (F.a == 1) & F.b.contains("x"), A | B}) == 2


def test_a_raw_filter_does_not_change_with_its_dict():
    given = {"name": {"$eq": "x"}}
    filter = Filter.raw(given)
    given["name"]["$eq"] = "y"
    compiled = compile_filter(filter)
    assert compiled == {"name": {"$eq": "x"}}
    compiled["name"]["$eq"] = "z"
    assert compile_filter(filter) == {"name": {"$eq": "x"}}


def test_a_raw_filter_is_json():
    for given in ({"x": object()}, {"x": float("nan")}, {"x": {1}}):
        with pytest.raises(FilterError, match="JSON"):
            Filter.raw(given)
    for given in ("", [], (), [("x", 1)], None):  # an empty one would match everything
        with pytest.raises(FilterError, match="takes a dict"):
            Filter.raw(given)


def test_values_that_are_not_filters_are_refused():
    for given in (F.a, "name", 5, ["x"]):
        with pytest.raises(FilterError, match="is not a filter"):
            compile_filter(given)
    for given in ("name", 5, ["x"]):
        with pytest.raises(FilterError, match="is not a filter"):
            _ = A | given


def test_same_value_takes_single_conditions():
    for given in [(), (A & B,), (~A, A), (A, {"a": 1})]:
        with pytest.raises(FilterError, match="same_value"):
            Filter.same_value(*given)


def test_filters_cannot_be_changed():
    with pytest.raises(AttributeError):
        A.value = 2
    with pytest.raises(AttributeError):
        (A & B).parts = ()


def test_long_chains_stay_flat():
    conditions = [F[f"a{n}"] == n for n in range(1000)]
    for operation, key in [(operator.and_, "$and"), (operator.or_, "$or")]:
        filter = functools.reduce(operation, conditions)
        assert len(compile_filter(filter)[key]) == 1000
        assert eval(repr(filter)) == filter
        json.dumps(compile_filter(filter))


def _nested(levels):
    filter = A
    for _ in range(levels):
        filter = ~(filter & B) | C
    return filter


def test_deep_nesting_is_printed_compared_and_hashed():
    filter = _nested(1000)
    assert repr(filter).count("~") == 1000
    assert filter == _nested(1000)
    assert filter != _nested(999)
    assert hash(filter) == hash(_nested(1000))
    with pytest.raises(FilterError, match="neither true nor false"):
        bool(filter)


def test_deep_nesting_is_refused_rather_than_sent():
    with pytest.raises(FilterError, match=r"3000 levels .* more than 100"):
        compile_filter(_nested(1000))
    compiled = compile_filter(_nested(33))
    assert json.loads(json.dumps(compiled)) == compiled


def test_negating_again_and_again_changes_nothing():
    filter = A
    for _ in range(1000):
        filter = ~filter
    assert filter == A
