"""A sync on the fake against a model: any source, any earlier state, any edits by others, killed anywhere.

After each sync that ended, the owned attributes of every key of the source are equal to the source, what left it is
cleared, deleted, flagged or ignored, and nothing else was changed.
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anyio
import attrs
import pytest
from hypothesis import given, settings, strategies as st
from tests.bulk.support import Killed, KillingTransport, RivalTransport

from attio_async import Attio, RateLimiter
from attio_async.bulk import SyncJob, SyncReport, flag
from attio_async.testing import FakeAttio, VirtualClock

KEYS = [f"k{number}.example.com" for number in range(6)]
OWNED = ("plan", "mrr")

Thing = dict[str, Any]
"""A company: its domains and values by slug."""


def empty_fake() -> FakeAttio:
    fake = FakeAttio(clock=VirtualClock(), latency=0.01)
    fake.seed.add_attribute("companies", "plan", "text")
    fake.seed.add_attribute("companies", "mrr", "number")
    fake.seed.add_attribute("companies", "stale", "checkbox")
    return fake


@attrs.frozen
class Create:
    """Others create a company."""

    key: str
    values: Mapping[str, Any]


@attrs.frozen
class Edit:
    """Others change a company."""

    key: str
    values: Mapping[str, Any]


@attrs.frozen
class Move:
    """Others give a company another domain."""

    key: str
    to: str


@attrs.frozen
class Delete:
    """Others delete a company."""

    key: str


@attrs.frozen
class Step:
    """Edits by others, then a sync: killed at its request number `killed_at`, edited again, and run to its end.

    `between` are edits between the plan and its application, of a further sync before that one. With `has_rival` others
    create the companies of the source at the moment when a sync does.
    """

    edits: list[Create | Edit | Move | Delete]
    source: Mapping[str, Mapping[str, Any]]
    missing: str
    nulls: str
    killed_at: int | None
    carried_out: bool
    later: list[Create | Edit | Move | Delete]
    between: list[Create | Edit | Move | Delete]
    has_rival: bool


keys = st.sampled_from(KEYS)
plans = st.sampled_from(["Pro", "Team", "Hand"])
sizes = st.integers(1, 3)
foreign = st.fixed_dictionaries(
    {}, optional={"plan": plans, "mrr": sizes, "name": plans, "stale": st.booleans()}
)
edits = st.lists(
    st.one_of(
        st.builds(Create, keys, foreign),
        st.builds(Edit, keys, foreign),
        st.builds(Move, keys, keys),
        st.builds(Delete, keys),
    ),
    max_size=3,
)
rows = st.fixed_dictionaries(
    {}, optional={"plan": st.one_of(st.none(), plans), "mrr": st.one_of(st.none(), sizes), "name": plans}
)
steps = st.lists(
    st.builds(
        Step,
        edits=edits,
        source=st.dictionaries(keys, rows),
        missing=st.sampled_from(["ignore", "clear", "delete", "flag"]),
        nulls=st.sampled_from(["skip", "clear"]),
        killed_at=st.one_of(st.none(), st.integers(1, 16)),
        carried_out=st.booleans(),
        later=edits,
        between=edits,
        has_rival=st.booleans(),
    ),
    min_size=1,
    max_size=4,
)


class Model:
    """The sync in plain Python, and the workspace that it is compared with."""

    def __init__(self, fake: FakeAttio, state: Path) -> None:
        self.fake = fake
        self.state = state
        self.attio = fake.client(limiter=RateLimiter(reads=5_000, writes=5_000))
        self.known: set[str] = set()
        self.doubtful: set[str] = set()
        self.created: set[str] = set()
        self.unproven: set[str] = set()
        """Records that a run created which was killed: it may have died before it could note that."""

    async def run(self, step: Step) -> None:
        await self.edit(step.edits)
        if step.killed_at is not None:
            await self.killed(step)
            await self.edit(step.later)
        rival = RivalTransport(self.fake)
        attio = self.fake.client(transport=rival) if step.has_rival else self.attio
        if step.between:
            await self.edited_after_planning(attio, step)
            self.created -= rival.made
        before = await self.things()
        report = await self.sync(attio, step)
        after = await self.things()
        assert (report.failed, report.pending, report.stop_reason) == (0, 0, None)
        self.check(step, before, after)
        self.created -= rival.made
        again = await self.sync(self.attio, step)
        assert again.unchanged == again.total == len(step.source), again

    async def sync(self, attio: Any, step: Step) -> SyncReport:
        return await self.job(attio, step)

    def job(self, attio: Any, step: Step) -> SyncJob:
        source = [{"domains": key, **values} for key, values in step.source.items()]
        return attio.companies.sync_to(
            source,
            match="domains",
            owned=OWNED,
            missing=flag("stale") if step.missing == "flag" else step.missing,
            state=self.state,
            nulls=step.nulls,
            max_missing_ratio=1,
        )

    async def killed(self, step: Step) -> None:
        transport = KillingTransport(self.fake, step.killed_at or 1, carried_out=step.carried_out)
        before = await self.things()
        try:
            await self.sync(self.fake.client(transport=transport), step)
        except Killed:
            after = await self.things()
            gone = {key for id_ in before.keys() - after.keys() for key in before[id_]["domains"]}
            self.doubtful |= step.source.keys() | (self.known & gone)
            self.known -= gone
            self.unproven |= after.keys() - before.keys()
        else:
            after = await self.things()
            self.remember(step, before, after)
            self.created |= after.keys() - before.keys()

    async def edited_after_planning(self, attio: Attio, step: Step) -> None:
        """Check that what others changed after the plan is respected, and that nothing else is written."""
        planned = await self.things()
        async with await self.job(attio, step).plan() as plan:
            assert await self.things() == planned
            await self.edit(step.between)
            before = await self.things()
            report = await plan.apply()
        after = await self.things()
        assert (report.failed, report.pending, report.stop_reason) == (0, 0, None)
        for id_, thing in before.items():
            (key,) = thing["domains"]
            was = planned.get(id_)
            if key in step.source:
                possible: list[Thing | None] = [self.synced(step, key, thing)]
            elif was is None or was["domains"] != [key] or key not in self.known | self.doubtful:
                possible = [thing]
            else:
                own = self.handled(step, id_, thing)
                possible = own if self.handled(step, id_, was) != [was] else [thing]
                possible += [thing] if key in self.doubtful else []
            assert after.get(id_) in possible, (was, thing, after.get(id_))
            if after.get(id_) is None:
                assert id_ in self.created | self.unproven
        have = {key for thing in before.values() for key in thing["domains"]}
        new = {after[id_]["domains"][0] for id_ in after.keys() - before.keys()}
        assert new == step.source.keys() - have
        self.created |= after.keys() - before.keys()
        self.remember(step, planned, after)
        # Of what was deleted or moved meanwhile, some keys are forgotten and some are not, also if others have them now.
        owners = {key: id_ for id_, thing in before.items() for key in thing["domains"]}
        lost = {key for id_, thing in planned.items() for key in thing["domains"] if owners.get(key) != id_}
        self.doubtful |= lost - step.source.keys() - self.known

    async def edit(self, changes: list[Create | Edit | Move | Delete]) -> None:
        for change in changes:
            things = await self.things()
            ids = {key: id_ for id_, thing in things.items() for key in thing["domains"]}
            if isinstance(change, Create):
                if change.key not in ids:
                    await self.attio.companies.create({"domains": change.key, **change.values})
            elif change.key in ids:
                id_ = ids[change.key]
                if isinstance(change, Edit) and change.values:
                    await self.attio.companies.update(id_, change.values)
                elif isinstance(change, Move) and change.to not in ids:
                    await self.attio.companies.update(id_, {"domains": change.to}, multiselect="overwrite")
                elif isinstance(change, Delete):
                    await self.attio.companies.delete(id_)

    async def things(self) -> dict[str, Thing]:
        found = await self.attio.companies.query()
        slugs = ("domains", "plan", "mrr", "name", "stale")
        return {record.id: {slug: record[slug] for slug in slugs} for record in found}

    def check(self, step: Step, before: dict[str, Thing], after: dict[str, Thing]) -> None:
        expected: dict[str, list[Thing | None]] = {}
        for id_, thing in before.items():
            (key,) = thing["domains"]
            if key in step.source:
                expected[id_] = [self.synced(step, key, thing)]
            else:
                expected[id_] = (
                    self.handled(step, id_, thing) if key in self.known | self.doubtful else [thing]
                )
                # What a killed run created has a key that it knows, even if it cannot tell who created it.
                is_left = key in self.doubtful - self.known and id_ not in self.created | self.unproven
                expected[id_] += [thing] if is_left else []
        for id_, possible in expected.items():
            assert after.get(id_) in possible, (before[id_], after.get(id_))
        new = {after[id_]["domains"][0]: after[id_] for id_ in after.keys() - before.keys()}
        have = {key for thing in before.values() for key in thing["domains"]}
        assert new.keys() == step.source.keys() - have
        for key, thing in new.items():
            nothing = {"domains": [key], "plan": None, "mrr": None, "name": None, "stale": None}
            assert thing == self.synced(step, key, nothing)
        self.created |= after.keys() - before.keys()
        self.remember(step, before, after)

    def remember(self, step: Step, before: dict[str, Thing], after: dict[str, Thing]) -> None:
        """Note what a sync that ended knows: the keys of its source, and those that are not forgotten."""
        have = {key for thing in before.values() for key in thing["domains"]}
        gone = {key for id_ in before.keys() - after.keys() for key in before[id_]["domains"]}
        # What no record has is forgotten, unless nothing is done about what left the source.
        lost = (self.known | self.doubtful) - have if step.missing != "ignore" else set[str]()
        self.known = (self.known - gone - lost) | step.source.keys()
        self.doubtful -= gone | lost | step.source.keys()

    def synced(self, step: Step, key: str, thing: Thing) -> Thing:
        wanted = {slug: value for slug, value in step.source[key].items() if slug in OWNED}
        if step.nulls == "skip":
            wanted = {slug: value for slug, value in wanted.items() if value is not None}
        stale = False if step.missing == "flag" and thing["stale"] is True else thing["stale"]
        return {**thing, **wanted, "stale": stale}

    def handled(self, step: Step, id_: str, thing: Thing) -> list[Thing | None]:
        """Return what may become of a record that left the source."""
        if step.missing == "delete" and id_ in self.created:
            return [None]
        if step.missing in {"delete", "clear"}:
            may_be_deleted = step.missing == "delete" and id_ in self.unproven
            return [{**thing, "plan": None, "mrr": None}, *([None] if may_be_deleted else [])]
        return [{**thing, "stale": True} if step.missing == "flag" else thing]


async def run_all(taken: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        model = Model(empty_fake(), Path(folder) / "sync.db")
        for step in taken:
            await model.run(step)


@settings(max_examples=3)
@given(steps)
def test_a_sync_does_what_it_says_and_nothing_else(taken: list[Step]) -> None:
    anyio.run(run_all, taken)


@pytest.mark.full
@pytest.mark.at_length
@pytest.mark.parametrize("part", [0, *(pytest.param(part, marks=pytest.mark.chaos) for part in range(1, 8))])
@settings(max_examples=50)
@given(steps)
def test_a_sync_does_what_it_says_and_nothing_else_at_length(part: int, taken: list[Step]) -> None:
    anyio.run(run_all, taken)
