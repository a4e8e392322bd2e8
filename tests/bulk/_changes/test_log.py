"""The feed equals the log of the workspace, folded over the gaps between two sightings, once each. Time is virtual.

Others write while the feed reads. Of their events 30 % are dropped; the others are doubled, reordered and delayed, some
beyond a sweep. The feed is closed now and then with changes that it was not told to have been handled.
"""

import heapq
import random
from collections import defaultdict
from pathlib import Path
from typing import Any

import attrs
import msgspec
import pytest

import attio_async.bulk._changes.feed as feed_module
import attio_async.bulk._changes.sources as sources_module
from attio_async import Attio
from attio_async.bulk import Change, Changed, Created, Deleted, Merged
from attio_async.testing import FakeAttio, VirtualClock
from attio_async.webhooks import WebhookReceiver, sign

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("anyio_backend", ["asyncio"])]

HEADERS = {"authorization": "Bearer test-token", "content-type": "application/json"}
DROPPED, DOUBLED = 0.3, 0.2
NAMES = {"ships": ("code", "note"), "boats": ("code", "note"), "fleet": ("code",), "notes": ("title",)}
"""The attributes that are written, of each object, list and others. Every value is unique."""


@attrs.define
class Life:
    """A record or another thing in the log: the values that each attribute had, and its end."""

    states: dict[str, list[str]]
    end: str = ""


