"""The candidates that the indexes give for a filter: every match, and little more."""

import functools
from collections.abc import Callable
from typing import Any

import attrs
import msgspec
from hypothesis import given, settings, strategies as st
from tests.support import examples

from attio_async.testing import FakeAttio, VirtualClock
from attio_async.testing._query.filters import Filters
from attio_async.testing._query.query import Candidates, FakeQuery
from attio_async.testing._schema import FakeRecord, Kind
from attio_async.testing._workspace.workspace import Workspace

MISSING = "4b0a6ab5-5ba5-4b1c-a7bf-6a6d4e6b3f5c"
NUMBERS = st.integers(0, 6)

Filter = dict[str, Any]


@attrs.frozen
class World:
    """Six people of three companies, three of them in a list, and all ids in order."""

    workspace: Workspace
    ids: dict[str, list[str]]

    def kind(self, name: str) -> Kind:
        found = self.workspace.object_type(name) or self.workspace.list_type(name)
        assert found is not None
        return found

    def id_of(self, name: str, number: int) -> str:
        ids = self.ids[name]
        return ids[number] if number < len(ids) else MISSING


@functools.cache
def world() -> World:
    fake = FakeAttio(clock=VirtualClock())
    fake.seed.add_attribute("people", "badge", "number", unique=True)
    fake.seed.add_attribute("people", "handle", "text", unique=True)
    fake.seed.add_list("hires", parent="people")
    companies = [
        fake.seed.add_record("companies", {"name": f"Company {n % 2}", "domains": [f"c{n}.com"]})
        for n in range(4)
    ]
    people = [
        fake.seed.add_record(
            "people",
            {
                "email_addresses": [f"p{n}@c{n % 4}.com", f"q{n}@mail.org"],
                "badge": n,
                "handle": f"h{n}",
                "job_title": f"Job {n % 2}",
            },
        )
        for n in range(6)
    ]
    for person in people[::2]:
        fake.seed.add_entry("hires", person["id"]["record_id"])
    # A merged record is as old as one of the two, and comes last.
    merged = {
        "primary_record_id": companies[0]["id"]["record_id"],
        "secondary_record_id": companies[2]["id"]["record_id"],
    }
    token = {"Authorization": f"Bearer {fake.token}"}
    target = "/v2/objects/companies/records/merge"
    assert fake.handle("POST", target, token, msgspec.json.encode({"data": merged})).status == 200
    ids = {name: [one["id"]["record_id"] for one in fake.records(name)] for name in ("people", "companies")}
    return World(
        fake._state.workspace, {**ids, "hires": [one["id"]["entry_id"] for one in fake.entries("hires")]}
    )


def compared(
    slug: str, name: str, value: Callable[[int], Any], *, has_in: bool = False, main: bool = True
) -> st.SearchStrategy[Filter]:
    """Draw an equality with or without its property, or one of several."""
    operand = NUMBERS.map(value)
    forms = [
        operand.map(lambda one: {slug: {name: {"$eq": one}}}),
        operand.map(lambda one: {slug: {name: one}}),
    ]
    if main:
        forms.append(operand.map(lambda one: {slug: one}))
    if has_in:
        several = st.lists(operand, max_size=3)
        forms.append(several.map(lambda them: {slug: {name: {"$in": them}}}))
        forms.append(
            st.tuples(several, operand).map(lambda both: {slug: {name: {"$in": both[0], "$eq": both[1]}}})
        )
    return st.one_of(forms)


