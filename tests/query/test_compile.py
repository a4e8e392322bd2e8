import json

import pytest

from attio_async._schema import Attribute, ObjectSchema
from attio_async.errors import FilterError, UnknownName
from attio_async.query import F, Filter, compile_filter
from attio_async.query._compile import compile_query
from attio_async.values import Location

from .workspace import JANE, compiled, refused, unsaid


def test_no_filter_and_dicts_pass_through():
    given = {"name": {"$whatever": [1]}}
    assert compile_filter(None) == {}
    assert compile_filter(given) == given
    assert compile_filter(given) is not given
    assert compiled(F.name.contains("x") & given) == {
        "$and": [{"name": {"value": {"$contains": "x"}}}, given]
    }


def test_the_body_of_a_query_has_the_parts_that_ask_something():
    filter = {"name": "x"}
    cases = [
        (compile_query(None), {}),
        (compile_query({}, []), {}),
        (compile_query(filter), {"filter": filter}),
        (compile_query(None, {"attribute": "a"}), {"sorts": [{"attribute": "a"}]}),
        (compile_query(filter, [{"attribute": "a"}]), {"filter": filter, "sorts": [{"attribute": "a"}]}),
    ]
    for compilation, body in cases:
        with pytest.raises(StopIteration) as done:
            next(compilation)
        assert done.value.value.body == body


def test_attributes_are_found_by_slug_title_and_id():
    people = ObjectSchema("people", [Attribute("job_title", "Job title", id="the-id", type="text")])
    for name in ("job_title", "Job title", "JOB_TITLE", "the-id"):
        assert compile_filter(F[name] == "CEO", people) == {"job_title": {"value": {"$eq": "CEO"}}}


class TestMerging:
    def test_a_range_of_one_property_is_one_object(self):
        assert compiled((F.amount_owed > 5) & (F.amount_owed <= 9)) == {
            "amount_owed": {"currency_value": {"$gt": 5, "$lte": 9}}
        }

    def test_other_conditions_may_stand_between(self):
        assert compiled((F.amount_owed > 5) & F.name.contains("x") & (F.amount_owed <= 9)) == {
            "$and": [
                {"amount_owed": {"currency_value": {"$gt": 5, "$lte": 9}}},
                {"name": {"value": {"$contains": "x"}}},
            ]
        }

    def test_properties_of_one_value_are_one_object(self):
        where = F.primary_location
        assert compiled((where.locality == "Cupertino") & where.region.contains("C")) == {
            "primary_location": {"locality": {"$eq": "Cupertino"}, "region": {"$contains": "C"}}
        }

    def test_the_same_operator_twice_stays_apart(self):
        assert compiled(F.name.contains("a") & F.name.contains("b") & F.name.starts_with("c")) == {
            "$and": [
                {"name": {"value": {"$contains": "a", "$starts_with": "c"}}},
                {"name": {"value": {"$contains": "b"}}},
            ]
        }

    def test_several_values_stay_apart(self):
        # One domain may fit the first condition, and another the second.
        assert compiled(F.domains.starts_with("a") & F.domains.ends_with("z")) == {
            "$and": [
                {"domains": {"domain": {"$starts_with": "a"}}},
                {"domains": {"domain": {"$ends_with": "z"}}},
            ]
        }

    def test_the_same_value_is_asked_for_in_one_object(self):
        filter = Filter.same_value(F.domains.starts_with("a"), F.domains.root_domain == "b.com")
        assert compiled(filter) == {
            "domains": {"domain": {"$starts_with": "a"}, "root_domain": {"$eq": "b.com"}}
        }

    def test_paths_stay_apart_unless_the_same_value_is_asked_for(self):
        name = F.team.via("people").name
        path = [["companies", "team"], ["people", "name"]]
        first, last = name.first_name == "Ada", name.last_name == "Lovelace"
        assert compiled(first & last) == {
            "$and": [
                {"path": path, "constraints": {"first_name": {"$eq": "Ada"}}},
                {"path": path, "constraints": {"last_name": {"$eq": "Lovelace"}}},
            ]
        }
        assert compiled(Filter.same_value(first, last)) == {
            "path": path,
            "constraints": {"first_name": {"$eq": "Ada"}, "last_name": {"$eq": "Lovelace"}},
        }

    def test_alternatives_and_negations_are_not_merged(self):
        assert compiled((F.amount_owed < 5) | (F.amount_owed > 9)) == {
            "$or": [
                {"amount_owed": {"currency_value": {"$lt": 5}}},
                {"amount_owed": {"currency_value": {"$gt": 9}}},
            ]
        }
        assert compiled((F.amount_owed < 5) & (F.amount_owed != 3)) == {
            "$and": [
                {"amount_owed": {"currency_value": {"$lt": 5}}},
                {"$not": {"amount_owed": {"currency_value": {"$eq": 3}}}},
            ]
        }

    def test_without_a_schema_only_ranges_are_merged(self):
        assert compile_filter((F.x >= 5) & (F.x < 9)) == {"x": {"$gte": 5, "$lt": 9}}
        assert compile_filter((F.x.value >= 5) & (F.x < 9)) == {
            "$and": [{"x": {"value": {"$gte": 5}}}, {"x": {"$lt": 9}}]
        }
        assert compile_filter((F.x.active_from >= "2024-01-01") & (F.x.active_from < "2024-02-01")) == {
            "$and": [
                {"x": {"active_from": {"$gte": "2024-01-01"}}},
                {"x": {"active_from": {"$lt": "2024-02-01"}}},
            ]
        }
        assert compile_filter(F.x.starts_with("a") & F.x.ends_with("b")) == {
            "$and": [{"x": {"$starts_with": "a"}}, {"x": {"$ends_with": "b"}}]
        }

    def test_conditions_that_one_value_cannot_fit_are_refused(self):
        assert "different attributes" in refused(Filter.same_value(F.name == "a", F.description == "b"))
        assert "one thing twice" in refused(Filter.same_value(F.name == "a", F.name == "b"))
        assert "several things" in refused(
            Filter.same_value(
                F.categories.in_("Biotechnology", "Architecture"), F.categories.active_from > "2024-01-01"
            )
        )