class Busy(FakeAttio):
    """A workspace in which others write before each request of the feed."""

    chance: random.Random
    edits_per_request = 0.0
    left = 0

    def prepare(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.numbers = 0
        self.lives: dict[tuple[str, str], Life] = {}
        self.alive: dict[str, list[str]] = defaultdict(list)
        self.events: list[tuple[float, int, bytes]] = []
        self.read_alone: list[tuple[str, str, str]] = []
        self.logged = 0
        for name in ("ships", "boats"):
            self.seed.add_object(name, name[:-1].title(), name.title())
            for slug in ("code", "note", "badge"):
                self.seed.add_attribute(name, slug, "text")
        self.seed.add_list("fleet", "Fleet", "ships")
        self.seed.add_attribute("fleet", "code", "text")
        self.changes.subscribe(self._log)

    def handle(self, method: str, target: str, headers: Any, body: bytes) -> Any:
        wanted, self.edits_per_request = self.edits_per_request, 0.0  # not for the requests of others
        count = int(wanted) + (self.chance.random() < wanted % 1)
        for _ in range(min(count, self.left)):
            self.left -= 1
            self.edit()
        answer = super().handle(method, target, headers, body)
        if wanted and answer.status == 200 and method == "GET":
            self._note_read(answer.body)
        self.edits_per_request = wanted
        return answer

    def _note_read(self, body: bytes) -> None:
        """Note what was read by its id: these sightings are certainly told."""
        data = msgspec.json.decode(body).get("data")
        values = data.get("values") or data.get("entry_values") if isinstance(data, dict) else None
        for slug in ("code", "note") if values else ():
            if values.get(slug):
                own = data["id"].get("record_id") or data["id"]["entry_id"]
                self.read_alone.append((own, slug, values[slug][0]["value"]))

    def _log(self, change: Any) -> None:
        self.logged += 1
        chance = self.chance
        if chance.random() < DROPPED:
            return
        body = msgspec.json.encode({"webhook_id": "w", "events": [change.event()]})
        for _ in range(1 + (chance.random() < DOUBLED)):
            late = chance.choice((0, 0, chance.random(), 10 * chance.random(), 1000 * chance.random()))
            heapq.heappush(self.events, (self.clock.time() + late, len(self.events) + self.logged, body))

    def call(self, method: str, path: str, data: Any = None) -> Any:
        body = b"" if data is None else msgspec.json.encode({"data": data})
        answer = super().handle(method, f"/v2/{path}", HEADERS, body)
        assert answer.status == 200, answer.body
        return msgspec.json.decode(answer.body).get("data")

    def value(self) -> str:
        self.numbers += 1
        return f"v{self.numbers}"

    def edit(self) -> None:
        """Create, change, delete or merge something."""
        self.clock.advance(1 + self.chance.random())
        name = self.chance.choice(("ships", "ships", "ships", "boats", "boats", "fleet", "notes"))
        there = self.alive[name]
        kinds = ["update"] * 20 + ["create", "delete"] + (["merge"] if name == "boats" else [])
        kind = self.chance.choice(kinds) if len(there) > 5 else "create"
        if name in {"fleet", "notes"} and not self.alive["ships"]:
            name = "ships"
            kind = "create"
        getattr(self, kind)(name)

    def create(self, name: str) -> None:
        values = {slug: self.value() for slug in NAMES[name]}
        if name == "notes":
            parent = {"parent_object": "ships", "parent_record_id": self.chance.choice(self.alive["ships"])}
            made = self.call("POST", "notes", {**parent, **values, "format": "plaintext", "content": "x"})
            own = made["id"]["note_id"]
        elif name == "fleet":
            parent = {"parent_object": "ships", "parent_record_id": self.chance.choice(self.alive["ships"])}
            made = self.call("POST", "lists/fleet/entries", {**parent, "entry_values": values})
            own = made["id"]["entry_id"]
        else:
            given = {**values, "badge": self.value()}
            made = self.call("POST", f"objects/{name}/records", {"values": given})
            own = made["id"]["record_id"]
        self.lives[name, own] = Life({slug: [value] for slug, value in values.items()})
        self.alive[name].append(own)

    def update(self, name: str) -> None:
        own = self.chance.choice(self.alive[name])
        slug = self.chance.choice(NAMES[name])
        value = self.value()
        if name == "notes":
            self.call("PATCH", f"notes/{own}", {slug: value})
        elif name == "fleet":
            self.call("PATCH", f"lists/fleet/entries/{own}", {"entry_values": {slug: value}})
        else:
            self.call("PATCH", f"objects/{name}/records/{own}", {"values": {slug: value}})
        self.lives[name, own].states[slug].append(value)

    def delete(self, name: str) -> None:
        own = self.alive[name].pop(self.chance.randrange(len(self.alive[name])))
        places = {"notes": f"notes/{own}", "fleet": f"lists/fleet/entries/{own}"}
        self.call("DELETE", places.get(name, f"objects/{name}/records/{own}"))
        self.lives[name, own].end = "deleted"
        for other in ("fleet", "notes"):  # what was on it is gone as well
            for each in self.alive[other] if name == "ships" else ():
                if not self._exists(other, each):
                    self.lives[other, each].end = "deleted"
            self.alive[other] = [each for each in self.alive[other] if not self.lives[other, each].end]

    def _exists(self, name: str, own: str) -> bool:
        path = f"notes/{own}" if name == "notes" else f"lists/fleet/entries/{own}"
        return super().handle("GET", f"/v2/{path}", HEADERS, b"").status == 200

    def merge(self, name: str) -> None:
        first, second = self.chance.sample(self.alive[name], 2)
        data = {"primary_record_id": first, "secondary_record_id": second}
        new = self.call("POST", f"objects/{name}/records/merge", data)["new_record_id"]
        kept = self.lives[name, first]
        self.lives[name, new] = Life({slug: values[-1:] for slug, values in kept.states.items()})
        kept.end, self.lives[name, second].end = f"primary of {new}", f"secondary of {new}"
        self.alive[name] = [own for own in self.alive[name] if own not in {first, second}] + [new]


class Reader:
    """A program that follows the feed, and fails now and then before it confirms."""

    def __init__(self, fake: Busy, file: Path) -> None:
        self.fake = fake
        self.attio: Attio = fake.client()
        self.file = file
        self.told: dict[int, Change] = {}
        self.confirmed: set[int] = set()

    async def run(self, *, may_fail: bool) -> None:
        """Follow one sweep, or a part of it."""
        chance, fake = self.fake.chance, self.fake
        receiver = WebhookReceiver(secret="s", clock=fake.clock)
        feed = self.attio.feed(
            self.file,
            objects=["ships", "boats"],
            lists=["fleet"],
            also=["notes"],
            history=["ships.code"],
            receiver=receiver,
        )
        async with feed:
            async for change in feed:
                assert change.place not in self.confirmed
                self.told[change.place] = change
                if may_fail and chance.random() < 0.003:
                    return
                if chance.random() < 0.8:
                    await change.ack()
                    self.confirmed.add(change.place)
                elif not may_fail or chance.random() < 0.5:
                    await feed.ack_through(change)
                    self.confirmed |= {place for place in self.told if place <= change.place}
                if fake.events and chance.random() < 0.5:
                    await self.deliver(receiver)

    async def deliver(self, receiver: WebhookReceiver) -> None:
        fake = self.fake
        while fake.events and fake.events[0][0] <= fake.clock.time():
            _, number, body = heapq.heappop(fake.events)
            headers = {"attio-signature": sign(body, "s"), "idempotency-key": f"{number}-{len(fake.events)}"}
            assert (await receiver.receive(headers, body)).status in {200, 202}
        await receiver.drain()

    def check(self) -> None:
        """Compare what was told with the log."""
        seen: dict[tuple[str, str], list[Change]] = defaultdict(list)
        for _, change in sorted(self.told.items()):
            if getattr(change, "attribute", "") != "parent_record":
                seen[change.object, change.record_id].append(change)
        born = {own: changes[0].place for (_, own), changes in seen.items()}
        for place, life in self.fake.lives.items():
            changes = seen.pop(place, [])
            if not changes:
                assert life.end, f"{place} was never told"
                continue
            first, *between = changes
            assert isinstance(first, Created)
            assert isinstance(changes[-1], Deleted | Merged) == bool(life.end), (place, life.end)
            if life.end:
                self._check_end(between.pop(), life, born)
            assert all(isinstance(change, Changed) for change in between)
            for slug, states in life.states.items():
                value = first.record[slug] if place[0] != "notes" else getattr(first.record, slug)
                steps = [(each.before, each.after) for each in between if each.attribute == slug]
                self._check_steps(place, slug, states, value, steps, is_over=bool(life.end))
        assert not seen
        told = {
            (change.record_id, change.attribute, change.after)
            for change in self.told.values()
            if isinstance(change, Changed)
        }
        told |= {
            (change.record_id, slug, change.record[slug])
            for change in self.told.values()
            if isinstance(change, Created) and change.object != "notes"
            for slug in NAMES[change.object]
        }
        # A ship may be deleted before its history is read as well, and is then told as it was before.
        ids = {own for (name, own), life in self.fake.lives.items() if not (name == "ships" and life.end)}
        assert {each for each in self.fake.read_alone if each[0] in ids} <= told

    def _check_end(self, change: Change, life: Life, born: dict[str, int]) -> None:
        how, _, new = life.end.partition(" of ")
        successors = [new]
        while " of " in (end := self.fake.lives["boats", successors[-1]].end if new else ""):
            successors.append(end.partition(" of ")[2])
        if how == "deleted":
            assert isinstance(change, Deleted)
        elif isinstance(change, Merged):
            assert change.into in successors
        else:  # nothing of it is in the new record, or that was not seen before
            heirs = successors[:1]
            while (end := self.fake.lives["boats", heirs[-1]].end).startswith("primary of "):
                heirs.append(end.removeprefix("primary of "))
            assert how == "secondary" or all(born.get(own, change.place) >= change.place for own in heirs)

    @staticmethod
    def _check_steps(
        place: tuple[str, str], slug: str, states: list[str], first: str, steps: list[Any], *, is_over: bool
    ) -> None:
        """Check that the steps lead from one state of the log to a later one, each from where the last one ended."""
        at = states.index(first)
        for before, after in steps:
            assert before == states[at], (place, slug)
            to = states.index(after)
            assert to > at, (place, slug)
            if (place[0], slug) == ("ships", "code"):
                assert to == at + 1, (place, slug, states, steps)
            at = to
        if not is_over:
            assert at == len(states) - 1, (place, slug, states, first, steps)
        if (place[0], slug) == ("ships", "code"):
            assert first == states[0]


async def compare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, seed: int, changes: int) -> Busy:
    monkeypatch.setattr(sources_module, "MAX_PAGE_SIZE", 20)
    monkeypatch.setattr(feed_module, "_HINTS_PER_READ", 30)
    fake = Busy(clock=VirtualClock(), seed=seed, keep_calls=10)
    fake.prepare(seed)
    reader = Reader(fake, tmp_path / "feed.db")
    await reader.run(may_fail=False)
    fake.left = changes
    while fake.left:
        fake.edits_per_request = fake.chance.choice((0.5, 3, 10))
        await reader.run(may_fail=True)
    fake.edits_per_request = 0.0
    for _ in range(3):  # the first may be the rest of one that began before
        await reader.run(may_fail=False)
    assert len(reader.told) - len(reader.confirmed) == 0
    reader.check()
    return fake


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.full) for seed in range(1, 2))])
async def test_what_is_told_equals_the_log(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = await compare(tmp_path, monkeypatch, seed=seed, changes=300)
    assert fake.logged >= 300


@pytest.mark.full
@pytest.mark.at_length
@pytest.mark.parametrize("seed", range(10, 30))
async def test_none_of_100000_changes_is_lost(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = await compare(tmp_path, monkeypatch, seed=seed, changes=5_000)
    assert fake.logged >= 5_000