def at(path: list[list[str]], asked: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
    """Draw the same condition about the target of the path."""

    def moved(written: Filter) -> Filter:
        ((slug, constraints),) = written.items()
        whole = constraints if isinstance(constraints, dict) else {"$eq": constraints}
        return {"path": [*path[:-1], [path[-1][0], slug]], "constraints": whole}

    return asked.map(moved)


def ids_of(slug: str, name: str) -> st.SearchStrategy[Filter]:
    return compared(slug, "value", lambda number: world().id_of(name, number), has_in=True)


COMPANY = st.one_of(
    compared("domains", "domain", lambda n: f"C{n}.com"),
    compared("domains", "root_domain", lambda n: f"c{n}.com", main=False),
    compared("name", "value", lambda n: f"Company {n}", has_in=True),
    ids_of("record_id", "companies"),
    st.just({"domains": {"domain": {"$contains": "2"}}}),
)
PERSON = st.one_of(
    compared("email_addresses", "email_address", lambda n: f"P{n}@C{n % 4}.com"),
    compared("email_addresses", "email_domain", lambda n: f"c{n}.com", main=False),
    compared("badge", "value", lambda n: n),
    compared("handle", "value", lambda n: f"h{n}", has_in=True),
    compared("job_title", "value", lambda n: f"Job {n}", has_in=True),
    ids_of("record_id", "people"),
    NUMBERS.map(lambda n: {"badge": {"$gte": n}}),
    compared("company", "target_record_id", lambda n: world().id_of("companies", n), has_in=True, main=False),
    at([["people", "company"], ["companies", ""]], COMPANY),
)
ENTRY = st.one_of(
    ids_of("entry_id", "hires"),
    at([["hires", "parent_record"], ["people", ""]], PERSON.filter(lambda one: "path" not in one)),
    at([["hires", "parent_record"], ["people", "company"], ["companies", ""]], COMPANY),
)


def nested(inner: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
    some = st.lists(inner, max_size=4)
    return st.one_of(
        inner.map(lambda part: {"$not": part}),
        some.map(lambda parts: {"$and": parts}),
        some.map(lambda parts: {"$or": parts}),
        st.tuples(some, some).map(lambda both: {"$or": both[0], "$and": both[1]}),
    )


ANY = st.one_of(
    *(
        st.tuples(st.just(name), st.recursive(leaves, nested, max_leaves=8))
        for name, leaves in (("companies", COMPANY), ("people", PERSON), ("hires", ENTRY))
    )
)


@given(ANY)
@settings(max_examples=examples(300), deadline=None)
def test_an_indexed_query_finds_the_records_of_a_full_scan_in_order(asked: tuple[str, Filter]) -> None:
    name, filter = asked
    workspace, kind = world().workspace, world().kind(name)
    passes = Filters(workspace, kind).read(filter)
    plain: list[FakeRecord] = [record for record in workspace.records(kind) if passes(record)]
    assert FakeQuery(workspace, kind).run(filter, None) == plain


INDEXED: list[tuple[str, Filter, int]] = [
    ("companies", {"$or": [{"domains": {"domain": {"$eq": f"c{n}.com"}}} for n in range(100)]}, 3),
    ("companies", {"$or": [{"domains": "c1.com"}, {"domains": "c9.com"}]}, 1),
    ("people", {"badge": 1, "job_title": "Job 1"}, 1),
    ("people", {"handle": {"$in": ["h1", "h2", "h3", "no"]}}, 3),
    ("people", {"record_id": {"$in": [MISSING]}}, 0),
    ("people", {"$and": [{"job_title": "Job 1"}, {"badge": 2}, {"handle": {"$in": ["h1", "h2"]}}]}, 1),
    ("people", {"company": {"target_object": "companies", "target_record_id": MISSING}}, 0),
    (
        "people",
        {"path": [["people", "company"], ["companies", "domains"]], "constraints": {"$eq": "c1.com"}},
        2,
    ),
    (
        "hires",
        {"path": [["hires", "parent_record"], ["people", "badge"]], "constraints": {"value": 2}},
        1,
    ),
]


def test_an_index_names_few_candidates() -> None:
    for name, filter, count in INDEXED:
        ids = Candidates(world().workspace, world().kind(name)).ids(filter)
        assert ids is not None, filter
        assert len(ids) == count, filter


def test_conditions_without_an_index_have_no_candidates() -> None:
    for filter in (
        {},
        {"job_title": "Job 1"},
        {"badge": {"$gt": 1}},
        {"$not": {"badge": 1}},
        {"$or": [{"badge": 1}, {"job_title": "Job 1"}]},
        {"email_addresses": {"email_domain": "c1.com"}},
    ):
        assert Candidates(world().workspace, world().kind("people")).ids(filter) is None, filter


def test_a_deleted_record_is_not_a_candidate(api, new_id) -> None:
    ids = [new_id("companies", domains=[f"x{n}.com"]) for n in range(3)]
    api("DELETE", f"/v2/objects/companies/records/{ids[1]}")
    answer = api.query("companies", filter={"record_id": {"$in": [ids[2], ids[1], ids[0]]}})
    assert [record["id"]["record_id"] for record in answer.data] == [ids[0], ids[2]]
