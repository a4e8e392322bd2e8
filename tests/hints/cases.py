"""The mistakes that raise each hint, and what it says to do."""
# ruff: noqa: E711, E712 - comparisons with fields make filters

import contextlib
import copy
import functools
import io
import operator
import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import attrs

from attio_async import Attio, AttioPool, F, Filter, HistoricValue, WriteOptions, asc
from attio_async._schema import Attribute, ObjectSchema
from attio_async.bulk import MatchOn, SQLiteJournal, SQLSource
from attio_async.errors import NotFound, UniquenessConflict
from attio_async.models import Company
from attio_async.query import compile_filter
from attio_async.testing import FakeAttio, FixedResponse, VirtualClock
from attio_async.values import ActorRef, Location, Member, Phone, RecordRef, Ref, coerce_values
from attio_async.webhooks import FileSecrets

NAIVE = datetime(2026, 1, 31, 9)  # noqa: DTZ001 - it is what the hint is about
AWARE = datetime(2026, 1, 31, 9, tzinfo=UTC)
PAST = datetime(2020, 1, 31, tzinfo=UTC)
UNKNOWN = "b0a0a0a0-1111-4222-8333-c0c0c0c0c0c0"


_MADE: "list[World]" = []


@attrs.define
class World:
    """A workspace with something of everything."""

    fake: FakeAttio
    attio: Any
    folder: Path
    company: Any = None
    person: Any = None
    entry: Any = None
    member: Any = None
    state: bytes = b""

    @classmethod
    async def create(cls, folder: Path) -> "World":
        """Return a workspace of its own, which is made once and copied."""
        if _MADE:
            (made,) = _MADE
            fake = FakeAttio.from_json(made.state, clock=VirtualClock())
            return attrs.evolve(made, fake=fake, attio=fake.client(), folder=folder)
        fake = FakeAttio(clock=VirtualClock())
        seed = fake.seed
        seed.add_object("things", "Thing", "Things")
        for slug, kind in (("when", "timestamp"), ("day", "date"), ("score", "number"), ("stars", "rating")):
            seed.add_attribute("things", slug, kind)
        for slug, kind in (
            ("note", "text"),
            ("flag", "checkbox"),
            ("mail", "email-address"),
            ("place", "location"),
        ):
            seed.add_attribute("things", slug, kind)
        seed.add_attribute("things", "phone", "phone-number")
        seed.add_attribute("things", "owner", "actor-reference")
        seed.add_attribute("things", "key", "text", unique=True)
        seed.add_attribute("things", "price", "currency")
        seed.add_attribute("things", "web", "domain", multiselect=True)
        seed.add_attribute("things", "about", "record-reference", allowed_objects=["people", "companies"])
        seed.add_list("sales", "Sales", parent="companies")
        world = cls(fake, fake.client(), folder)
        attio = world.attio
        world.company = await attio.companies.create({"name": "Acme", "domains": ["acme.example.com"]})
        world.person = await attio.people.create(
            {"name": "Ada Lovelace", "email_addresses": ["ada@acme.example.com"], "company": world.company}
        )
        world.entry = await attio.entries("sales").create(world.company)
        world.member = (await attio.workspace_members.list())[0]
        world.state = fake.to_json()
        _MADE.append(world)
        return await cls.create(folder)

    @property
    def name(self) -> str:
        return f"{self.member.first_name} {self.member.last_name}"

    def thing(self, **values: Any) -> Any:
        return self.attio.records("things").create(values)

    def things(self, filter: Any) -> Any:
        return self.attio.records("things").query(filter)


async def _deal(w: World, values: dict[str, Any]) -> None:
    deal = await w.attio.deals.create({"name": "D", "stage": "Lead", "owner": w.member})
    await w.attio.deals.update(deal, values)


async def _merge(w: World) -> None:
    other = await w.attio.companies.create({"name": "Other"})
    await w.attio.companies.merge(w.company, other)


async def _task(w: World) -> None:
    task = await w.attio.tasks.create("x")
    assert await w.attio.tasks.get(str(task.id)) == await w.attio.tasks.get(task)


async def _create_first(w: World) -> None:
    await w.attio.companies.create({"domains": ["new.example.com"]})
    await w.attio.notes.create(Ref("companies", domain="new.example.com"), title="t", content="c")


async def _two_of_a_kind(w: World) -> None:
    await w.attio.companies.create({"name": "Acme"})
    await w.attio.notes.create(Ref("companies", name="Acme"), title="t", content="c")


async def _find(w: World, name: Any) -> None:
    (await w.attio.companies.schema()).find(name)


def _path(w: World) -> Path:
    path = w.folder / "a.txt"
    path.write_text("content")
    return path


async def _upload_open(w: World) -> None:
    with _path(w).open("rb") as file:
        await w.attio.files.upload(w.company, file)


async def _stream() -> Any:
    yield b"x"


async def _mixed(w: World) -> None:
    for _ in range(3):
        await w.attio.companies.create({"name": "x"})
    pages = w.attio.companies.query(page_size=2).pages()
    async for _ in pages.items():
        await anext(pages)


async def _journal(w: World, path: Path) -> None:
    async with SQLiteJournal(path) as journal:
        await w.attio.companies.create_many([{"name": "x"}], journal=journal)


async def _changes(w: World, name: str = "changes.db") -> None:
    async with w.attio.feed(w.folder / name, objects=["companies"]) as feed:
        async for change in feed:
            await change.ack()


async def _feed_opened_twice(w: World) -> None:
    async with w.attio.feed(w.folder / "open.db", objects=["companies"]) as feed, feed:
        pass


async def _newer_feed(w: World) -> None:
    await _changes(w, "newer.db")
    with contextlib.closing(sqlite3.connect(w.folder / "newer.db")) as connection:
        connection.execute("PRAGMA user_version = 9")
    await _changes(w, "newer.db")


async def _two_feeds(w: World) -> None:
    await _changes(w, "both.db")
    async with w.attio.feed(w.folder / "both.db", objects={"companies": ["name"]}) as feed:
        async for _ in feed:
            pass


async def _create_twice(w: World) -> None:
    async with await w.attio.companies.create_many([{"domains": "acme.example.com"}]).plan() as plan:
        raise ValueError(await plan.table())


async def _multiple(w: World, path: str) -> None:
    body = {
        "status_code": 400,
        "type": "invalid_request_error",
        "code": "multiple_match_results",
        "message": "x",
    }
    w.fake.fault(FixedResponse(400, body), path=path, times=1)
    await w.attio.companies.upsert({"domains": "acme.example.com"}, match="domains")


async def _in_a_list_twice(w: World) -> None:
    await w.attio.entries("sales").create(w.company)
    await w.attio.entries("sales").upsert(w.company)


async def _row_in_a_list_twice(w: World) -> None:
    await w.attio.entries("sales").create(w.company)
    report = await w.attio.entries("sales").upsert_many([{"parent_record": w.company}])
    raise report.failures[0].error


async def _keep_one(w: World) -> None:
    kept, *others = await w.attio.companies.entries(w.company)
    await w.attio.entries("sales").update(kept, {})
    for other in others:
        await w.attio.entries("sales").delete(other)
    await w.attio.entries("sales").upsert(w.company)


