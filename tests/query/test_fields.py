import copy
import enum
import math
import pickle
import re
from datetime import date
from decimal import Decimal

import pytest

from attio_async.errors import FilterError
from attio_async.query import (
    F,
    Field,
    Filter,
    compile_filter,
)
from attio_async.query._fields import steps_of
from attio_async.values import RecordRef, Ref

from .workspace import JANE


class Stage(enum.Enum):
    LEAD = "Lead"


class Kind(enum.StrEnum):
    BIG = "Big"


class Text(str):
    __slots__ = ()

    def __repr__(self):
        return "something else"


class Whole(int):
    def __repr__(self):
        return "something else"


class Fraction(float):
    def __repr__(self):
        return "something else"


class Record:
    object_id = "companies"
    id = JANE


def test_a_field_prints_as_the_code_that_made_it():
    cases = [
        (F.name, "F.name"),
        (F["name"], "F.name"),
        (F.name.last_name, "F.name.last_name"),
        (F["custom-slug"], "F['custom-slug']"),
        (F["from"].to, "F['from'].to"),
        (F["contains"]["in_"], "F['contains']['in_']"),
        (F["_private"], "F['_private']"),
        (F['"'], "F['\"']"),
        (F["naïve"], "F['naïve']"),
        (F.parent, "F.parent"),
        (F.parent_record, "F.parent"),
        (F["parent"], "F['parent']"),
        (F.company.parent, "F.company.parent"),
        (F.team.via("people").name, "F.team.via('people').name"),
        (F.match.type, "F.match.type"),
    ]
    assert [(repr(field), written) for field, written in cases if repr(field) != written] == []
    for field, written in cases:
        assert steps_of(eval(written)) == steps_of(field)


def test_parent_is_the_record_of_an_entry_and_not_an_attribute():
    assert steps_of(F.parent) == ("parent_record",)
    assert steps_of(F["parent"]) == ("parent",)


def test_invalid_names_are_refused():
    for name in ("", "\ud800", 0, None):
        with pytest.raises(FilterError, match="attribute"):
            F[name]
        with pytest.raises(FilterError, match="object"):
            F.team.via(name)


def test_names_with_underscores_first_are_written_in_brackets():
    with pytest.raises(AttributeError, match=r"F\['_x'\]"):
        _ = F._x
    with pytest.raises(AttributeError, match=r"F.a\['_x'\]"):
        _ = F.a._x


def test_fields_are_made_from_f_alone():
    assert repr(F) == "F"
    with pytest.raises(TypeError, match="make fields from F"):
        Field()


def test_fields_cannot_be_changed():
    with pytest.raises(AttributeError):
        F.name.title = 1
    with pytest.raises(AttributeError):
        F.name = 1


def test_fields_and_filters_can_be_copied_and_pickled():
    condition = (F.name == "x") & ~F.domains.not_empty()
    for copied in (copy.copy, copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))):
        assert repr(copied(F.team.via("people").name)) == "F.team.via('people').name"
        assert copied(F) is F
        assert copied(condition) == condition


def test_hashing_is_by_identity_since_comparing_makes_a_filter():
    field = F.name
    assert {field: 1}[field] == 1
    assert field in [field, F.domains]
    assert len({F.name, F.name}) == 2
    with pytest.raises(FilterError, match="not with other fields"):
        _ = F.name in [F.domains, F.team]
    with pytest.raises(FilterError, match="neither true nor false"):
        _ = F.name in ["name", "title"]


