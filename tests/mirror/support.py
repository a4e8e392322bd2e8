"""A workspace that changes at random, and what a mirror of it must have."""

import contextlib
import json
import random
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import duckdb

from attio_async import Attio
from attio_async.errors import AttioError
from attio_async.mirror._tables import resource_row, resource_table, row_of, table_of
from attio_async.testing import FakeAttio, VirtualClock

LIST = "sales"


def workspace(**options: Any) -> FakeAttio:
    """Return a workspace with records, entries, notes and tasks."""
    fake = FakeAttio(**options)
    fake.seed.add_list(LIST, "Sales", parent="companies")
    fake.seed.add_attribute("companies", "score", "number")
    fake.seed.add_attribute("companies", "tags", "select", multiselect=True, options=["a", "b", "c"])
    fake.seed.add_attribute(LIST, "stage", "status", options=["Open", "Won", "Lost"])
    for number in range(12):
        company = fake.seed.add_record("companies", {"name": f"C{number}", "score": number})
        if number % 2:
            fake.seed.add_entry(LIST, company["id"]["record_id"], {"stage": "Open"})
        fake.seed.add_record(
            "people", {"name": f"P{number} Q", "email_addresses": [f"p{number}@example.com"]}
        )
    return fake


async def state_of(attio: Attio) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the rows of all tables as the workspace has them now, by table and id."""
    objects = {each.api_slug: str(each.id) for each in await attio.objects.list()}
    found: dict[str, dict[str, dict[str, Any]]] = {}

    def add(table: Any, row: Any) -> None:
        names = [column.name for column in table.columns]
        found[f"{table.schema}.{table.name}"][row[0]] = dict(zip(names, row, strict=True))

    for target, names in (
        ("objects", list(objects)),
        ("lists", [str(each.api_slug) for each in await attio.lists.list()]),
    ):
        for name in names:
            schema = await attio.schema(name, target=target)  # type: ignore[arg-type]
            table = table_of(schema, target, name, objects)  # type: ignore[arg-type]
            found[f"{target}.{name}"] = {}
            rows = attio.records(name) if target == "objects" else attio.entries(name)
            async for record in rows.query():  # type: ignore[attr-defined]
                add(table, row_of(record, table))
    lists: dict[str, Any] = {
        "members": attio.workspace_members.list(),
        "notes": attio.notes.list(),
        "tasks": attio.tasks.list(),
        "meetings": attio.meetings.list(),
    }
    for name, items in lists.items():
        table = resource_table(name, objects)
        found[f"mirror.{name}"] = {}
        async for item in items:
            add(table, resource_row(item.raw, table))
    return found


def tables_of(path: Path, *, as_json: bool = False) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the rows of all tables of a mirror, by table and id, without the columns of the mirror's own."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    with duckdb.connect(str(path), read_only=True) as database:
        database.execute("SET TimeZone = 'UTC'")
        tables = database.execute("SELECT table_schema, table_name FROM mirror._tables").fetchall()
        for schema, name in tables:
            if schema == "history":
                continue
            cells = "* EXCLUDE (_first_seen, _last_changed, _synced_at)"
            query = f'SELECT {cells} FROM {schema}."{name}"'
            if as_json:  # with decimals as the log has them
                exact = [
                    f'CAST("{column}" AS VARCHAR) AS "{column}"'
                    for column, kind, *_ in database.execute(f"DESCRIBE {query}").fetchall()
                    if kind.startswith("DECIMAL")
                ]
                replaced = f"REPLACE ({', '.join(exact)})" if exact else ""
                query = f"SELECT to_json(t) FROM (SELECT * {replaced} FROM ({query})) t"
            result = database.execute(query)
            names = [column[0] for column in result.description or ()]
            rows = result.fetchall()
            dicts = [json.loads(row[0]) if as_json else dict(zip(names, row, strict=True)) for row in rows]
            keyed = {str(next(iter(row.values()))): row for row in dicts}
            assert len(keyed) == len(dicts), f"{schema}.{name} has a row twice"
            found[f"{schema}.{name}"] = keyed
    return found


def replay(path: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the tables that the log of changes makes of nothing."""
    tables: dict[str, dict[str, dict[str, Any]]] = {}
    with duckdb.connect(str(path), read_only=True) as database:
        lines = database.execute(
            "SELECT change, table_schema || '.' || table_name, id, attribute, before, after"
            " FROM mirror._changes ORDER BY place"
        ).fetchall()
    for change, table, id_, attribute, *both in lines:
        before, after = (None if each is None else json.loads(each) for each in both)
        rows = tables.setdefault(table, {})
        if change == "created":
            rows[id_] = after
        elif change in {"deleted", "merged"}:
            assert rows.pop(id_) == before
        elif change == "changed":
            assert rows[id_][attribute] == before
            rows[id_][attribute] = after
        else:
            _reshape(tables, table, attribute, before)
    return {name: rows for name, rows in tables.items() if not name.startswith("history.")}


def _reshape(tables: dict[str, Any], table: str, column: str, fact: dict[str, str]) -> None:
    if fact["change"] == "table renamed":
        tables[table] = tables.pop(fact["was"], {})
        return
    for row in tables[table].values():
        if fact["change"] == "column renamed":
            row[column] = row.pop(fact["was"])
        elif fact["change"] == "column removed":
            del row[column]
        elif fact["change"] in {"column added", "column retyped"}:
            row[column] = None