async def _webhook_twice(w: World) -> None:
    for _ in range(2):
        await w.attio.webhooks.create("https://x.example.com/hooks", ["record.created"])


def _with_scopes(w: World, scopes: list[str]) -> Any:
    return w.fake.client(token=w.fake.auth.add_token("t" * 64, scopes))


def _nested(depth: int) -> Filter:
    filter = F.note == "a"
    for number in range(depth):
        filter = ~(filter & (F.note == str(number)))
    return filter


def _flat(count: int) -> Filter:
    return functools.reduce(operator.and_, (F.note != str(number) for number in range(count)))


async def _namesakes(w: World) -> None:
    for number in range(2):
        w.fake.seed.add_member(f"jo{number}@example.com", "Jo", "Doe")
    await w.fake.client().records("things").create({"owner": "Jo Doe"})


async def _resumed(w: World, other: str = "companies") -> None:
    scan = w.attio.companies.scan(page_size=1)
    await anext(aiter(scan))
    await _all(w.attio.records(other).scan(resume=scan.token))


async def _all(scan: Any) -> None:
    async for _ in scan:
        pass


async def _all_ahead(scan: Any) -> None:
    async with scan:
        await _all(scan)


async def _odd_position(w: World) -> None:
    await w.attio.companies.query().page(after="second")


async def _by_its_next(w: World) -> None:
    query = w.attio.companies.query(page_size=1)
    await query.page(after=(await query.page()).next)


async def _of_another_filter(w: World) -> None:
    scan = w.attio.companies.scan(F.name == "A")
    await anext(scan, None)
    await anext(w.attio.companies.scan(F.name == "B", resume=scan.token), None)


async def _of_the_same_filter(w: World) -> None:
    scan = w.attio.companies.scan(F.name == "A")
    await anext(scan, None)
    await anext(w.attio.companies.scan(F.name == "A", resume=scan.token), None)
    await anext(w.attio.companies.scan(F.name == "B"), None)


async def _past_the_end(w: World) -> None:
    query = w.attio.companies.query()
    await query.page(await query.page())


async def _to_the_end(w: World) -> None:
    query = w.attio.companies.query(page_size=1)
    page = await query.page()
    while page.has_more:
        page = await query.page(page)


async def _cursors_to_the_end(w: World, limit: int | None = None) -> None:
    for hour in (9, 10):
        await w.attio.meetings.create(
            title="Call", start=AWARE.replace(hour=hour), end=AWARE.replace(hour=hour + 1)
        )
    meetings = w.attio.meetings.list(limit=limit)
    page = await meetings.page()
    while page.has_more:
        page = await meetings.page(page)


def _bare(w: World) -> Any:
    record = copy.deepcopy(w.company)
    record.describe_by(None)
    return record


def _outdated(w: World) -> Any:
    record = copy.deepcopy(w.company)
    record.describe_by(ObjectSchema("companies", []))
    return record


async def _after_closing(w: World) -> None:
    client = w.fake.client()
    await client.aclose()
    await client.identify()


async def _at_once(w: World, *names: str) -> None:
    first, second = (SQLiteJournal(w.folder / name) for name in names)
    async with first, second:
        for journal in (first, second):
            await w.attio.companies.create_many([{"name": "x"}], journal=journal)


async def missing(call: Any) -> None:
    with contextlib.suppress(NotFound):
        await call


async def _staged(w: World) -> None:
    w.fake.seed.add_attribute("sales", "one", "status", options=["A"])
    w.fake.seed.add_attribute("sales", "two", "status", options=["B"])
    await w.fake.client().entries("sales").update(w.entry, {"one": "A"})


async def _ambiguous(w: World) -> None:
    await w.attio.companies.create({"name": "Acme"})
    report = await w.attio.companies.upsert_many([{"name": "Acme"}], match=MatchOn("name"))
    raise report.failures[0].error


async def _merging(w: World) -> None:
    body = {"status_code": 404, "type": "invalid_request_error", "code": "merge_in_progress", "message": "x"}
    w.fake.fault(FixedResponse(404, body), operation="get_record", times=1)
    await w.attio.companies.get(w.company)


async def _costly(w: World) -> None:
    body = {
        "status_code": 429,
        "type": "rate_limit_error",
        "code": "rate_limit_exceeded",
        "message": "Score too high",
    }
    w.fake.fault(FixedResponse(429, body), path="/v2/objects/companies/records/query", times=50)
    await w.attio.companies.query()


async def _limited(w: World) -> None:
    body = {"status_code": 429, "type": "rate_limit_error", "code": "rate_limit_exceeded", "message": "x"}
    w.fake.fault(FixedResponse(429, body), times=50)
    await w.attio.identify()


def _views(w: World) -> Any:
    for _ in (1, 2):
        w.fake.seed.add_view("companies", "Mine")
    return w.fake.client()


async def _view_by_id(w: World) -> None:
    views = await _views(w).objects.views("companies")
    await w.attio.companies.query(view=str(views[-1].id))


def _twins(w: World) -> Any:
    for number in (1, 2):
        w.fake.seed.add_list(f"twin{number}", "Twins", parent="companies")
    return w.fake.client()


async def _pool(w: World, *, closed: bool = False) -> None:
    async def token(_: str) -> str:
        return "t" * 64

    async with AttioPool(token) as pool:
        if not closed:
            pool.client("acme")
    if closed:
        async with pool.client("acme"):
            pass


async def _conflict(w: World) -> None:
    message = f'The value "x" of attribute "domains" is used by record "{w.company.id}".'
    raise UniquenessConflict(
        message,
        status=400,
        attribute="domains",
        conflicting_record_id=w.company.id,
        path="/v2/objects/companies/records",
    )


class Case(NamedTuple):
    """A mistake that raises an error with a hint, and the advice of the hint; both return what may be awaited."""

    hint: str
    mistake: Callable[[World], Any]
    advice: Callable[[World], Any]