def test_a_condition_prints_as_the_code_that_makes_it():
    cases = [
        (F.a == "x", "F.a == 'x'"),
        (F.a == "x", "F.a == 'x'"),
        (F.a != 1, "F.a != 1"),
        (F.a < 1, "F.a < 1"),
        (1 > F.a, "F.a < 1"),  # noqa: SIM300
        (F.a <= 1, "F.a <= 1"),
        (F.a > Decimal("1.50"), "F.a > Decimal('1.50')"),
        (date(2024, 1, 1) <= F.a, "F.a >= datetime.date(2024, 1, 1)"),
        (F.a.contains("'\""), "F.a.contains('\\'\"')"),
        (F.a.starts_with("x"), "F.a.starts_with('x')"),
        (F.a.ends_with("🎉"), "F.a.ends_with('🎉')"),
        (F.a.in_("x", 1, "x", True), "F.a.in_('x', 1, True)"),
        (F.a.in_(["x", "y"]), "F.a.in_('x', 'y')"),
        (F.a.in_(n for n in (1, 2)), "F.a.in_(1, 2)"),
        (F.a.in_(["y", "x"]), "F.a.in_('y', 'x')"),
        (F.a.in_(set("hgfedcba")), "F.a.in_('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')"),  # in every process
        (F.a.in_("xy"), "F.a.in_('xy')"),
        (F.a.not_empty(), "F.a.not_empty()"),
        (F.a.is_empty(), "F.a.is_empty()"),
        (~F.a.is_empty(), "F.a.not_empty()"),
        (F.a.between(1, 2), "F.a.between(1, 2)"),
        (F.a == Stage.LEAD, "F.a == 'Lead'"),
        (F.a == Kind.BIG, "F.a == 'Big'"),
        (F.a == Text("x"), "F.a == 'x'"),
        (F.a == Whole(5), "F.a == 5"),
        (F.a == Fraction(1.5), "F.a == 1.5"),
        (F.a == Record(), f"F.a == RecordRef(object='companies', record_id='{JANE}')"),
        (F.a.in_([Record()]), f"F.a.in_(RecordRef(object='companies', record_id='{JANE}'))"),
        (F.a.in_(Record()), f"F.a.in_(RecordRef(object='companies', record_id='{JANE}'))"),
    ]
    assert [(repr(condition), written) for condition, written in cases if repr(condition) != written] == []
    for condition, written in cases:
        assert repr(eval(written, {**globals(), "datetime": __import__("datetime")})) == written
        assert isinstance(condition, Filter)


def refusals(cases):
    for make, said in cases:
        with pytest.raises(FilterError) as caught:
            make()
        yield str(caught.value), said


def test_misuse_is_refused_with_what_to_do_instead():
    cases = [
        (lambda: compile_filter(F.a == None), r"F\.a\.is_empty\(\)"),  # noqa: E711
        (lambda: compile_filter(F.a != None), r"F\.a\.is_empty\(\)"),  # noqa: E711
        (lambda: F.a < None, r"F\.a\.is_empty\(\)"),
        (lambda: F.a == ["x"], r"F\.a\.in_\("),
        (lambda: F.a == {"x"}, r"F\.a\.in_\("),
        (lambda: F.a == {"value": 1}, r"Filter\.raw"),
        (lambda: F.a.in_({"value": 1}), r"Filter\.raw"),
        (lambda: F.a.between(math.nan, 1), "not a number"),
        (lambda: F.a == Decimal("NaN"), "not a number"),
        (lambda: F.a.between(1, math.inf), "not a number"),
        (lambda: F.a == object(), "of type object"),
        (lambda: F.a > 10**5000, "a very large int cannot be compared with"),
        (lambda: F.a == Ref("users", user_id=10**5000), "cannot be compared with"),
        (lambda: F.a == F.b, "not with other fields"),
        (lambda: F.a < (F.b == 1), "not with other fields or filters"),
        (F.a.in_, "no values"),
        (lambda: F.a.in_([]), "no values"),
        (lambda: F.a.in_(None), "is_empty"),
        (lambda: F.a.in_(b"xy"), "of type bytes"),
        (lambda: F.a.contains(""), "every text"),
        (lambda: F.a.contains(5), "looks for a text"),
        (lambda: F.a.startswith("x"), "did you mean 'starts_with'"),
        (lambda: F.a.via("people") == 1, r"F\.a\.via\('people'\)\.name"),
        (lambda: "x" in F.a, r"F\.a\.contains\('x'\)"),
        (lambda: bool(F.a), r"F\.a == True"),
        (lambda: not F.a, "neither true nor false"),
        (lambda: ~F.a, "compare F.a first"),
        (lambda: F.a & F.b, "parentheses"),
        (lambda: F.a == 1 | F.b == 2, "parentheses"),
        (lambda: F.a == 1 & (F.b == 2), "not a filter"),
        (lambda: 1 < F.a < 5, "between"),
        (lambda: F.a == 1 and F.b == 2, "&"),
        (lambda: F.a == 1 or F.b == 2, r"\|"),
        (lambda: not F.a > 1, "~"),
        (lambda: [] if F.a == 1 else [1], "neither true nor false"),
    ]
    assert [(message, said) for message, said in refusals(cases) if not re.search(said, message)] == []


def test_a_field_cannot_be_iterated_over():
    with pytest.raises(TypeError, match="cannot be iterated over"):
        list(F.a)


def test_a_thousand_values():
    ids = [f"{n:08}-0000-4000-8000-000000000000" for n in range(1000)]
    condition = F.record_id.in_(ids)
    assert eval(repr(condition)) == condition
    assert compile_filter(condition) == {"record_id": {"$in": ids}}


def test_record_references_given_are_kept():
    ref = RecordRef("companies", JANE)
    assert (F.company == ref).value is ref