class Editor:
    """Changes a workspace at random: edits, deletions, merges, and changes of the schema."""

    def __init__(self, fake: FakeAttio, attio: Attio, chance: random.Random) -> None:
        self.fake = fake
        self.attio = attio
        self.chance = chance
        self.number = 0
        self.added: list[str] = []

    async def edit(self) -> None:
        """Make one change, which may be refused."""
        self.number += 1
        advance = getattr(self.fake.clock, "advance", None)
        if advance is not None:
            advance(1)
        name = self.chance.choices(
            (
                "create",
                "update",
                "delete",
                "entry",
                "merge",
                "note",
                "task",
                "attribute",
                "rename",
                "archive",
            ),
            (6, 8, 3, 3, 1, 2, 2, 1, 1, 1),
        )[0]
        with contextlib.suppress(AttioError, IndexError):
            await getattr(self, f"_{name}")()

    def _company(self) -> str:
        records = self.fake.records("companies")
        return str(self.chance.choice(records)["id"]["record_id"])

    async def _create(self) -> None:
        await self.attio.companies.create({"name": f"N{self.number}", "score": self.chance.random()})

    async def _update(self) -> None:
        values: dict[str, Any] = self.chance.choice(
            [
                {"name": f"U{self.number}"},
                {"score": None},
                {"score": 12345678.9012},
                {"tags": self.chance.sample(["a", "b", "c"], 2)},
                {"domains": [f"d{self.number}.example.com"]},
            ]
        )
        await self.attio.companies.update(self._company(), values, multiselect="overwrite")

    async def _delete(self) -> None:
        if self.chance.random() < 0.5:
            await self.attio.companies.delete(self._company())
        else:
            entries = self.fake.entries(LIST)
            await self.attio.entries(LIST).delete(self.chance.choice(entries)["id"]["entry_id"])

    async def _entry(self) -> None:
        await self.attio.entries(LIST).create(
            {"list": LIST, "record_id": self._company()} and self._company_ref(), {"stage": "Open"}
        )

    def _company_ref(self) -> Any:
        from attio_async.values import RecordRef

        return RecordRef("companies", self._company())

    async def _merge(self) -> None:
        await self.attio.companies.merge(self._company(), self._company())

    async def _note(self) -> None:
        notes = await self.attio.notes.list()
        if notes and self.chance.random() < 0.4:
            await self.attio.notes.delete(self.chance.choice(list(notes)))
        else:
            await self.attio.notes.create(self._company_ref(), title=f"T{self.number}", content="x")

    async def _task(self) -> None:
        tasks = await self.attio.tasks.list()
        if tasks and self.chance.random() < 0.5:
            await self.attio.tasks.update(self.chance.choice(list(tasks)), is_completed=True)
        else:
            await self.attio.tasks.create(f"task {self.number}")

    async def _attribute(self) -> None:
        slug = f"extra_{self.number}"
        self.fake.seed.add_attribute("companies", slug, self.chance.choice(("text", "number", "date")))
        self.added.append(slug)

    async def _rename(self) -> None:
        old = self.chance.choice(self.added)
        new = f"renamed_{self.number}"
        await self.attio.attributes("companies").update(old, api_slug=new)
        self.added[self.added.index(old)] = new

    async def _archive(self) -> None:
        slug = self.chance.choice(self.added)
        await self.attio.attributes("companies").update(slug, is_archived=self.chance.random() < 0.7)


class Cut(Exception):
    """The end of a sweep at a random moment."""


STEPS = ("open", "begin", "stale", "take", "unseen", "drop", "complete", "commit", "publish", "close")


class Breaker:
    """Lets a target fail at a random call, before or after it."""

    def __init__(self, target: Any, chance: random.Random) -> None:
        self.chance = chance
        self.left = -1
        for name in STEPS:
            setattr(target, name, self._breaking(getattr(target, name), name))

    def _breaking(self, method: Callable[..., Any], name: str) -> Callable[..., Any]:
        def call(*given: Any, **options: Any) -> Any:
            self.left -= 1
            is_due = self.left == 0 and name != "close"
            if is_due and self.chance.random() < 0.5:
                raise Cut
            found = method(*given, **options)
            if is_due:
                raise Cut
            return found

        return call


_LITTLE = ("record_permission:read", "object_configuration:read", "list_configuration:read")
"""The scopes that are left when a token loses some: records can be read then, and nothing else."""


async def refreshed_at_random(where: Path | str, seed: int, *, sweeps: int) -> FakeAttio:
    """Refresh a mirror while others edit, the token is lost and steps fail, then in peace; return the workspace."""
    chance = random.Random(seed)
    fake = workspace(clock=VirtualClock())
    fake.auth.add_token("mirror")
    is_quiet = True

    async def edit(request: Any, send: Callable[[Any], Awaitable[Any]]) -> Any:
        if not is_quiet and chance.random() < 0.5:
            await editor.edit()
        if not is_quiet and chance.random() < 0.02:
            chance.choice(
                [
                    lambda: fake.auth.revoke_token("mirror"),
                    lambda: fake.auth.add_token("mirror", scopes=_LITTLE),
                ]
            )()
        return await send(request)

    async with fake.client() as others, fake.client(token="mirror", middleware=[edit]) as attio:
        editor = Editor(fake, others, chance)
        async with attio.mirror(where) as mirror:
            breaker = Breaker(mirror._target, chance)
            for _ in range(sweeps):
                is_quiet = False
                breaker.left = chance.choice([-1, chance.randrange(1, 60)])
                with contextlib.suppress(Cut, AttioError):
                    await mirror.refresh()
                fake.auth.add_token("mirror")
                for _ in range(chance.randrange(6)):
                    await editor.edit()
            is_quiet, breaker.left = True, -1
            if (await mirror.refresh()).is_resumed:
                await mirror.refresh()
            quiet = await mirror.refresh()
    assert not quiet.is_changed
    assert not quiet.is_published
    assert not quiet.left_out
    return fake
