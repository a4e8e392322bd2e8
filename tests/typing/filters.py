"""Filters and sorts for type checkers. Never run."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, assert_type

from attio_async._schema import ObjectSchema
from attio_async.query import (
    F,
    Field,
    Filter,
    NeedSchema,
    Requirement,
    SchemaInfo,
    Sort,
    asc,
    compile_filter,
    compile_sorts,
    desc,
    explain,
)
from attio_async.values import RecordRef


def fields() -> None:
    assert_type(F.name, Field)
    assert_type(F["custom-slug"], Field)
    assert_type(F.name.last_name, Field)
    assert_type(F.parent, Field)
    assert_type(F.team.via("people").name.first_name, Field)


def comparing(moment: datetime) -> None:
    takes(F.name == "Acme")
    takes(F.stage != "Lead")
    takes(F.value > Decimal("500.50"))
    takes(500 <= F.value)  # noqa: SIM300 - the reflected comparison is what is looked at
    takes(F.foundation_date.between(date(2019, 1, 1), date(2020, 1, 1)))
    takes(F.categories.active_from >= moment)
    takes(F.name.contains("Ltd"))
    takes(F.stage.in_("Won", "Lost"))
    takes(F.record_id.in_(["a", "b"]))
    takes(F.company == RecordRef("companies", "id"))
    takes(F.domains.is_empty())


def combining(one: Filter, other: Filter) -> None:
    assert_type(one & other, Filter)
    assert_type(one | other, Filter)
    assert_type(~one, Filter)
    assert_type(one & {"name": "x"}, Filter)
    assert_type({"name": "x"} | one, Filter)
    assert_type(Filter.raw({"name": "x"}), Filter)
    assert_type(Filter.same_value(F.a.starts_with("x"), F.a.ends_with("y")), Filter)
    assert_type(one == other, bool)
    assert_type(one.explain(), str)


def compiling(one: Filter, schema: ObjectSchema, other: SchemaInfo) -> None:
    assert_type(compile_filter(one, schema), dict[str, Any])
    assert_type(compile_filter({"name": "x"}, other), dict[str, Any])
    assert_type(compile_filter(None), dict[str, Any])
    assert_type(explain(one, schema), str)


def answering(one: Filter, schema: ObjectSchema) -> None:
    def answer(requirement: Requirement) -> ObjectSchema | None:
        return schema if requirement == NeedSchema("people") else None

    assert_type(compile_filter(one, source="people", answer=answer), dict[str, Any])
    assert_type(one.explain(schema, answer=answer), str)


def sorting() -> None:
    assert_type(asc("created_at"), Sort)
    assert_type(desc("name", "last_name"), Sort)
    assert_type(asc(F.company.via("companies").name), Sort)
    assert_type(compile_sorts([asc("name"), {"attribute": "x", "direction": "asc"}]), list[dict[str, Any]])
    assert_type(compile_sorts(desc("name")), list[dict[str, Any]])


def misused_as_conditions(one: Filter) -> str:
    takes({"name": "x"} if one else {})  # type: ignore[redundant-expr]
    if one:  # pyright: ignore[reportGeneralTypeIssues]
        return "yes"
    return "no"


def misused_fields() -> None:
    _ = F.a & F.b  # type: ignore[operator]
    _ = ~F.a  # type: ignore[operator]
    F.name.startswith("x")  # type: ignore[operator]
    takes(F.a)  # type: ignore[arg-type]
    _ = F.a < None  # type: ignore[operator]
    F.a.between([1], 2)  # type: ignore[arg-type]
    F.a.contains(5)  # type: ignore[arg-type]
    asc(5)  # type: ignore[arg-type]


def takes(filter: Filter | Mapping[str, Any]) -> None:
    """Take what every query takes."""
    assert filter is not None