class TestOperators:
    def test_any_of_several_where_in_is_documented(self):
        assert compiled(F.name.in_("a", "b")) == {"name": {"value": {"$in": ["a", "b"]}}}

    def test_any_of_several_where_it_is_not(self):
        assert compiled(F.performance.in_(1, 2)) == {
            "$or": [{"performance": {"value": {"$eq": 1}}}, {"performance": {"value": {"$eq": 2}}}]
        }
        assert compiled(F.performance.in_(1)) == {"performance": {"value": {"$eq": 1}}}
        assert compile_filter(~F.x.in_(1, 2)) == {"$not": {"$or": [{"x": {"$eq": 1}}, {"x": {"$eq": 2}}]}}

    def test_emptiness_is_the_negation_of_presence(self):
        assert compiled(F.domains.is_empty()) == {"$not": {"domains": {"domain": {"$not_empty": True}}}}
        assert compiled(F.last_email_interaction.not_empty()) == {
            "last_email_interaction": {"owner_member_id": {"$not_empty": True}}
        }

    def test_between_includes_the_lower_end_only(self):
        assert compiled(F.performance.between(2, 4)) == {"performance": {"value": {"$gte": 2, "$lt": 4}}}

    def test_undocumented_operators_are_refused_with_the_documented_ones(self):
        cases = [
            (F.name > 3, "companies", "no >", "name (text)", "contains()", "in_()", "Filter.raw"),
            (F.name.not_empty(), "companies", "no not_empty()"),
            (F.name.between("a", "b"), "companies", "no between()"),
            (F.name.last_name > 3, "people", "no >", "is_empty()"),
            (F.stage.contains("x"), "deals", "no contains()", "status", "==, !=, in_()"),
            (F.stage.active_from == "2024-01-01", "deals", "no ==", "== works on 'status'", "between()"),
            (F.a_custom_checkbox_attribute > True, "companies", "no >"),
            (
                F.performance.contains("4"),
                "companies",
                "no contains()",
                "==, !=, <, <=, >, >=, between(), in_()",
            ),
            (F.primary_location.country_code.contains("U"), "companies", "starts_with()"),
            (F.team == 5, "companies", "5", "RecordRef"),
            (F.team == Location(locality="Paris"), "companies", "of type Location", "RecordRef"),
            (F.team > "a", "companies", "==, != and in_()", ".target_record_id"),
            (F.owner.contains("x"), "deals", "==, != and in_()", ".referenced_actor_type"),
            (F.last_email_interaction == "x", "companies", "'interacted_at'"),
            (F.primary_location == "Paris", "companies", "'locality'"),
        ]
        assert unsaid(cases) == []

    def test_operators_of_a_property_are_known_without_a_schema(self):
        with pytest.raises(FilterError, match="no > for last_name"):
            compile_filter(F.name.last_name > 3)
        with pytest.raises(FilterError, match="no contains"):
            compile_filter(F.created_at.contains("2024"))


EMPTY = [  # what is asked for records with a value, and whether it is what the message says
    ("people", F.name, F.name.not_empty()),
    ("companies", F.domains, F.domains.not_empty()),
    ("companies", F.last_email_interaction, F.last_email_interaction.not_empty()),
    ("people", F.name.first_name, F.name.first_name.not_empty()),
    ("deals", F.stage, "F.stage.in_(...) with all titles"),
    ("companies", F.categories, "F.categories.in_(...) with all titles"),
    ("companies", F.performance, (F.performance >= 0) | (F.performance < 0)),
    ("deals", F.value, (F.value >= 0) | (F.value < 0)),
    ("companies", F.created_at, F.created_at >= "0001-01-01"),
    ("companies", F.a_custom_checkbox_attribute, F.a_custom_checkbox_attribute.in_(True, False)),
    ("people", F.email_addresses, F.email_addresses.contains("@")),
    ("people", F.phone_numbers, F.phone_numbers.country_code.not_empty()),
    ("deals", F.owner, F.owner.referenced_actor_type == "workspace-member"),
    ("people", F.company, F.company.target_object.in_("companies")),
    ("people", F.company.domains, F.company.domains.not_empty()),
    ("companies", F.name, "read the records"),
    ("companies", F.primary_location, "read the records"),
]