CASES = [
    Case(*case)
    for case in (
        # Values
        (
            "give the address alone",
            lambda w: w.thing(mail="Ada <ada@example.com>"),
            lambda w: w.thing(mail="ada@example.com"),
        ),
        (
            "give one such as 'ada@example.com'",
            lambda w: w.thing(mail="ada"),
            lambda w: w.thing(mail="ada@example.com"),
        ),
        (
            "give the part after the @",
            lambda w: w.thing(web="ada@example.com"),
            lambda w: w.thing(web="example.com"),
        ),
        (
            "give the form that begins with xn--",
            lambda w: w.thing(web="faß.example.com"),
            lambda w: w.thing(web="xn--fa-hia.example.com"),
        ),
        (
            "give one such as 'example.com', or the address of a page on it",
            lambda w: w.thing(web="no domain"),
            lambda w: w.thing(web=["example.com", "https://b.example.com/page"]),
        ),
        (
            "give {}",
            lambda w: w.thing(phone=Phone("020 7946 0123", region="UK")),
            lambda w: w.thing(phone=Phone("020 7946 0123", region="GB")),
        ),
        (
            "give the two letters of ISO 3166-1, such as 'FR'",
            lambda w: w.thing(phone=Phone("020 7946 0123", region="GBR")),
            lambda w: w.thing(phone=Phone("020 7946 0123", region="GB")),
        ),
        (
            "write + and the country's prefix, or give Phone(number, region='GB')",
            lambda w: w.thing(phone="020 7946 0123"),
            lambda w: (w.thing(phone="+44 20 7946 0123"), w.thing(phone=Phone("020 7946 0123", region="GB"))),
        ),
        (
            "give + and 7 to 15 digits, without an extension",
            lambda w: w.thing(phone="+44 20 7946 0123 ext. 5"),
            lambda w: w.thing(phone="+44 20 7946 0123"),
        ),
        (
            "check the digits, and leave out an extension",
            lambda w: w.thing(phone=Phone("1", region="GB")),
            lambda w: w.thing(phone=Phone("020 7946 0123", region="GB")),
        ),
        ("use None for no value", lambda w: w.thing(mail=" "), lambda w: w.thing(mail=None)),
        (
            "give an aware datetime, or set assume_tz to the time zone to assume",
            lambda w: w.thing(when=NAIVE),
            lambda w: (
                w.thing(when=AWARE),
                w.fake.client(write_options=WriteOptions(assume_tz=UTC))
                .records("things")
                .create({"when": NAIVE}),
            ),
        ),
        (
            "write {}; other forms are not guessed",
            lambda w: w.thing(day="31.01.2026"),
            lambda w: w.thing(day="2026-01-31"),
        ),
        ("write {}", lambda w: w.thing(day="2026-02-31"), lambda w: w.thing(day="2026-02-28")),
        (
            "give decimal degrees from -{} to {}",
            lambda w: w.thing(place=Location(locality="Paris", latitude="95")),
            lambda w: w.thing(place=Location(locality="Paris", latitude="48.8")),
        ),
        (
            "leave out thousands separators and write a point before the decimals, as in '1234.5'",
            lambda w: w.thing(score="1.234,5"),
            lambda w: w.thing(score="1234.5"),
        ),
        (
            "give the amount alone, as in '1234.5'",
            lambda w: w.thing(price="EUR 5"),
            lambda w: w.thing(price="1234.5"),
        ),
        ("give a whole number from 0 to 5", lambda w: w.thing(stars=6), lambda w: w.thing(stars=5)),
        (
            "round it, since Attio keeps four",
            lambda w: w.thing(price="1.23456"),
            lambda w: w.thing(price="1.2346"),
        ),
        (
            "give {}, or None for no value",
            lambda w: w.thing(price="TBD"),
            lambda w: (w.thing(price="1234.5"), w.thing(price=None)),
        ),
        (
            "give RecordRef(object, {}), or Ref(object, user_id=...) if it is a key of your own",
            lambda w: w.thing(about=w.company.id),
            lambda w: w.thing(about=RecordRef("companies", w.company.id)),
        ),
        (
            "a text can stand for a company's domain, a person's e-mail address, a user_id or a workspace_id where the attribute refers to that object alone; give {}",
            lambda w: w.thing(about="Acme"),
            lambda w: (
                w.thing(about=w.company),
                w.thing(about=RecordRef("companies", w.company.id)),
                w.thing(about=Ref("companies", domain="acme.example.com")),
                w.thing(about=w.company.web_url),
                w.attio.people.create({"name": "B", "company": "acme.example.com"}),
            ),
        ),
        (
            "give target_object, and target_record_id or one unique attribute of the target",
            lambda w: w.thing(about={"target_object": "companies"}),
            lambda w: (
                w.thing(about={"target_object": "companies", "target_record_id": w.company.id}),
                w.thing(about={"target_object": "companies", "domains": "acme.example.com"}),
            ),
        ),
        (
            "give one of them",
            lambda w: w.thing(about=Ref("companies", domains=["a.example.com", "acme.example.com"])),
            lambda w: w.thing(about=Ref("companies", domains=["acme.example.com"])),
        ),
        (
            "it refers to {}",
            lambda w: w.attio.people.query(F.company == RecordRef("people", w.person.id)),
            lambda w: w.attio.people.query(F.company == RecordRef("companies", w.company.id)),
        ),
        (
            "give the e-mail address instead",
            lambda w: w.thing(owner=ActorRef("workspace-member", "ada")),
            lambda w: w.thing(owner=w.member.email_address),
        ),
        (
            "give the full name, the e-mail address or the id",
            lambda w: w.thing(owner="Nobody"),
            lambda w: (
                w.thing(owner=w.name),
                w.thing(owner=w.member.email_address),
                w.thing(owner=str(w.member.id)),
            ),
        ),
        (
            "only workspace members can",
            lambda w: w.thing(owner=ActorRef("app", UNKNOWN)),
            lambda w: w.thing(owner=w.member),
        ),
        (
            "give True, False, 'true' or 'false'",
            lambda w: w.thing(flag="perhaps"),
            lambda w: (w.thing(flag=True), w.thing(flag=False), w.thing(flag="true"), w.thing(flag="false")),
        ),
        ("shorten it", lambda w: w.thing(note="x" * 11_000_000), lambda w: w.thing(note="x")),
        (
            "remove it, or give several values as a list",
            lambda w: w.thing(web="a.example.com\nb.example.com"),
            lambda w: w.thing(web=["a.example.com", "b.example.com"]),
        ),
        (
            "use {}",
            lambda w: w.thing(place={"town": "Paris"}),
            lambda w: w.thing(place={"locality": "Paris"}),
        ),
        (
            "leave it out of the list, or give None alone for no value",
            lambda w: w.thing(web=["a.example.com", None]),
            lambda w: (w.thing(web=["a.example.com"]), w.thing(web=None)),
        ),
        (
            "leave it out",
            lambda w: w.attio.companies.create({"name": "B", "last_email_interaction": "x"}),
            lambda w: w.attio.companies.create({"name": "B"}),
        ),
        (
            "read the file it comes from with the encoding it was written in",
            lambda w: w.thing(note=b"caf\xe9".decode("ascii", "surrogateescape")),
            lambda w: w.thing(note=b"caf\xe9".decode("latin-1")),
        ),
        # Writes
        (
            "give it a value",
            lambda w: w.attio.deals.create({"name": "D"}),
            lambda w: w.attio.deals.create({"name": "D", "stage": "Lead", "owner": w.member}),
        ),
        (
            "give a value for it",
            lambda w: w.attio.records("things").upsert({"note": "x"}, match="key"),
            lambda w: w.attio.records("things").upsert({"note": "x", "key": "k"}, match="key"),
        ),
        (
            'give None to clear it: {"%s": None}',
            lambda w: w.attio.companies.update(w.company, {"domains": []}),
            lambda w: w.attio.companies.update(w.company, {"domains": None}),
        ),
        (
            "leave it out, or give it a value",
            lambda w: _deal(w, {"stage": None}),
            lambda w: (_deal(w, {"name": "E"}), _deal(w, {"stage": "Lead"})),
        ),
        (
            "keys are attribute slugs",
            lambda w: w.attio.companies.create({5: "x"}),
            lambda w: w.attio.companies.create({"name": "x"}),
        ),
        (
            "the row has more cells than the header",
            lambda w: w.attio.companies.create({"name": "x", None: ["y"]}),
            lambda w: w.attio.companies.create({"name": "x"}),
        ),
        (
            "give it in set",
            lambda w: w.attio.companies.edit(w.company, add={"name": "B"}),
            lambda w: w.attio.companies.edit(w.company, set={"name": "B"}),
        ),
        (
            "nothing to change was given; give set, add, remove or clear",
            lambda w: w.attio.companies.edit(w.company),
            lambda w: (
                w.attio.companies.edit(w.company, set={"name": "B"}),
                w.attio.companies.edit(w.company, add={"domains": "b.example.com"}),
                w.attio.companies.edit(w.company, remove={"domains": "b.example.com"}),
                w.attio.companies.edit(w.company, clear=["description"]),
            ),
        ),
        (
            "{} was given nothing to change; give at least one new value",
            lambda w: w.attio.objects.update("things"),
            lambda w: w.attio.objects.update("things", plural_noun="Stuff"),
        ),
        (
            "replacing a history deletes all earlier values of the attribute; give confirm=True to allow it",
            lambda w: w.attio.companies.replace_history(w.company, "name", [HistoricValue("A", PAST)]),
            lambda w: w.attio.companies.replace_history(
                w.company, "name", [HistoricValue("A", PAST)], confirm=True
            ),
        ),
        (
            "give one HistoricValue for each value",
            lambda w: w.attio.companies.replace_history(
                w.company, "domains", [HistoricValue(["a.example.com", "b.example.com"], PAST)], confirm=True
            ),
            lambda w: w.attio.companies.replace_history(
                w.company,
                "domains",
                [HistoricValue("a.example.com", PAST), HistoricValue("b.example.com", PAST)],
                confirm=True,
            ),
        ),
        (
            "record {} cannot be merged with itself; give two records",
            lambda w: w.attio.companies.merge(w.company, w.company),
            _merge,
        ),
        # Names
        (
            "use attio.{}({}) for it",
            lambda w: w.attio.companies.get(w.person),
            lambda w: w.attio.records("people").get(w.person),
        ),
        (
            "give an id, a Record, or its web_url",
            lambda w: w.attio.companies.get("a/b"),
            lambda w: (
                w.attio.companies.get(w.company.id),
                w.attio.companies.get(w.company),
                w.attio.companies.get(w.company.web_url),
            ),
        ),
        (
            "give a Record, RecordRef(object, record_id) or the record's web_url",
            lambda w: w.attio.notes.list("acme.example.com"),
            lambda w: (
                w.attio.notes.list(w.company),
                w.attio.notes.list(RecordRef("companies", w.company.id)),
                w.attio.notes.list(w.company.web_url),
            ),
        ),
        (
            "give an Entry, or {'list': slug or id, 'entry_id': id}",
            lambda w: w.attio.threads.list(entry="x"),
            lambda w: (
                w.attio.threads.list(entry=w.entry),
                w.attio.threads.list(entry={"list": "sales", "entry_id": w.entry.id}),
            ),
        ),
        (
            "give the full name, the e-mail address or the id of a member",
            lambda w: w.attio.comments.create("x", author="nobody@example.com", record=w.company),
            lambda w: (
                w.attio.comments.create("x", author=w.name, record=w.company),
                w.attio.comments.create("x", author=w.member.email_address, record=w.company),
                w.attio.comments.create("x", author=str(w.member.id), record=w.company),
            ),
        ),
        ("give the id, or what the API returned", lambda w: w.attio.tasks.get(""), _task),
        (
            "create it first",
            lambda w: w.attio.notes.create(
                Ref("companies", domain="new.example.com"), title="t", content="c"
            ),
            _create_first,
        ),
        (
            "give the record or its id",
            _two_of_a_kind,
            lambda w: (
                w.attio.notes.create(w.company, title="t", content="c"),
                w.attio.notes.create(RecordRef("companies", w.company.id), title="t", content="c"),
            ),
        ),
        (
            "{} must be a list, not one {}; write [{}]",
            lambda w: w.attio.companies.get_many(w.company.id),
            lambda w: w.attio.companies.get_many([w.company.id]),
        ),
        (
            "{} has {} items; it must have {}",
            lambda w: w.attio.sequences.unsubscribe([]),
            lambda w: w.attio.sequences.unsubscribe(["ada@acme.example.com"]),
        ),
        (
            "{} has {} characters; the most is {}",
            lambda w: w.attio.tasks.create("x" * 2_001),
            lambda w: w.attio.tasks.create("x" * 2_000),
        ),
        (
            "{} is not the name of an attribute; give its slug, title or id",
            lambda w: _find(w, 5),
            lambda w: (_find(w, "name"), _find(w, "Name")),
        ),
        (
            "parallel needs a block; write async with ...scan(parallel=n) as scan",
            lambda w: _all(w.attio.companies.scan(parallel=2)),
            lambda w: _all_ahead(w.attio.companies.scan(parallel=2)),
        ),
        (
            "filter and view exclude each other, since a view is a saved filter; give one of them",
            lambda w: w.attio.companies.query(F.name == "x", view="All"),
            lambda w: w.attio.companies.query(F.name == "x"),
        ),
        # Resources
        (
            "a comment is on a record, on an entry or in a thread; give one of them",
            lambda w: w.attio.comments.create("x", author=w.member),
            lambda w: (
                w.attio.comments.create("x", author=w.member, record=w.company),
                w.attio.comments.create("x", author=w.member, entry=w.entry),
            ),
        ),
        (
            "threads are on a record or on an entry; give one of them",
            lambda w: w.attio.threads.list(),
            lambda w: (w.attio.threads.list(record=w.company), w.attio.threads.list(entry=w.entry)),
        ),
        (
            "records are of the objects {}; give the records of one object at a time",
            lambda w: w.attio.emails.list(records=[w.company, w.person]),
            lambda w: (w.attio.emails.list(records=[w.company]), w.attio.emails.list(records=[w.person])),
        ),
        (
            "e-mails are listed by whom they are with; give records, participants or a domain",
            lambda w: w.attio.emails.list(),
            lambda w: (
                w.attio.emails.list(records=[w.company]),
                w.attio.emails.list(participants=["ada@acme.example.com"]),
                w.attio.emails.list(domain="acme.example.com"),
            ),
        ),
        (
            "a value of type {} cannot be uploaded; give a path, bytes, an open binary file, an async stream or a function that opens one",
            lambda w: w.attio.files.upload(w.company, 5, name="a"),
            lambda w: (
                w.attio.files.upload(w.company, _path(w)),
                w.attio.files.upload(w.company, b"x", name="a"),
                w.attio.files.upload(w.company, io.BytesIO(b"x"), name="a"),
                w.attio.files.upload(w.company, _stream(), name="a"),
                w.attio.files.upload(w.company, _stream, name="a"),
            ),
        ),
        (
            "the file is open as text; open it in binary mode, as in open(path, 'rb')",
            lambda w: w.attio.files.upload(w.company, io.StringIO("x"), name="a"),
            _upload_open,
        ),
        (
            "the file has no name; give name=",
            lambda w: w.attio.files.upload(w.company, b"x"),
            lambda w: w.attio.files.upload(w.company, b"x", name="a.txt"),
        ),
        (
            "nobody has {} to the list; give it to the workspace or to a member",
            lambda w: w.attio.lists.create(
                "L", api_slug="l", parent_object="people", workspace_access="read-only"
            ),
            lambda w: (
                w.attio.lists.create(
                    "L", api_slug="l1", parent_object="people", workspace_access="full-access"
                ),
                w.attio.lists.create(
                    "L",
                    api_slug="l2",
                    parent_object="people",
                    workspace_access="read-only",
                    workspace_member_access={str(w.member.id): "full-access"},
                ),
            ),
        ),
        (
            "start and end need a time zone; write datetime(..., tzinfo=...)",
            lambda w: w.attio.meetings.create("M", start=NAIVE, end=NAIVE),
            lambda w: w.attio.meetings.create("M", start=AWARE, end=AWARE),
        ),
        (
            "day must be a date, not the datetime {}; write day.date()",
            lambda w: w.attio.tasks.due_on(AWARE),
            lambda w: w.attio.tasks.due_on(AWARE.date()),
        ),
        (
            "{} is not a subscription; give the name of an event, or a dict with its event_type",
            lambda w: w.attio.webhooks.create("https://x.example.com", [5]),
            lambda w: (
                w.attio.webhooks.create("https://x.example.com", ["record.created"]),
                w.attio.webhooks.create(
                    "https://y.example.com", [{"event_type": "record.created", "filter": None}]
                ),
            ),
        ),
        (
            "the SQL query is empty; give a SELECT",
            lambda w: w.attio.sql(" "),
            lambda w: w.attio.sql("SELECT 1 AS one"),
        ),
        (
            "{} is not a valid method; use one of {}",
            lambda w: w.attio.request("LOOK", "/v2/self"),
            lambda w: w.attio.request("GET", "/v2/self"),
        ),
        (
            "{} is not a valid path; it must start with one slash, as '/v2/self' does",
            lambda w: w.attio.request("GET", "v2/self"),
            lambda w: w.attio.request("GET", "/v2/self"),
        ),
        (
            "{} is given in the path and in params; give it once",
            lambda w: w.attio.request("GET", "/v2/notes?limit=5", params={"limit": 6}),
            lambda w: (
                w.attio.request("GET", "/v2/notes?limit=5"),
                w.attio.request("GET", "/v2/notes", params={"limit": 6}),
            ),
        ),
        (
            "items() is in the middle of a page; use either items() or the pages",
            _mixed,
            lambda w: w.attio.companies.query(),
        ),
        # Files and jobs
        (
            "target is a file that is open for text; open it for bytes, with the mode wb",
            lambda w: w.attio.companies.export(io.StringIO(), format="csv"),
            lambda w: w.attio.companies.export(io.BytesIO(), format="csv"),
        ),
        (
            "the folder {} does not exist; create it first",
            lambda w: w.attio.companies.export(w.folder / "new" / "a.csv"),
            lambda w: ((w.folder / "new").mkdir(), w.attio.companies.export(w.folder / "new" / "a.csv")),
        ),
        (
            "{} is not a valid {} ({}); give the path of one, or of a new file",
            lambda w: _journal(w, _path(w)),
            lambda w: _journal(w, w.folder / "new.db"),
        ),
        (
            "an export to an open file cannot be resumed; give a path",
            lambda w: w.attio.companies.export(io.BytesIO(), resume=True),
            lambda w: w.attio.companies.export(w.folder / "a.jsonl", resume=True),
        ),
        (
            "Parquet needs a file of its own; give a path",
            lambda w: w.attio.companies.export(io.BytesIO(), format="parquet"),
            lambda w: w.attio.companies.export(w.folder / "a.parquet"),
        ),
        (
            "{} has the ending of another format; use .jsonl, .csv or .parquet, or give the format",
            lambda w: w.attio.companies.export(w.folder / "a.xlsx"),
            lambda w: (
                w.attio.companies.export(w.folder / "a.jsonl"),
                w.attio.companies.export(w.folder / "a.csv"),
                w.attio.companies.export(w.folder / "a.xlsx", format="csv"),
            ),
        ),
        (
            "a job without rows needs a journal that holds them; give it rows or a journal",
            lambda w: w.attio.companies.create_many(None),
            lambda w: w.attio.companies.create_many([{"name": "x"}]),
        ),
        (
            "the feed is not open; confirm its changes inside its `async with` or while you iterate",
            lambda w: w.attio.feed(w.folder / "s.db", objects=["companies"]).ack(),
            _changes,
        ),
        (
            "a feed needs something to follow; give objects, lists or also",
            lambda w: w.attio.feed(w.folder / "s.db"),
            _changes,
        ),
        (
            "comments are found on the records and entries of the feed; give objects or lists, too",
            lambda w: w.attio.feed(w.folder / "s.db", also=["comments"]),
            lambda w: w.attio.feed(w.folder / "s.db", also=["comments"], objects=["companies"]),
        ),
        (
            "history has {}; write an object or list of the feed, a dot and an attribute, such as 'deals.stage'",
            lambda w: w.attio.feed(w.folder / "s.db", objects=["companies"], history=["name"]),
            lambda w: w.attio.feed(w.folder / "s.db", objects=["companies"], history=["companies.name"]),
        ),
        (
            "this feed is already open; make another one, with a file of its own",
            _feed_opened_twice,
            _changes,
        ),
        (
            "this {} has the format {}, and this version of attio-async reads {}; use the version that wrote it, or a new file",
            _newer_feed,
            _changes,
        ),
        (
            "{} is about other records: the {}; give each its own file",
            _two_feeds,
            _changes,
        ),
        (
            "upsert it instead",
            _create_twice,
            lambda w: w.attio.companies.upsert_many([{"domains": "acme.example.com"}], match="domains"),
        ),
        # Answers
        (
            "merge the duplicates, or match on another attribute",
            lambda w: _multiple(w, "/v2/objects/companies/records"),
            _merge,
        ),
        (
            "the record is in the list more than once: update one of its entries by id, and delete the others",
            _in_a_list_twice,
            _keep_one,
        ),
        (
            "write the record that is referred to first; a job does so with create_references=True",
            lambda w: w.attio.people.create({"name": "B", "company": RecordRef("companies", UNKNOWN)}),
            lambda w: (
                w.attio.companies.create({"name": "New"}),
                w.attio.people.create_many(
                    [{"name": "C", "company": "new.example.com"}], create_references=True
                ),
            ),
        ),
        (
            "{} updates the record that has the value",
            lambda w: w.attio.companies.create({"domains": "acme.example.com"}),
            lambda w: w.attio.companies.upsert(
                {"domains": "acme.example.com", "description": "d"}, match="domains"
            ),
        ),
        (
            "a webhook has this URL, event type and filter already: use webhooks.ensure(), or update that one",
            _webhook_twice,
            lambda w: w.attio.webhooks.ensure(
                "https://x.example.com/hooks", ["record.created"], secrets=FileSecrets(w.folder / "secrets")
            ),
        ),
        (
            "{}; {}: add {}",
            lambda w: _with_scopes(w, ["object_configuration:read"]).notes.list(),
            lambda w: _with_scopes(
                w, ["note:read", "object_configuration:read", "record_permission:read"]
            ).notes.list(),
        ),
        # Filters
        (
            "give + and digits alone",
            lambda w: w.things(F.phone.contains("+44 x")),
            lambda w: w.things(F.phone.contains("+44 20")),
        ),
        (
            "give a date, or year, month and day: '2023-11-24'",
            lambda w: w.things(F.day == "24.11.2023"),
            lambda w: (w.things(F.day == date(2023, 11, 24)), w.things(F.day == "2023-11-24")),
        ),
        (
            "give an aware datetime, such as datetime(2023, 11, 24, tzinfo=UTC), a date, or '2023-11-24T00:00:00Z'",
            lambda w: w.things(F.when > "yesterday"),
            lambda w: (
                w.things(F.when > AWARE),
                w.things(F.when > date(2023, 11, 24)),
                w.things(F.when > "2023-11-24T00:00:00Z"),
            ),
        ),
        (
            "use {}{}; Filter.raw({...}) is sent unchecked",
            lambda w: w.things(F.note > "a"),
            lambda w: (w.things(F.note == "a"), w.things(F.note.in_("a")), w.things(F.note.contains("a"))),
        ),
        (
            "{} nests & | ~ {} levels deep, more than {}; join the conditions that belong together on one level",
            lambda w: w.things(_nested(102)),
            lambda w: w.things(_flat(102)),
        ),
        (
            "{}: entries cannot be sorted by a whole record; name one of its attributes",
            lambda w: w.attio.entries("sales").query(sorts=asc(F.parent_record)),
            lambda w: w.attio.entries("sales").query(sorts=asc(F.parent_record.name)),
        ),
        (
            "compare a part of it, such as {}",
            lambda w: w.attio.people.query(F.company > "a"),
            lambda w: w.attio.people.query(F.company.target_record_id == w.company.id),
        ),
        (
            "name one: {}",
            lambda w: w.things(F.place == "Paris"),
            lambda w: w.things(F.place.locality == "Paris"),
        ),
        (
            "use {}.is_empty() or {}.not_empty()",
            lambda w: w.things(F.web == None),
            lambda w: (w.things(F.web.is_empty()), w.things(F.web.not_empty())),
        ),
        (
            "{}: an actor is found by type and id together; compare the attribute itself with ActorRef('workspace-member', id)",
            lambda w: w.things(F.owner.referenced_actor_id == str(w.member.id)),
            lambda w: w.things(F.owner == ActorRef("workspace-member", str(w.member.id))),
        ),
        (
            "give some of {}",
            lambda w: w.things(F.place == Location(latitude="48.8")),
            lambda w: w.things(F.place == Location(locality="Paris")),
        ),
        (
            "{}.in_() has no values and would match nothing; give at least one, or send no query",
            lambda w: F.note.in_(),
            lambda w: w.things(F.note.in_("a")),
        ),
        (
            "{}.{}('') would match every text; give at least one character",
            lambda w: F.note.contains(""),
            lambda w: w.things(F.note.contains("a")),
        ),
        (
            "{} is a field, which is neither true nor false; compare it, as in {} == True",
            lambda w: bool(F.flag),
            lambda w: w.things(F.flag == True),
        ),
        (
            "{} {} {}: Attio compares fields with values, not with other fields or filters; put each comparison around & and | in parentheses",
            lambda w: F.note == F.key,
            lambda w: w.things((F.note == "a") & (F.key == "b")),
        ),
        (
            "{} is a whole record; name one of its attributes, such as {}.name",
            lambda w: F.about.via("people") == 1,
            lambda w: w.things(F.about.via("people").name == "Ada Lovelace"),
        ),
        (
            "`in` cannot make a filter; write {}.contains({})",
            lambda w: "a" in F.note,
            lambda w: w.things(F.note.contains("a")),
        ),
        (
            "& and | bind closer than comparisons, so {} is joined with {}; put each comparison in parentheses: (F.value > 500) & (F.stage == 'Lead')",
            lambda w: F.score > 500 & F.note,
            lambda w: w.attio.deals.query((F.value > 500) & (F.stage == "Lead")),
        ),
        (
            "~ negates a filter; compare {} first, as in ~({} == True)",
            lambda w: ~F.flag,
            lambda w: w.things(~(F.flag == True)),
        ),
        (
            "{} is not a filter; compare fields, such as F.name == 'Acme', or give a dict in Attio's own form",
            lambda w: w.things("note"),
            lambda w: (w.attio.companies.query(F.name == "Acme"), w.attio.companies.query({"name": "Acme"})),
        ),
        (
            "{} is a filter, which is neither true nor false here; combine filters with & | ~ instead of and, or, not, each comparison in parentheses, write F.value.between(1, 5) instead of 1 <= F.value < 5, and F.value.in_(1, 5) instead of `in`",
            lambda w: (F.note == "a") and (F.key == "b"),
            lambda w: (
                w.things((F.note == "a") & (F.key == "b")),
                w.attio.deals.query(F.value.between(1, 5)),
                w.attio.deals.query(F.value.in_(1, 5)),
            ),
        ),
        (
            "give RecordRef(object, {})",
            lambda w: w.things(F.about == w.company.id),
            lambda w: w.things(F.about == RecordRef("companies", w.company.id)),
        ),
        (
            "give {}, or compare an attribute of the record: .via({}){}",
            lambda w: w.attio.people.query(F.company == "Acme"),
            lambda w: (
                w.attio.people.query(F.company == w.company),
                w.attio.people.query(F.company == RecordRef("companies", w.company.id)),
                w.attio.people.query(F.company == Ref("companies", domain="acme.example.com")),
                w.attio.people.query(F.company == w.company.web_url),
                w.attio.people.query(F.company.via("companies").domains == "example.com"),
            ),
        ),
        (
            "give ActorRef('workspace-member', id)",
            lambda w: w.things(F.owner == ActorRef(None, str(w.member.id))),
            lambda w: w.things(F.owner == ActorRef("workspace-member", str(w.member.id))),
        ),
        (
            "name the object: .via({}).{}, for example",
            lambda w: w.things(F.about.name == "x"),
            lambda w: w.things(F.about.via("people").name == "x"),
        ),
        (
            "{} is not a sort; say in which direction: asc({}) or desc({})",
            lambda w: w.attio.companies.query(sorts="name"),
            lambda w: w.attio.companies.query(sorts=asc("name")),
        ),
        (
            "give its slug or id as `source`, or give its schema",
            lambda w: compile_filter(F.company.via("companies").name == "x"),
            lambda w: compile_filter(F.company.via("companies").name == "x", source="people"),
        ),
        (
            "name it, as in .via('people').{}",
            lambda w: compile_filter(F.parent_record.name == "x", source="sales"),
            lambda w: compile_filter(F.parent_record.via("people").name == "x", source="sales"),
        ),
        (
            "if {} refers to records, name their object: .via('people').{}, for example",
            lambda w: compile_filter(F.company.zzz == "x", source="people"),
            lambda w: compile_filter(F.company.via("people").zzz == "x", source="people"),
        ),
        (
            "give the member's id",
            lambda w: compile_filter(F.owner == Member("Ada")),
            lambda w: compile_filter(F.owner == Member(UNKNOWN)),
        ),
        # More arguments
        (
            "give an e-mail address, an id or a WorkspaceMember",
            lambda w: w.attio.tasks.list(assignee=[]),
            lambda w: (
                w.attio.tasks.list(assignee=w.member.email_address),
                w.attio.tasks.list(assignee=str(w.member.id)),
                w.attio.tasks.list(assignee=w.member),
            ),
        ),
        (
            "give a datetime with a time zone",
            lambda w: w.attio.tasks.create("x", deadline_at=[]),
            lambda w: w.attio.tasks.create("x", deadline_at=AWARE),
        ),
        (
            "give the record or member, or its id",
            lambda w: w.attio.people.edit(w.person, remove={"company": "acme.example.com"}),
            lambda w: (
                w.attio.people.edit(w.person, remove={"company": w.company}),
                w.attio.people.edit(w.person, remove={"company": w.company.id}),
            ),
        ),
        (
            "give the e-mail address or the id",
            _namesakes,
            lambda w: (w.thing(owner=w.member.email_address), w.thing(owner=str(w.member.id))),
        ),
        (
            "give one of these",
            lambda w: coerce_values(
                {"owner": Member("Ada")}, {"owner": Attribute("owner", type="actor-reference")}
            ),
            lambda w: (
                coerce_values(
                    {"owner": Member("ada@example.com")},
                    {"owner": Attribute("owner", type="actor-reference")},
                ),
                coerce_values(
                    {"owner": Member(UNKNOWN)}, {"owner": Attribute("owner", type="actor-reference")}
                ),
            ),
        ),
        (
            "resume is not a valid token; give the token of an earlier scan",
            lambda w: _all(w.attio.companies.scan(resume="x")),
            _resumed,
        ),
        (
            "the token is of a scan of {}; resume {} with a token of its own",
            lambda w: _resumed(w, "people"),
            _resumed,
        ),
        (
            "limit cuts this page in its middle, where no cursor begins; leave limit out",
            lambda w: _cursors_to_the_end(w, limit=1),
            _cursors_to_the_end,
        ),
        (
            "no page follows the last one; check has_more first",
            _past_the_end,
            _to_the_end,
        ),
        (
            "follow changes with attio.feed()",
            lambda w: w.attio.companies.first(F.updated_at > AWARE),
            _changes,
        ),
        (
            "{} is not the position of a page; give an earlier page of this query, or its next",
            _odd_position,
            _by_its_next,
        ),
        (
            "the token is of a scan with another filter or view; give the same one, or leave resume out",
            _of_another_filter,
            _of_the_same_filter,
        ),
        (
            "these results have no ids; collect() returns the results themselves",
            lambda w: w.attio.objects.list().ids(),
            lambda w: w.attio.objects.list().collect(),
        ),
        ("{}; did you mean {}?", lambda w: w.company["nmae"], lambda w: w.company["name"]),
        (
            "the attributes could not be read, so {} may hold one value or many; use .first({}) or .all({})",
            lambda w: _bare(w)["name"],
            lambda w: (_bare(w).first("name"), _bare(w).all("name")),
        ),
        (
            "{} is newer than the schema; use .first({}) or .all({})",
            lambda w: _outdated(w)["name"],
            lambda w: (_outdated(w).first("name"), _outdated(w).all("name")),
        ),
        (
            "{} is not a method; {}",
            lambda w: F.name.contians("x"),
            lambda w: w.attio.companies.query(F.name.contains("x")),
        ),
        (
            "unknown option {}; the options are {}",
            lambda w: w.attio.with_options(time_out=5),
            lambda w: w.attio.with_options(timeout=5),
        ),
        (
            "unknown backend {}; use {}",
            lambda w: Attio(token="t" * 64, backend="curl"),
            lambda w: Attio(token="t" * 64, backend="httpx"),
        ),
        (
            "the access token has characters that tokens never have; check that only the token was copied",
            lambda w: Attio(token="Bearer " + "t" * 64),
            lambda w: Attio(token="t" * 64),
        ),
        (
            "this client is closed; create another one",
            _after_closing,
            lambda w: w.fake.client().identify(),
        ),
        (
            "{} is in use by another process; give each process a file of its own",
            lambda w: _at_once(w, "a.db", "a.db"),
            lambda w: _at_once(w, "a.db", "b.db"),
        ),
        (
            "a recording that is given by its id needs its meeting; give meeting=",
            lambda w: w.attio.call_recordings.get(UNKNOWN),
            lambda w: missing(w.attio.call_recordings.get(UNKNOWN, meeting=UNKNOWN)),
        ),
        (
            "{} has {}; name the attribute to set with update()",
            lambda w: w.attio.entries("sales").move(w.entry, "Lead"),
            _staged,
        ),
        ("merge them, or match on another attribute", _ambiguous, _merge),
        ("keep one of the entries, and delete the others", _row_in_a_list_twice, _keep_one),
        ("retry in a moment", _merging, _merge),
        (
            "check the token in Attio: Workspace settings > Developers > Access tokens, or that its app is still installed",
            lambda w: w.fake.client(token="x" * 64).identify(),
            lambda w: w.attio.identify(),
        ),
        (
            "simplify the query: fewer conditions, fewer steps through references, smaller pages",
            _costly,
            lambda w: w.attio.companies.query(page_size=1),
        ),
        ("{} was hit{}", _limited, lambda w: w.attio.identify()),
        (
            "{} views of {} are called {}: {}; give the id of one",
            lambda w: _views(w).companies.query(view="Mine"),
            _view_by_id,
        ),
        (
            "{} {} are called {}: {}; give the slug of one",
            lambda w: _twins(w).entries("Twins").query(),
            lambda w: _twins(w).entries("twin1").query(),
        ),
        ("this pool is closed; create another one", lambda w: _pool(w, closed=True), _pool),
        (
            "the file has {} bytes; Attio accepts at most 50 MB ({} bytes)",
            lambda w: w.attio.files.upload(w.company, b"x" * 52_428_801, name="a"),
            lambda w: w.attio.files.upload(w.company, b"x" * 1_000, name="a"),
        ),
        (
            "a call recording needs a video_url, a transcript or both; none was given",
            lambda w: w.attio.call_recordings.create(UNKNOWN),
            lambda w: missing(w.attio.call_recordings.create(UNKNOWN, video_url="https://x.example.com/v")),
        ),
        (
            "record {} has the value: update that one, or {}",
            _conflict,
            lambda w: w.attio.companies.upsert({"domains": "acme.example.com"}, match="domains"),
        ),
        (
            "{} is not a model; give a class of attio_async.models, or one that `attio-async models pull` made",
            lambda w: w.attio.of(World),
            lambda w: w.attio.of(Company).first(),
        ),
        (
            "the source is not a valid connection string; give postgresql://, sqlite:///, duckdb:/// or the path of a database",
            lambda w: SQLSource("mysql://x.example.com/db", "SELECT 1"),
            lambda w: SQLSource("sqlite:///a.db", "SELECT 1"),
        ),
    )
]


