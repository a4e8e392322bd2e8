from uuid import UUID

import pytest

from attio_async._schema import Attribute, ObjectSchema
from attio_async.errors import FilterError
from attio_async.query import F, compile_filter
from attio_async.values import ActorRef, Member, RecordRef, Ref

from .workspace import ALEX, JANE, Workspace, compiled as compiled_in, schema, unsaid

COMPANY = {"target_object": "companies", "target_record_id": JANE}


def compiled(filter, queried="people", workspace=None, **options):
    return compiled_in(filter, queried, workspace, **options)


class Record:
    object_id = "companies"
    id = JANE


class TestRecords:
    def test_a_record_in_any_form(self):
        forms = [
            RecordRef("companies", JANE),
            Ref("companies", JANE),
            Record(),
            JANE,
            UUID(JANE),
            f"https://app.attio.com/acme/company/{JANE}/overview",
        ]
        for value in forms:
            assert compiled(F.company == value) == {"company": COMPANY}

    def test_any_of_several_of_one_object(self):
        assert compiled(F.company.in_(RecordRef("companies", JANE), ALEX)) == {
            "company": {"target_object": "companies", "target_record_id": {"$in": [JANE, ALEX]}}
        }

    def test_any_of_several_of_different_objects(self):
        filter = F.favourites.in_(
            RecordRef("people", JANE), RecordRef("companies", JANE), RecordRef("people", ALEX)
        )
        assert compiled(filter) == {
            "$or": [
                {"favourites": {"target_object": "people", "target_record_id": {"$in": [JANE, ALEX]}}},
                {"favourites": COMPANY},
            ]
        }

    def test_a_unique_attribute_is_a_path(self):
        path = [["people", "company"], ["companies", "domains"]]
        expected = {"path": path, "constraints": {"domain": {"$eq": "acme.com"}}}
        assert compiled(F.company == Ref("companies", domain="https://Acme.com")) == expected
        longer = compiled(F.manager.company == Ref("companies", domain="acme.com"))
        assert longer == expected | {"path": [["people", "manager"], *path]}

    def test_properties_can_be_named(self):
        assert compiled(F.company.target_object == "companies") == {
            "company": {"target_object": {"$eq": "companies"}}
        }
        assert compiled(F.company.target_record_id.in_(JANE, ALEX)) == {
            "company": {"target_record_id": {"$in": [JANE, ALEX]}}
        }

    def test_the_target_comes_from_the_configuration(self):
        attributes = ObjectSchema(
            "people", [Attribute("firm", type="record-reference", target_objects=(ALEX,))]
        )
        assert compile_filter(F.firm == JANE, attributes) == {
            "firm": {"target_object": ALEX, "target_record_id": JANE}
        }
        # An id may mean any object.
        assert compile_filter(F.firm == RecordRef("companies", JANE), attributes) == {"firm": COMPANY}

    def test_values_that_are_not_records_of_the_target_are_refused(self):
        cases = [
            (F.company == "acme.com", "people", "which record"),
            (F.company == "https://app.attio.com/acme", "people", "not the web address"),
            (F.company == RecordRef("deals", JANE), "people", "refers to 'companies'"),
            (F.company == RecordRef("companies", "42"), "people", "UUID"),
            (F.company == 5, "people", "RecordRef"),
            (F.favourites == JANE, "people", "which object"),
            (F.somewhere == JANE, "people", "which object"),
        ]
        assert unsaid(cases) == []


class TestPaths:
    def test_via_may_be_left_out_when_the_target_is_known(self):
        expected = {
            "path": [["people", "company"], ["companies", "domains"]],
            "constraints": {"root_domain": {"$eq": "apple.com"}},
        }
        assert compiled(F.company.domains.root_domain == "apple.com") == expected
        assert compiled(F.company.via("companies").domains.root_domain == "apple.com") == expected
        assert compiled(F.Company["Domains"].root_domain == "apple.com") == expected

    def test_several_steps(self):
        assert compiled(F.manager.company.team.name.first_name == "Ada") == {
            "path": [["people", "manager"], ["people", "company"], ["companies", "team"], ["people", "name"]],
            "constraints": {"first_name": {"$eq": "Ada"}},
        }

    def test_a_path_ends_with_the_checks_of_its_attribute(self):
        assert compiled(F.company.categories == "biotechnology") == {
            "path": [["people", "company"], ["companies", "categories"]],
            "constraints": {"option": {"$eq": "Biotechnology"}},
        }

    def test_without_the_schema_of_the_target_it_goes_by_shape(self):
        workspace = Workspace("companies")
        assert compiled(F.company.name == "Acme", workspace=workspace) == {
            "path": [["people", "company"], ["companies", "name"]],
            "constraints": {"$eq": "Acme"},
        }
        assert compiled(F.company.record_id == JANE, workspace=workspace) == {
            "path": [["people", "company"], ["companies", "record_id"]],
            "constraints": {"value": {"$eq": JANE}},
        }

    def test_a_path_back_to_the_queried_object_needs_no_other_schema(self):
        assert compile_filter(F.manager.via("people").name == "Ada", schema("people")) == {
            "path": [["people", "manager"], ["people", "name"]],
            "constraints": {"full_name": {"$eq": "Ada"}},
        }

    def test_the_source_may_be_said(self):
        filter = F.team.via("people").job_title == "CEO"
        assert compile_filter(filter, source="some-id")["path"] == [
            ["some-id", "team"],
            ["people", "job_title"],
        ]
        assert compiled(filter, "companies", source="some-id")["path"][0] == ["some-id", "team"]
        with pytest.raises(FilterError, match="queried"):
            compile_filter(filter)

    def test_steps_that_lead_nowhere_are_refused(self):
        cases = [
            (F.favourites.name == "x", "people", "may refer to 'companies', 'people'"),
            (F.somewhere.name == "x", "people", "not known which object"),
            (F.company.via("people").name == "x", "people", "refers to 'companies'"),
            (F.name.via("people").name == "x", "people", "type personal-name"),
            (
                F.company.via("companies").via("people").name == "x",
                "people",
                "attribute of people must follow",
            ),
            (F.company.nmae == "x", "people", "did you mean 'name'"),
            (F.company.name > "x", "people", "no >"),
        ]
        assert unsaid(cases) == []

    def test_objects_may_be_given_by_any_name(self):
        assert compiled(F.company.via("Companies").name == "x")["path"][1][0] == "companies"


