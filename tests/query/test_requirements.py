"""A compilation asks for what it needs to know, once, and for nothing else."""

import pytest

from attio_async.errors import FilterError
from attio_async.query import (
    F,
    Filter,
    NeedMembers,
    NeedOptions,
    NeedParents,
    NeedSchema,
    NeedSlugs,
    asc,
    desc,
)
from attio_async.query._compile import compile_query
from attio_async.query._requirements import run
from attio_async.values import ActorRef, Member, RecordRef, Ref

from .workspace import JANE, Workspace, schema

COMPANIES = [NeedSlugs(("companies",)), NeedSchema("companies")]


def asked(filter, sorts=None, queried="people", *, schema=None):
    """Return what the compilation of a query of an object or list asks for, in order."""
    workspace = Workspace(queried=queried)
    run(compile_query(filter, sorts, source=queried, schema=schema), workspace)
    return workspace.asked


def test_dicts_need_nothing():
    for filter in (None, {"name": "x"}, Filter.raw({"name": "x"}), ~Filter.raw({"name": "x"})):
        assert asked(filter, [{"attribute": "x", "direction": "asc"}]) == []


def test_names_need_the_schema_of_the_queried_object():
    for filter, sorts in [(F.name == "x", None), (None, asc("name")), (F.name == "x", asc("name"))]:
        assert asked(filter, sorts) == [NeedSchema()]
        assert asked(filter, sorts, schema=schema("people")) == []


def test_every_requirement_is_asked_for_once():
    filter = (
        (F.company.name == "x") | (F.company.name == "y") | (F.somewhere == Ref("companies", domain="a.co"))
    )
    sorts = [asc("name"), desc(F.company.name)]
    assert asked(filter & ~filter, sorts) == [NeedSchema(), *COMPANIES]


def test_paths_need_one_object_after_the_other():
    deals = [NeedSlugs(("deals",)), NeedSchema("deals")]
    cases = [
        (F.company.name == "x", COMPANIES),
        (F.company.via("companies").name == "x", COMPANIES),
        (F.company.associated_deals.name == "x", [*COMPANIES, *deals]),
        (F.company.in_(RecordRef("companies", JANE), Ref("companies", domain="a.co")), COMPANIES),
        (F.company == RecordRef("companies", JANE), COMPANIES[:1]),
        (F.company.target_object == "companies", []),
    ]
    for filter, expected in cases:
        assert asked(filter, schema=schema("people")) == expected, filter
    assert asked(None, asc(F.company.name), schema=schema("people")) == COMPANIES


def test_parents_of_entries_are_asked_for():
    cases = [
        (F.parent.name == "x", [NeedParents(), NeedSchema("people")]),
        (F.parent == JANE, [NeedParents()]),
        (F.stage == "One", []),
    ]
    for filter, expected in cases:
        assert asked(filter, queried="candidates", schema=schema("candidates")) == expected, filter


def test_members_are_needed_for_their_names():
    cases = [
        (F.owner == "jane@acme.com", True),
        (F.owner.in_(JANE, "Jane Doe"), True),
        (F.owner == Member("jane@acme.com"), True),
        (~((F.name == "x") | (F.owner == "Jane Doe")), True),
        (F.owner == JANE, False),
        (F.owner == Member(JANE), False),
        (F.owner == ActorRef("api-token", None), False),
        (F.owner.referenced_actor_type == "api-token", False),
        (F.name == "jane@acme.com", False),
    ]
    for filter, is_needed in cases:
        assert asked(filter, queried="deals", schema=schema("deals")) == [NeedMembers()] * is_needed, filter
    interaction = F.last_email_interaction.owner_member_id == "Jane Doe"
    assert asked(interaction, schema=schema("people")) == [NeedMembers()]
    assert NeedMembers() in asked(F.owner == Member("Jane Doe"), queried="unheard-of")


def test_options_are_needed_for_their_titles():
    cases = [
        (F.employee_range == "11-50", [NeedOptions(None, "employee_range")]),
        (F.employee_range.in_(JANE, "11-50"), [NeedOptions(None, "employee_range")]),
        (F.employee_range == JANE, []),
        (F.employee_range.active_from > "2024-01-01", []),
        (F.categories == "Biotechnology", []),
    ]
    for filter, expected in cases:
        assert asked(filter, queried="companies", schema=schema("companies")) == expected, filter
    behind = asked(F.company.employee_range == "11-50", schema=schema("people"))
    assert behind == [*COMPANIES, NeedOptions("companies", "employee_range")]


def test_a_wrong_condition_ends_the_questions():
    for wrong in (F.nmae == "x", F.name.nope == "x", F.favourites.name == "x"):
        workspace = Workspace()
        with pytest.raises(FilterError):
            run(compile_query(wrong & (F.company.name == "x"), source="people"), workspace)
        assert NeedSchema("companies") not in workspace.asked