class Command(NamedTuple):
    """The arguments of a command that fails with a hint, and of those that follow it; files are in the folder."""

    hint: str
    mistake: str
    advice: tuple[str, ...]


WS = "--embedded ws.json"
COMPANIES = f"--object companies --match domains {WS}"
COMMANDS = [
    Command(*command)
    for command in (
        (
            "a new record has nothing to add to, remove from or clear; write SLUG=VALUE",
            f"create companies domains+=b.example.com {WS}",
            (f"create companies domains=b.example.com {WS}",),
        ),
        (
            "{} is null, which is not a valid body; leave --json-body out",
            f"api GET /v2/self --json-body null {WS}",
            (f"api GET /v2/self {WS}",),
        ),
        (
            "{} needs a file; give --out FILE",
            f"export companies --resume {WS}",
            (f"export companies --resume --out a.jsonl {WS}",),
        ),
        (
            "{} exists and was not made by `models pull`; choose another file or remove it",
            f"models pull --out rows.csv {WS}",
            (f"models pull --out crm.py {WS}",),
        ),
        (
            "--due {} is not a day; write today, tomorrow, friday, 2030-01-31 or 2030-01-31T09:30",
            f"task create x --due someday {WS}",
            tuple(
                f"task create x --due {day} {WS}"
                for day in ("today", "tomorrow", "friday", "2030-01-31", "2030-01-31T09:30")
            ),
        ),
        (
            "{} is a list; give the record with --parent, such as companies/example.com",
            f"create sales {WS}",
            (f"create sales --parent companies/acme.example.com {WS}",),
        ),
        (
            "the filter is given twice, as an argument and with --filter; join the two with &",
            f"query companies F.name=='a' --filter F.name=='b' {WS}",
            (f"query companies (F.name=='a')&(F.name=='b') {WS}",),
        ),
        (
            "--parent-match belongs to --list; entries are found by their parent records",
            f"import rows.csv --parent-match domains {COMPANIES}",
            (f"import parents.csv --list sales --parent-match domains {WS}",),
        ),
        (
            "no object or list is given; give --object once per file, or --list",
            f"import rows.csv --match domains {WS}",
            (f"import rows.csv {COMPANIES}", f"import parents.csv --list sales --parent-match domains {WS}"),
        ),
        (
            "{}; --resume needs --journal FILE with a file that exists",
            f"import rows.csv --resume {COMPANIES}",
            (
                f"import rows.csv --journal j.db {COMPANIES}",
                f"import rows.csv --journal j.db --resume {COMPANIES}",
            ),
        ),
        (
            "{}: the format {} cannot be written; use {} or {}, or give --format",
            f"export companies -o a.xlsx {WS}",
            (f"export companies -o a.csv {WS}", f"export companies -o a.xlsx --format csv {WS}"),
        ),
        (
            "{} exists; give --force to replace it",
            f"export companies -o rows.csv {WS}",
            (f"export companies -o rows.csv --force {WS}",),
        ),
        (
            "Parquet needs a file; give --out FILE",
            f"query companies --format parquet {WS}",
            (f"query companies --format parquet --out a.parquet {WS}",),
        ),
        (
            "only records and entries can be written as Parquet; choose another --format",
            f"objects --format parquet --out a.parquet {WS}",
            (f"objects --format csv --out a.csv {WS}",),
        ),
        (
            "nothing was done; give --yes to go ahead without being asked",
            f"delete companies/acme.example.com {WS}",
            (f"delete companies/acme.example.com --yes {WS}",),
        ),
        ("; did you mean {}?", f"query compnies {WS}", (f"query companies {WS}",)),
        (
            "{} is a list; give a record, such as companies/example.com",
            f"note list sales/{UNKNOWN} {WS}",
            (f"note list companies/acme.example.com {WS}",),
        ),
        (
            "--columns: unknown column {}; choose from {}",
            f"objects --columns nonsense {WS}",
            (f"objects --columns api_slug {WS}",),
        ),
        (
            "give either --create or --update; without both, rows are updated or created",
            f"import rows.csv --create --update {COMPANIES}",
            (f"import rows.csv {COMPANIES}", f"import rows.csv --update {COMPANIES}"),
        ),
        (
            "unknown profile {}; known profiles: {}. Run: attio-async login {}",
            "whoami --profile nobody",
            (f"whoami {WS}",),
        ),
        (
            "; the file has {}",
            f"import rows.csv --map zzz=name {COMPANIES}",
            (f"import rows.csv --map name=name {COMPANIES}",),
        ),
        (
            "unknown encoding {}; give one such as 'utf-8' or 'cp1252'",
            f"import rows.csv --encoding utf-99 {COMPANIES}",
            (
                f"import rows.csv --encoding utf-8 {COMPANIES}",
                f"import rows.csv --encoding cp1252 {COMPANIES}",
            ),
        ),
        (
            "; leave one out, as with --skip {}",
            f"import twice.csv --map firm=name {COMPANIES}",
            (f"import twice.csv --skip firm {COMPANIES}",),
        ),
        (
            "{}: {}; name it in the header",
            f"import nameless.csv {COMPANIES}",
            (f"import rows.csv {COMPANIES}",),
        ),
        (
            "{}: the quote that opens on line {} is not closed in its place ({}), so the start of the next row is unclear; inside quotes, write a quote twice",
            f"import quote.csv {COMPANIES}",
            (f"import quotes.csv {COMPANIES}",),
        ),
        (
            "{}: line {} is not {}: {}; correct the line, or state another encoding with --encoding",
            f"import latin.csv --encoding utf-8 {COMPANIES}",
            (f"import latin.csv --encoding cp1252 {COMPANIES}",),
        ),
        (
            "{}: line {} is not UTF-8, and the file has characters of UTF-8: {}; correct the line, or state the encoding with --encoding",
            f"import mixed.csv {COMPANIES}",
            (f"import mixed.csv --encoding cp1252 {COMPANIES}",),
        ),
        (
            "{}: line {} has bytes that are neither UTF-8 nor Windows-1252; state the encoding with --encoding",
            f"import dos.csv {COMPANIES}",
            (f"import dos.csv --encoding cp850 {COMPANIES}",),
        ),
        (
            "{} is not {} ({}); state another encoding with --encoding",
            f"import rows.csv --encoding utf-16 {COMPANIES}",
            (f"import rows.csv --encoding utf-8 {COMPANIES}",),
        ),
        (
            "unknown time zone {}; give one such as 'Europe/London' or 'UTC'",
            f"import rows.csv --timezone Paris {COMPANIES}",
            (f"import rows.csv --timezone Europe/London {COMPANIES}",),
        ),
        (
            "unknown region {}; give two letters of ISO 3166-1, such as 'GB'",
            f"import rows.csv --region Europe {COMPANIES}",
            (f"import rows.csv --region GB {COMPANIES}",),
        ),
        (
            "--parent-match: no column maps to {} of {}; the file has {}",
            f"import nouns.csv --list sales --parent-match domains {WS}",
            (f"import parents.csv --list sales --parent-match domains {WS}",),
        ),
        (
            "--match: the attribute {} is not unique; {}. To match on it by reading first, add --on-ambiguous error, first or skip",
            f"import rows.csv --object companies --match name {WS}",
            (
                f"import rows.csv --object companies --match name --on-ambiguous error {WS}",
                f"import more.csv {COMPANIES}",
            ),
        ),
        ("{} has other files; give --out FOLDER, or remove it", "demo --out .", ("demo --out folder",)),
        ("--out is for the report of --conformance; give both", "doctor --out a.md", ()),
        ("{} is not an assignment; {}", f"create companies name {WS}", (f"create companies name=B {WS}",)),
        ("{} has no value; {}", f"create companies name+= {WS}", (f"create companies name=B {WS}",)),
    )
]