class TestParents:
    def test_a_path_begins_with_the_list(self):
        expected = {
            "path": [["candidates", "parent_record"], ["people", "email_addresses"]],
            "constraints": {"email_domain": {"$eq": "apple.com"}},
        }
        assert compiled(F.parent.email_addresses.email_domain == "apple.com", "candidates") == expected
        assert (
            compiled(F.parent.via("people").email_addresses.email_domain == "apple.com", "candidates")
            == expected
        )

    def test_a_parent_is_found_by_its_own_id(self):
        path = [["candidates", "parent_record"], ["people", "record_id"]]
        for filter in [F.parent == JANE, F.parent == RecordRef("people", JANE), F.parent.record_id == JANE]:
            assert compiled(filter, "candidates") == {"path": path, "constraints": {"value": {"$eq": JANE}}}
        assert compiled(F.parent.in_(JANE, ALEX), "candidates") == {
            "path": path,
            "constraints": {"value": {"$in": [JANE, ALEX]}},
        }
        assert compile_filter(F.parent == RecordRef("people", JANE), source="candidates") == {
            "path": path,
            "constraints": {"value": {"$eq": JANE}},
        }

    def test_which_records_a_list_holds_must_be_known(self):
        assert unsaid([(F.parent.via("companies").name == "x", "candidates", "'people'")]) == []
        with pytest.raises(FilterError, match="whose records the list holds"):
            compile_filter(F.parent.name == "x", schema("candidates"))

    def test_an_attribute_called_parent_is_not_the_parent(self):
        assert compiled(F["parent"].name == "Acme", "companies") == {
            "path": [["companies", "parent"], ["companies", "name"]],
            "constraints": {"value": {"$eq": "Acme"}},
        }


def _actor(id):
    return {"referenced_actor_type": "workspace-member", "referenced_actor_id": id}


class TestActors:
    def test_members_as_people_write_them(self):
        forms = [
            "jane@acme.com",
            " Jane@Acme.com",
            "Jane  Doe",
            Member("jane@acme.com"),
            JANE,
            UUID(JANE),
            Member(JANE),
        ]
        for value in forms:
            assert compiled(F.owner == value, "deals") == {"owner": _actor(JANE)}

    def test_any_of_several(self):
        assert compiled(F.owner.in_("jane@acme.com", ALEX), "deals") == {
            "$or": [{"owner": _actor(JANE)}, {"owner": _actor(ALEX)}]
        }

    def test_members_are_actors_without_a_schema_too(self):
        workspace = Workspace("people")
        assert compile_filter(F.owner != Member("jane@acme.com"), answer=workspace) == {
            "$not": {"owner": _actor(JANE)}
        }

    def test_type_and_id_may_be_asked_for_apart(self):
        both = (F.owner.referenced_actor_type == "workspace-member") & (F.owner.referenced_actor_id == JANE)
        assert compiled(both, "deals") == {
            "owner": {
                "referenced_actor_type": {"$eq": "workspace-member"},
                "referenced_actor_id": {"$eq": JANE},
            }
        }

    def test_an_id_without_a_type_is_refused(self):
        for attributes in (None, schema("deals")):
            with pytest.raises(FilterError, match=r"ActorRef\('workspace-member', id\)"):
                compile_filter(F.owner.referenced_actor_id == JANE, attributes)

    def test_members_that_cannot_be_told_apart_are_refused(self):
        cases = [
            (F.owner == "jan@acme.com", "deals", "did you mean 'jane@acme.com'"),
            (F.owner == "Sam Smith", "deals", "2 members"),
            (F.owner == 5, "deals", "full name"),
            (F.owner == ActorRef(None, JANE), "deals", "without a type"),
        ]
        assert unsaid(cases) == []
        with pytest.raises(FilterError, match="members of the workspace are not known"):
            compile_filter(F.owner == "jane@acme.com", schema("deals"))