@pytest.mark.parametrize(("source", "field", "question"), EMPTY, ids=[str(case[1]) for case in EMPTY])
def test_none_and_emptiness_are_answered_with_a_question_that_the_type_allows(source, field, question):
    """A hint about missing values can be followed, whatever the type of the attribute."""
    message = refused(field == None, source)  # noqa: E711
    assert refused(field != None, source) == message  # noqa: E711
    if isinstance(question, str):
        assert question in message
        assert question in refused(field.is_empty(), source)
        return
    assert compiled(question, source)
    assert compiled(~question, source)
    if "not_empty" in repr(question) and repr(question).startswith(repr(field) + ".not"):
        assert f"use {field!r}.is_empty() or {question!r}" in message
        assert compiled(field.is_empty(), source)
    else:
        assert repr(question) in message
        assert repr(question) in refused(field.is_empty(), source)


class TestNames:
    def test_an_unknown_attribute_is_refused_with_near_ones(self):
        with pytest.raises(FilterError, match=r"F\.nmae == 'x': .*companies.*did you mean 'name'") as caught:
            compiled(F.nmae == "x")
        assert isinstance(caught.value.__cause__, UnknownName)

    def test_the_time_of_the_last_change_is_refused_with_the_way_to_follow_changes(self):
        assert refused(F.Updated_At >= "2026-01-01").endswith(
            "last changed; follow changes with attio.feed()"
        )

    def test_an_unknown_property_is_refused_with_those_there_are(self):
        message = refused(F.name.lastname == "x", "people")
        assert "did you mean 'last_name'" in message
        assert "'full_name'" in message

    def test_a_property_has_no_parts(self):
        assert "has no parts" in refused(F.name.last_name.x == "x", "people")

    def test_an_unknown_property_is_refused_without_a_schema(self):
        with pytest.raises(FilterError, match=r"did you mean 'last_name'.*\.via\('people'\)\.lastname"):
            compile_filter(F.name.lastname == "x")
        with pytest.raises(FilterError, match=r"refers to records, name their object"):
            compile_filter(F.company.zzz == "x")

    def test_any_name_can_be_an_attribute(self):
        for name in ("contains", "parent", "from", "in_", "via", "is", "None", "naïve 🎉", "a.b", "$x", '"'):
            attributes = ObjectSchema("things", [Attribute(name, type="text")])
            expected = {name: {"value": {"$contains": name}}}
            assert compile_filter(F[name].contains(name), attributes) == expected
            assert json.loads(json.dumps(expected)) == expected

    def test_system_attributes_are_known_to_every_object(self):
        bare = ObjectSchema("things", [])
        assert compile_filter(F.record_id == JANE, bare) == {"record_id": {"$eq": JANE}}
        assert compile_filter(F.created_by == JANE) == {
            "created_by": {"referenced_actor_type": "workspace-member", "referenced_actor_id": JANE}
        }

    def test_a_type_newer_than_this_package_is_left_to_the_api(self):
        assert compiled(F.shape == 5) == {"shape": {"$eq": 5}}
        assert compiled(F.shape.sides > 5) == {"shape": {"sides": {"$gt": 5}}}
        assert compiled(F.shape.sides.in_(5, 6)) == {
            "$or": [{"shape": {"sides": {"$eq": 5}}}, {"shape": {"sides": {"$eq": 6}}}]
        }


class TestLocations:
    def test_parts_that_are_given_must_fit(self):
        where = F.primary_location == Location(locality="Paris", country_code="FR")
        expected = {"primary_location": {"locality": "Paris", "country_code": "FR"}}
        assert compiled(where, "people") == expected
        assert compile_filter(where) == expected

    def test_any_of_several(self):
        filter = F.primary_location.in_(Location(locality="Paris"), Location(region="CA"))
        assert compiled(filter, "people") == {
            "$or": [{"primary_location": {"locality": "Paris"}}, {"primary_location": {"region": "CA"}}]
        }

    def test_locations_that_cannot_be_looked_for_are_refused(self):
        cases = [
            (F.primary_location == Location(), "people", "cannot be looked for"),
            (F.primary_location == Location(latitude="1.5"), "people", "cannot be looked for", "'locality'"),
            (
                F.primary_location.in_(Location(locality="Paris"), "Rome"),
                "people",
                "'Rome' is not a Location",
            ),
            (F.primary_location > Location(locality="Paris"), "people", "==, != and in_(), not with >"),
            (F.primary_location.locality == Location(locality="Paris"), "people", "of type Location"),
        ]
        assert unsaid(cases) == []
