import pytest

from attio_async.query import (
    F,
    Filter,
    Needs,
    asc,
    needs,
)
from attio_async.values import (
    ActorRef,
    Member,
    RecordRef,
    Ref,
)

from .workspace import (
    JANE,
    MEMBERS,
    Workspace,
    schema,
)


def missing(filter, sorts=None, queried="people", without=(), members=None):
    return needs(filter, sorts, schema=schema(queried), schemas=Workspace(*without), members=members)


@pytest.mark.parametrize("filter", [None, {"name": "x"}, Filter.raw({"name": "x"})])
def test_dicts_need_nothing(filter):
    assert not needs(filter, [{"attribute": "x", "direction": "asc"}])


def test_names_need_the_schema_of_what_is_queried():
    assert needs(F.name == "x") == needs(None, asc("name")) == Needs(schema=True)
    assert not missing(F.name == "x")


def test_paths_need_the_schemas_they_lead_to():
    assert missing(F.company.name == "x", without=["companies"]) == Needs(objects=frozenset({"companies"}))
    assert missing(None, asc(F.company.name), without=["companies"]).objects == {"companies"}
    assert not missing(F.company.name == "x")


def test_one_object_after_the_other():
    filter = F.company.associated_deals.name == "x"
    assert missing(filter, without=["companies", "deals"]).objects == {"companies"}
    assert missing(filter, without=["deals"]).objects == {"deals"}
    assert not missing(filter)


def test_what_via_names_is_needed_at_once():
    filter = F.company.via("companies").associated_deals.via("deals").name == "x"
    assert needs(filter) == Needs(schema=True, objects=frozenset({"companies", "deals"}))
    assert missing(filter, without=["companies", "deals"]).objects == {"companies", "deals"}


def test_parents_and_references_by_a_unique_attribute():
    assert missing(F.parent.name == "x", queried="candidates", without=["people"]).objects == {"people"}
    filter = F.company.in_(RecordRef("companies", JANE), Ref("companies", domain="acme.com"))
    assert missing(filter, without=["companies"]).objects == {"companies"}
    assert not missing(filter)


@pytest.mark.parametrize(
    ("filter", "needed"),
    [
        (F.owner == "jane@acme.com", True),
        (F.owner.in_(JANE, "Jane Doe"), True),
        (F.owner == Member("jane@acme.com"), True),
        (~((F.name == "x") | (F.owner == "Jane Doe")), True),
        (F.owner == JANE, False),
        (F.owner == Member(JANE), False),
        (F.owner == ActorRef("api-token", None), False),
        (F.owner.referenced_actor_type == "api-token", False),
        (F.name == "jane@acme.com", False),
    ],
)
def test_members_are_needed_for_their_names(filter, needed):
    assert missing(filter, queried="deals").members is needed
    assert not missing(filter, queried="deals", members=MEMBERS).members


def test_members_are_needed_for_interactions_and_without_a_schema():
    assert missing(F.last_email_interaction.owner_member_id == "Jane Doe").members
    assert needs(F.owner == Member("Jane Doe")).members


@pytest.mark.parametrize(
    "filter", [F.nmae == "x", F.name.nope == "x", F.favourites.name == "x", F.parent.name == Member("x")]
)
def test_what_is_wrong_is_left_to_compiling(filter):
    assert not missing(filter).objects
