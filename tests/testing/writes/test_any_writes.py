"""Random sequences of writes, compared with a simple model of the workspace and with the changes it logs."""

from copy import deepcopy
from itertools import pairwise
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.support import examples

from attio_async.testing import FakeAttio, VirtualClock
from attio_async.testing._timestamps import iso_nanoseconds
from attio_async.testing._values.read import same_key
from attio_async.testing._workspace.change_log import LoggedChange
from attio_async.testing._workspace.workspace import Workspace

from .observed import (
    Changes,
    ask,
    body_of,
    made_fake,
    reference,
    seen,
)
from .workspace_model import (
    ENDS,
    RELATIONS,
    UNIQUE,
    Model,
    Relation,
    Row,
    end,
)

EMAILS = ("a@gmail.com", "b@gmail.com", "c@x.com", "d@x.com", "e@y.org")
DOMAINS = ("x.com", "y.org", "z.net")
TITLES = ("Boss", "Clerk")

picks = st.integers(0, 10**6)
keys = {
    "people": st.lists(st.sampled_from(EMAILS), max_size=2, unique=True),
    "companies": st.lists(st.sampled_from(DOMAINS), max_size=2, unique=True),
}
some_emails = st.lists(st.sampled_from(EMAILS), min_size=1, max_size=3, unique=True)
titles = st.sampled_from((None, *TITLES))
ways = st.sampled_from(("PATCH", "PUT"))


EMPTY = made_fake(VirtualClock()).to_json()


