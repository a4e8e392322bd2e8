import json

import pytest

from attio_async.errors import FilterError
from attio_async.query import F, compile_filter, explain

from .workspace import Workspace, schema


def test_the_json_and_what_each_condition_was_resolved_to():
    filter = (
        (F.Stage == "lead") & ~(F.owner == "jane@acme.com") & (F.associated_company.domains == "acme.com")
    )
    workspace = Workspace(queried="deals")
    told = filter.explain(schema("deals"), answer=workspace)
    compiled, _, lines = told.partition("\n\n")
    assert json.loads(compiled) == compile_filter(filter, schema("deals"), answer=workspace)
    assert lines.splitlines() == [
        "F.Stage == 'lead'",
        "  deals.stage, type status, property status",
        "F.owner == 'jane@acme.com'",
        "  deals.owner, type actor-reference",
        "F.associated_company.domains == 'acme.com'",
        "  deals.associated_company -> companies.domains, type domain, property domain",
    ]


def test_without_a_schema_it_says_so():
    assert explain(F.name == "🎉").splitlines()[-2:] == [
        "F.name == '🎉'",
        "  name, type unknown without a schema",
    ]
    assert "🎉" in explain(F.name == "🎉").partition("\n\n")[0]


def test_dicts_have_only_their_json():
    assert json.loads(explain({"x": 1})) == {"x": 1}
    assert json.loads(explain(None)) == {}


def test_long_conditions_are_cut():
    told = explain(F.name.in_(str(n) for n in range(1000)))
    assert max(map(len, told.splitlines())) < 250


def test_what_cannot_work_is_refused():
    with pytest.raises(FilterError):
        (F.nmae == 1).explain(schema("deals"))