class AnyWrites(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.clock = VirtualClock()
        self.fake = FakeAttio.from_json(EMPTY, clock=self.clock)
        self.model = Model()
        self.kept = (self.fake.snapshot(), Model())
        self.logged: list[LoggedChange] = []
        self.fake.changes.subscribe(self.logged.append)
        self.before: dict[str, dict[str, Any]] = {}
        self.silent: set[tuple[str, str]] = set()

    # Writes

    @initialize(some=st.lists(titles, min_size=2, max_size=3))
    def begin(self, some: list[str | None]) -> None:
        """Create records without common values, to relate and to merge."""
        for kind, pool in (("companies", DOMAINS), ("people", EMAILS)):
            for number, title in enumerate(some):
                wanted = [pool[-number]] if number else []
                _, answer = ask(
                    self.fake, "POST", f"/v2/objects/{kind}/records", body_of(kind, wanted, title)
                )
                self.added(kind, answer["data"]["id"]["record_id"], wanted, title)

    @rule(kind=st.sampled_from(sorted(UNIQUE)), data=st.data(), title=titles)
    def create(self, kind: str, data: st.DataObject, title: str | None) -> None:
        wanted = data.draw(keys[kind])
        conflict = self.model.holders(kind, wanted)
        status, answer = ask(self.fake, "POST", f"/v2/objects/{kind}/records", body_of(kind, wanted, title))
        if conflict:
            self.refused(status, answer, "uniqueness_conflict", ())
            return
        self.added(kind, answer["data"]["id"]["record_id"], wanted, title)

    @rule(data=st.data(), title=titles)
    def assert_person(self, data: st.DataObject, title: str | None) -> None:
        wanted = data.draw(some_emails)
        matches = self.model.holders("people", wanted)
        target = "/v2/objects/people/records?matching_attribute=email_addresses"
        status, answer = ask(self.fake, "PUT", target, body_of("people", wanted, title))
        if len(matches) > 1:
            self.refused(status, answer, "multiple_match_results", matches)
            return
        id = answer["data"]["id"]["record_id"]
        if not matches:
            self.added("people", id, wanted, title)
            return
        assert {id} == matches
        row = self.model.rows[id]
        row.keys += [key for key in wanted if key not in row.keys]
        self.model.title(id, title, self.now)
        self.company_follows(id)

    @precondition(lambda self: self.model.rows)
    @rule(pick=picks, way=ways, data=st.data(), title=titles)
    def write(self, pick: int, way: str, data: st.DataObject, title: str | None) -> None:
        id, row = self.picked(pick)
        wanted = data.draw(keys[row.kind])
        conflict = self.model.holders(row.kind, wanted) - {id}
        target = f"/v2/objects/{row.kind}/records/{id}"
        status, answer = ask(self.fake, way, target, body_of(row.kind, wanted, title))
        if conflict:
            self.refused(status, answer, "uniqueness_conflict", ())
            return
        new = [key for key in wanted if way == "PUT" or key not in row.keys]
        row.keys = new if way == "PUT" else [*new, *row.keys]
        if row.kind == "people":
            self.model.title(id, title, self.now)
            self.company_follows(id)

    @precondition(lambda self: self.model.rows)
    @rule(
        pick=picks, other=picks, third=picks, way=ways, which=st.sampled_from(ENDS), count=st.integers(0, 2)
    )
    def relate(
        self, *, pick: int, other: int, third: int, way: str, which: tuple[Relation, int], count: int
    ) -> None:
        relation, side = which
        own, far = end(relation, side), end(relation, 1 - side)
        mine, theirs = self.model.ids(own.kind), self.model.ids(far.kind)
        if not mine or not theirs:
            return
        id = mine[pick % len(mine)]
        targets = list(dict.fromkeys(theirs[one % len(theirs)] for one in (other, third)[:count]))
        targets = targets if own.is_many else targets[:1]
        written = [reference(far.kind, target) for target in targets]
        body = {"data": {"values": {own.slug: written}}}
        status, answer = ask(self.fake, way, f"/v2/objects/{own.kind}/records/{id}", body)
        assert status == 200, answer
        if targets or way == "PUT":
            self.model.relate(relation, side, id, targets, adds=way == "PATCH")

    @precondition(lambda self: self.model.rows)
    @rule(pick=picks)
    def delete(self, pick: int) -> None:
        id, row = self.picked(pick)
        assert ask(self.fake, "DELETE", f"/v2/objects/{row.kind}/records/{id}") == (200, {})
        self.model.delete(id)

    @precondition(lambda self: self.model.rows)
    @rule(pick=picks, other=picks)
    def merge(self, pick: int, other: int) -> None:
        primary, row = self.picked(pick)
        others = [one for one in self.model.ids(row.kind) if one != primary]
        secondary = others[other % len(others)] if others and other % 10 != 9 else primary
        body = {"data": {"primary_record_id": primary, "secondary_record_id": secondary}}
        status, answer = ask(self.fake, "POST", f"/v2/objects/{row.kind}/records/merge", body)
        if primary == secondary:
            self.refused(status, answer, "self_merge", ())
            return
        self.model.merge(answer["data"]["new_record_id"], primary, secondary)

    @precondition(lambda self: self.model.ids("people"))
    @rule(pick=picks, held=st.lists(st.sampled_from(TITLES), min_size=1, max_size=3), is_open=st.booleans())
    def write_history(self, *, pick: int, held: list[str], is_open: bool) -> None:
        people = self.model.ids("people")
        id = people[pick % len(people)]
        days = [f"2025-01-0{day}T00:00:00.000000000Z" for day in range(1, len(held) + 2)]
        past = [*zip(held, days, days[1:], strict=False)]
        if is_open:
            past[-1] = (*past[-1][:2], None)
        values = [{"value": title, "active_from": a, "active_until": b} for title, a, b in past]
        target = f"/v2/objects/people/records/{id}/attributes/job_title/values"
        status, answer = ask(self.fake, "PUT", target, {"data": {"values": values, "replace_history": True}})
        assert status == 200, answer
        self.model.rows[id].titles = list(past)
        self.silent.add((id, "job_title"))

    @precondition(lambda self: self.model.ids("companies"))
    @rule(pick=picks, asserts=st.booleans())
    def enter(self, *, pick: int, asserts: bool) -> None:
        companies = self.model.ids("companies")
        parent = companies[pick % len(companies)]
        body = {"parent_object": "companies", "parent_record_id": parent, "entry_values": {}}
        method = "PUT" if asserts else "POST"
        status, answer = ask(self.fake, method, "/v2/lists/leads/entries", {"data": body})
        there = [entry for entry, about in self.model.entries.items() if about == parent]
        if asserts and len(there) > 1:
            self.refused(status, answer, "multiple_match_results", there)
            return
        entry = answer["data"]["id"]["entry_id"]
        assert (entry in there) is (asserts and bool(there))
        self.model.entries[entry] = parent

    @precondition(lambda self: self.model.entries)
    @rule(pick=picks)
    def leave(self, pick: int) -> None:
        entry = list(self.model.entries)[pick % len(self.model.entries)]
        assert ask(self.fake, "DELETE", f"/v2/lists/leads/entries/{entry}") == (200, {})
        del self.model.entries[entry]

    @rule()
    def tick(self) -> None:
        self.clock.advance(1)

    @rule()
    def keep(self) -> None:
        self.kept = (self.fake.snapshot(), deepcopy(self.model))

    @rule()
    def go_back(self) -> None:
        snapshot, model = self.kept
        self.fake.restore(snapshot)
        self.model = deepcopy(model)
        self.before = seen(self.fake)

    # Invariants

    @invariant()
    def the_workspace_matches_the_model(self) -> None:
        found = seen(self.fake)
        assert found.keys() == self.model.rows.keys()
        for id, row in self.model.rows.items():
            assert found[id][UNIQUE[row.kind]] == row.keys
            assert found[id].get("job_title", []) == [
                title for title, _, until in row.titles if until is None
            ]
        for relation, side in ENDS:
            for id in self.model.ids(end(relation, side).kind):
                ids = found[id][end(relation, side).slug]
                assert len(set(ids)) == len(ids)
                assert set(ids) == self.model.targets(relation, side, id)
        entries = {one["id"]["entry_id"]: one["parent_record_id"] for one in self.fake.entries("leads")}
        assert entries == self.model.entries
        self.every_change_was_logged(found)

    @invariant()
    def the_history_is_consistent(self) -> None:
        data = self.workspace.data
        for slug in UNIQUE:
            kind = data.objects[slug]
            for record in self.workspace.records(kind):
                for name, attribute in kind.attributes.items():
                    past, current = record.history.get(name, []), record.values.get(name, [])
                    assert all(value["active_from"] <= value["active_until"] for value in past)
                    assert all(value["active_until"] is None for value in current)
                    assert len({same_key(attribute.type, value) for value in current}) == len(current)
                    if not attribute.is_multiselect:
                        assert len(current) <= 1
                        self.without_overlap([*past, *current])
        for id in self.model.ids("people"):
            record = self.workspace.record(data.objects["people"], id)
            assert record is not None
            every = [*record.history.get("job_title", []), *record.values.get("job_title", [])]
            spans = [(value["value"], value["active_from"], value["active_until"]) for value in every]
            assert spans == self.model.rows[id].titles

    @invariant()
    def the_indexes_match_those_of_a_new_workspace(self) -> None:
        new = Workspace(self.workspace.data)
        assert {id: held for id, held in self.workspace._owners.items() if held} == new._owners
        assert self.workspace._referrers == new._referrers
        assert self.workspace._entries == new._entries

    # Helpers

    @property
    def now(self) -> str:
        return iso_nanoseconds(self.clock.time())

    @property
    def workspace(self) -> Workspace:
        return self.fake._state.workspace

    def picked(self, pick: int) -> tuple[str, Row]:
        return list(self.model.rows.items())[pick % len(self.model.rows)]

    @staticmethod
    def refused(status: int, answer: Any, code: str, named: Any) -> None:
        assert (status, answer["code"]) == (400, code)
        assert not named or any(id in answer["message"] for id in named)

    def added(self, kind: str, id: str, wanted: list[str], title: str | None) -> None:
        self.model.rows[id] = Row(kind, list(wanted))
        if kind == "people":
            self.model.title(id, title, self.now)
            self.company_follows(id)

    def company_follows(self, person: str) -> None:
        domain = self.model.company_to_be(person)
        if domain is None:
            return
        found = self.model.holders("companies", [domain])
        if not found:
            (new,) = {
                one["id"]["record_id"] for one in self.fake.records("companies")
            } - self.model.rows.keys()
            self.model.rows[new] = Row("companies", [domain])
            found = {new}
        self.model.relate(RELATIONS[0], 0, person, found)

    @staticmethod
    def without_overlap(values: list[dict[str, Any]]) -> None:
        for former, latter in pairwise(values):
            assert former["active_until"] <= latter["active_from"]

    def every_change_was_logged(self, found: dict[str, dict[str, Any]]) -> None:
        changes = Changes.of(self.logged, self.workspace)
        assert changes.made == found.keys() - self.before.keys()
        assert changes.gone == self.before.keys() - found.keys()
        differing = {
            (id, slug)
            for id in found.keys() & self.before.keys()
            for slug in found[id]
            if found[id][slug] != self.before[id][slug]
        }
        lasting = found.keys() & self.before.keys()
        assert {(id, slug) for id, slug in changes.updated if id in lasting} == differing - self.silent
        self.before, self.silent = found, set()
        self.logged.clear()


TestAnyWrites = AnyWrites.TestCase
TestAnyWrites.settings = settings(max_examples=examples(40), stateful_step_count=25, deadline=None)
