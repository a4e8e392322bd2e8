"""Further cases: files of rows, syncs, models of a schema, packages that are missing, commands with an environment."""

import asyncio
import contextlib
import io
import os
import socket
import sqlite3
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from unittest import mock

import anyio
import anyio.to_thread
import attrs
import psycopg

from attio_async import Attio, blocking
from attio_async._cli.doctor.conformance import Reader
from attio_async._cli.doctor.probes import Probe
from attio_async._schema import Attribute
from attio_async._workspace.arguments import member_id
from attio_async.bulk import (
    ColumnMapping,
    ImportReader,
    MatchOn,
    PostgresJournal,
    PostgresSyncState,
    SQLSource,
    ValueFormats,
    flag,
)
from attio_async.bulk._export.partial_file import StreamPart
from attio_async.dlt import FeedLoad
from attio_async.mirror import MirrorFile
from attio_async.models import Company, Schema
from attio_async.testing import FakeAttio, FixedResponse
from attio_async.values import Location, Phone, UnknownValue, coerce_values
from attio_async.webhooks import FileSecrets, RedisStore
from tests.bulk._import.sheets import spreadsheet
from tests.cli.support import run_command, started
from tests.postgres import running_postgres

from .cases import COMPANIES, UNKNOWN, WS, Case, Command, World, missing


@contextlib.contextmanager
def _without(*modules: str) -> Iterator[None]:
    """Hide packages, as if they were not installed."""
    with mock.patch.dict(sys.modules, dict.fromkeys(modules)):
        yield


def _written(w: World, name: str, content: str | bytes) -> Path:
    path = w.folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def _ran(w: World, *arguments: str, stdin: str | None = None, **variables: str) -> None:
    """Run a command on this workspace, in its folder; raise what it says if it refuses."""
    _written(w, "ws.json", w.fake.to_json())
    with contextlib.chdir(w.folder), mock.patch.dict(os.environ, variables):
        result = run_command(*arguments, stdin=stdin)
    if result.exit_code == 2:
        raise ValueError(result.stderr)
    assert result.exit_code == 0, result.stderr


def _edited(w: World, editor: str) -> None:
    _ran(w, "edit", "companies/acme.example.com", "--embedded", "ws.json", EDITOR=editor, VISUAL="")


def _served(w: World, *arguments: str) -> None:
    """Serve a workspace until it says its address."""
    with started("serve", "--port", "0", *arguments, cwd=w.folder) as process:
        assert process.stdout is not None
        assert "ATTIO_BASE_URL=http://" in process.stdout.readline()


def _in_a_callback(w: World) -> None:
    with _blocking(w) as attio:
        write = attio.companies.create_many(
            [{"name": "A"}], on_outcome=lambda outcome: attio.companies.get(outcome.record)
        )
        write.run()


def _after_the_job(w: World) -> None:
    kept: list[Any] = []
    with _blocking(w) as attio:
        attio.companies.create_many([{"name": "A"}], on_outcome=kept.append).run()
        attio.companies.get(kept[0].record)


def _blocking(w: World) -> blocking.Attio:
    return blocking.Attio.of_async(w.fake.client())


def _loaded(w: World, state: str) -> None:
    package = SimpleNamespace(state=state)
    info: Any = SimpleNamespace(has_failed_jobs=False, load_packages=[package])
    with _blocking(w) as attio:
        FeedLoad(attio, w.folder / "feed.db", objects=["companies"]).confirm(info)


# Imports


def _companies(w: World, name: str, content: str | bytes, **options: Any) -> Any:
    return w.attio.companies.import_from(_written(w, name, content), **options)


def _people(w: World, columns: Mapping[str, str], **options: Any) -> Any:
    path = _written(w, "people.csv", "Email,x\nb@x.example.com,acme.example.com\n")
    mapping = ColumnMapping(columns={"Email": "email_addresses", **columns})
    return w.attio.people.import_from(path, mapping=mapping, **options)


async def _phones(w: World, **formats: Any) -> None:
    path = _written(w, "p.csv", "email_addresses,phone_numbers\nb@x.example.com,020 7946 0123\n")
    report = await w.attio.people.import_from(path, formats=ValueFormats(**formats))
    if report.failures:
        raise report.failures[0].error


def _ods(*, encrypted: bool) -> bytes:
    """Return the parts of an OpenDocument spreadsheet that say whether it has a password."""
    secret = "<manifest:encryption-data/>" if encrypted else ""
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w") as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        file.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="content.xml">{secret}</manifest:file-entry>'
            "</manifest:manifest>",
        )
        file.writestr("content.xml", _ODS_ROWS)
    return found.getvalue()


_ODS_ROWS = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
    '<office:body><office:spreadsheet><table:table table:name="One">'
    + "".join(
        '<table:table-row><table:table-cell office:value-type="string">'
        f"<text:p>{cell}</text:p></table:table-cell></table:table-row>"
        for cell in ("domains", "b.example.com")
    )
    + "</table:table></office:spreadsheet></office:body></office:document-content>"
)
_TWO_SHEETS = spreadsheet(One=[["domains"], ["b.example.com"]], Two=[["note"], ["x"]])
_ONE_SHEET = spreadsheet(One=[["domains"], ["b.example.com"]])
_ENCRYPTED_XLSX = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le")


def _parquet_of(*columns: str) -> bytes:
    from pyarrow import BufferOutputStream, array, table
    from pyarrow.parquet import write_table

    found = BufferOutputStream()
    write_table(table([array(["b.example.com"]) for _ in columns], names=list(columns)), found)
    return found.getvalue().to_pybytes()


_QUERY = "select'B'as\"name\",'b.example.com'as\"domains\""
_ROWS = "name,domains\nB,b.example.com\n"
_JSON = '{"name": "C", "domains": "c.example.com"}\n'
_CYRILLIC = "domains,name\nb.example.com,Привет мир\n".encode("cp1251")


async def _without_calamine(w: World) -> None:
    with _without("python_calamine"):
        await _companies(w, "a.xlsx", _ONE_SHEET)


async def _exported(w: World) -> Path:
    path = w.folder / "companies.parquet"
    await w.attio.companies.export(path)
    return path


async def _parquet(w: World, *hidden: str) -> None:
    path = await _exported(w)
    with _without(*hidden):
        await w.attio.companies.import_from(path, mapping=ColumnMapping(skip_unknown=True))


def _mapping_file(w: World, text: str) -> Path:
    return _written(w, "mapping.toml", text)


# Mirrors


_LATIN = ["CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"]
_OTHERS = ["CREATE SCHEMA lists", "CREATE TABLE lists.mine (x int)"]


async def _in_postgres(
    w: World,
    statements: list[str],
    *,
    refreshes: int = 0,
    database: str = "postgres",
    prefix: str = "",
    second: str = "",
) -> None:
    """Refresh a mirror in a new server, the second time with another workspace, and read its state."""
    with running_postgres() as words:
        with psycopg.connect(words, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())
        parts = dict(word.split("=", 1) for word in words.split())
        address = f"postgresql://{parts['user']}@/{database}?host={parts['host']}#"
        if refreshes:
            await w.attio.mirror(f"{address}{prefix}", also=()).refresh()
        if refreshes > 1:
            async with FakeAttio(seed=7).client() as other:
                await other.mirror(f"{address}{second}", also=()).refresh()
        await MirrorFile(f"{address}{prefix}").status()


# Syncs


def _synced(w: World, rows: Any = None, **options: Any) -> Any:
    given = {"match": "domains", "owned": ["description"], **options}
    rows = rows or [{"domains": "acme.example.com", "description": "d", "name": "A"}]
    return w.attio.companies.sync_to(rows, **given)


async def _two_states(w: World, *names: str) -> None:
    await _synced(w, state=w.folder / names[0])
    await w.attio.people.sync_to(
        [{"email_addresses": "ada@acme.example.com"}],
        match="email_addresses",
        owned=["job_title"],
        state=w.folder / names[1],
    )


async def _two_at_once(w: World, *names: str) -> None:
    """Begin two syncs, each with a state of its name in one database."""
    with running_postgres() as words:
        first, second = (_synced(w, state=PostgresSyncState(words, name=name)) for name in names)
        async with await first.plan():
            await second


async def _two_formats(w: World, *, is_same: bool) -> None:
    """Open a journal in a database with tables of another version, or in another database."""
    with running_postgres() as words:
        with psycopg.connect(words, autocommit=True) as connection:
            connection.execute("CREATE TABLE attio_formats (name text PRIMARY KEY, version integer NOT NULL)")
            connection.execute("INSERT INTO attio_formats VALUES ('job journal', 9)")
            connection.execute("CREATE DATABASE other")
        database = words if is_same else words.replace("dbname=postgres", "dbname=other")
        async with PostgresJournal(database) as journal:
            rows = [{"domains": "acme.example.com"}]
            await w.attio.companies.upsert_many(rows, match="domains", journal=journal)


async def _applied(w: World, *, again: bool) -> None:
    async with await _synced(w).plan() as plan:
        await plan.apply()
        if again:
            await plan.apply()
    async with await _synced(w).plan() as plan:
        await plan.apply()


async def _selected(w: World, query: str) -> None:
    path = w.folder / "source.db"
    sqlite3.connect(path).close()
    async with contextlib.aclosing(aiter(SQLSource(str(path), query))) as rows:
        assert [dict(row) async for row in rows]


def _of_things(w: World, **options: Any) -> Any:
    return w.attio.records("things").sync_to([{"key": "k"}], match="key", **options)


# The schema


async def _pruned(w: World, *, kept: int) -> None:
    have = await w.attio.workspace_schema.pull(objects=["things"])
    (things,) = have.objects
    fewer = attrs.evolve(things, attributes=things.attributes[:kept])
    await w.attio.workspace_schema.plan(attrs.evolve(have, objects=(fewer,)), prune="archive")


async def _archived_by_hand(w: World) -> None:
    await w.attio.attributes("things").update("note", is_archived=True)
    have = await w.attio.workspace_schema.pull(objects=["things"])
    await w.attio.workspace_schema.plan(have, prune="archive")


def _models(w: World, old: str = "", new: str = "") -> Path:
    path = w.folder / "crm.py"
    _ran(w, "models", "pull", "--force", "--out", "crm.py", "--embedded", "ws.json")
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1) if old else text + new, "utf-8")
    return path


def _read_models(w: World, old: str = "", new: str = "") -> None:
    Schema.from_models(_models(w, old, new))


def _planned_models(w: World) -> None:
    schema = Schema.from_models(_models(w))

    async def plan() -> None:
        await w.attio.workspace_schema.plan(schema)

    anyio.run(plan)


def _planned_workspace(w: World) -> None:
    async def plan() -> None:
        await w.attio.workspace_schema.plan(await w.attio.workspace_schema.pull())

    anyio.run(plan)


# Requests and clients


def _phone(value: Any, *hidden: str) -> None:
    with _without(*hidden):
        coerce_values({"phone": value}, {"phone": Attribute("phone", type="phone-number")})


async def _framed(w: World, *hidden: str) -> None:
    with _without(*hidden):
        await w.attio.sql_frame("SELECT 1 AS one")


def _region(*hidden: str) -> None:
    with _without(*hidden):
        ValueFormats(region="GB")


_UNKNOWN = UnknownValue("new", {"value": "x"})


class _Text:
    """A parameter that is text only once it is sent."""

    def __init__(self, content: bytes, encoding: str) -> None:
        self._text = content.decode(encoding, "surrogateescape")

    def __str__(self) -> str:
        return self._text


def _naming(header: str) -> Any:
    async def name(request: Any, send: Any) -> Any:
        return await send(attrs.evolve(request, headers={**request.headers, "X-Amount": header}))

    return name


async def _chunks() -> Any:
    yield b"x"


def _refused_once(w: World) -> None:
    body = {"status_code": 429, "type": "rate_limit_error", "code": "rate_limit_exceeded", "message": "x"}
    w.fake.fault(FixedResponse(429, body), path="/v2/files/upload", times=1)


async def _uploaded(w: World, stream: Any) -> None:
    _refused_once(w)
    await w.attio.files.upload(w.company, stream, name="a")


async def _downloaded(w: World, to: Any) -> None:
    file = await w.attio.files.upload(w.company, b"x", name="a.txt")
    await w.attio.files.download(file, to)


async def _streamed(w: World) -> None:
    file = await w.attio.files.upload(w.company, b"x", name="a.txt")
    async with w.attio.files.stream(file) as stream:
        assert b"".join([chunk async for chunk in stream]) == b"x"


_HOOK = ("https://x.example.com/hooks", ["record.created"])


async def _ensured(w: World, *, way: str = "") -> None:
    created = await w.attio.webhooks.create(*_HOOK)
    secrets = FileSecrets(w.folder / f"secrets{way}")
    if way == "add":
        await secrets.put(created.id, created.secret)
    elif way == "delete":
        await w.attio.webhooks.delete(created)
    await w.attio.webhooks.ensure(*_HOOK, secrets=secrets)


async def _in_another_loop(w: World, *, own: bool) -> None:
    client = w.fake.client()
    await client.identify()
    other = w.fake.client() if own else client
    await anyio.to_thread.run_sync(lambda: asyncio.run(other.identify()))


async def _mirrored(w: World, name: str = "crm.duckdb") -> Any:
    mirror = w.attio.mirror(w.folder / name, objects=["companies"], lists=(), also=())
    await mirror.refresh()
    return mirror


async def _sql(w: World, query: str, **options: Any) -> None:
    await (await _mirrored(w)).sql(query, **options)


async def _while_refreshing(w: World, *, waits: bool) -> None:
    async def refresh_too(request: Any, send: Any) -> Any:
        if not waits and request.path.endswith("/query"):
            await _mirrored(w)
        return await send(request)

    async with w.fake.client(middleware=[refresh_too]) as attio:
        await attio.mirror(w.folder / "crm.duckdb", objects=["companies"], lists=(), also=()).refresh()
    await _mirrored(w)


async def _of_another_workspace(w: World, name: str) -> None:
    await _mirrored(w)
    async with FakeAttio(seed=99).client() as attio:
        await attio.mirror(w.folder / name, objects=["companies"], lists=(), also=()).refresh()


async def _copied_over(w: World, *, is_moved: bool) -> None:
    path, other = w.folder / f"crm{is_moved}.duckdb", w.folder / f"other{is_moved}.duckdb"
    mirror = await _mirrored(w, path.name)
    await _mirrored(w, other.name)
    path.write_bytes(other.read_bytes())
    if is_moved:
        path.unlink()
    await mirror.refresh()


async def _of_another_format(w: World, name: str) -> None:
    with (
        mock.patch("attio_async.mirror._duckdb.FORMAT_VERSION", 9),
        mock.patch("attio_async.mirror._target.FORMAT_VERSION", 9),
    ):
        await _mirrored(w)
    await _mirrored(w, name)


_MANY = "SELECT count(*) FROM range({0}) a, range({0}) b"


@contextlib.contextmanager
def _proxies(**variables: str) -> Iterator[None]:
    with mock.patch.dict(os.environ, {"HTTPS_PROXY": "http://proxy.example.com:3128", **variables}):
        yield


async def _no_proxy(hosts: str) -> None:
    with _proxies(NO_PROXY=hosts, no_proxy=hosts):
        await Attio("t" * 64).aclose()


async def _proxy(proxy: str) -> None:
    with _without("socksio"):
        await Attio("t" * 64, proxy=proxy).aclose()


async def _denied(w: World, call: str, scopes: list[str]) -> None:
    body = {"status_code": 403, "type": "auth_error", "code": "unauthorized", "message": "No."}
    client = w.fake.client(token=w.fake.auth.add_token("t" * 64, scopes))
    w.fake.fault(FixedResponse(403, body), path=call, times=1)
    if "webhooks" in call:
        await client.webhooks.list()
    elif "comments" in call:
        await client.comments.delete(call.rpartition("/")[2])
    else:
        await client.identify()
        await client.notes.list()


async def _comment_deleted(w: World) -> None:
    await w.attio.comments.delete(await w.attio.comments.create("x", author=w.member, record=w.company))


async def _probed(w: World, method: Any, path: str) -> None:
    async with Reader(w.fake.client) as reader:
        await reader.answer(Probe(label="", method=method, path=path))


async def _cyclic(w: World, *, cyclic: bool) -> None:
    row: dict[str, Any] = {"name": "x"}
    if cyclic:
        row["name"] = row
    report = await w.attio.companies.create_many([row])
    if report.failures:
        raise report.failures[0].error


async def _by_email(w: World) -> None:
    member = await w.attio.workspace_members.by_email(w.member.email_address)
    assert member_id(member, "member") == str(w.member.id)


def _on_a_used_port(w: World) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        _ran(w, "serve", "--port", str(other.getsockname()[1]))


def _yaml(w: World) -> None:
    with _without("ruamel", "ruamel.yaml"):
        _ran(w, "serve", "--load", str(_written(w, "seeds.yaml", "{}")))


def _logged_in(w: World, token: str) -> None:
    with w.fake.serve() as server:
        _ran(
            w,
            *("login", "--base-url", server.url),
            stdin=token,
            XDG_CONFIG_HOME=str(w.folder),
            HOME=str(w.folder),
        )


def _uninstalled(w: World) -> None:
    with _without("uvicorn", "hypercorn", "h11"):
        _ran(w, "serve", "--port", "0")


def _query_twins(w: World, name: str) -> None:
    for number in (1, 2):
        w.fake.seed.add_list(f"twin{number}", "Twins", parent="companies")
    _ran(w, "query", name, "--embedded", "ws.json")


def _replayed(w: World, *options: str) -> None:
    _written(w, "bad.csv", "key,score\nk,many\n")
    with contextlib.suppress(AssertionError):
        _ran(
            w,
            *("import", "bad.csv", "--object", "things", "--match", "key"),
            *("--dead-letters", "f.jsonl", "--embedded", "ws.json"),
        )
    letters = (w.folder / "f.jsonl").read_text()
    (w.folder / "f.jsonl").write_text(letters.replace('"many"', "5"))
    _ran(w, "import", "--replay", "f.jsonl", "--object", "things", *options, "--embedded", "ws.json")


def _sync_of_a_database(w: World, source: str) -> None:
    with contextlib.closing(sqlite3.connect(w.folder / "source.db")):
        pass
    _ran(
        w,
        *("sync", "--source", source, "--query", "select 'acme.example.com' as domains, 'd' as description"),
        *("--object", "companies", "--match", "domains", "--owned", "description", "--embedded", "ws.json"),
        DB_URL="sqlite:///source.db",
    )


MORE_CASES = [
    Case(*case)
    for case in (
        (
            "dlt runs without async; give a client of attio_async.blocking",
            lambda w: FeedLoad(cast("Any", w.attio), w.folder / "feed.db", objects=["companies"]),
            lambda w: FeedLoad(_blocking(w), w.folder / "feed.db", objects=["companies"]),
        ),
        (
            "the load is not complete; run the pipeline again",
            lambda w: _loaded(w, "normalized"),
            lambda w: _loaded(w, "loaded"),
        ),
        # Mirrors
        (
            "{} is not a mirror; give the path of one, or of a new file",
            lambda w: MirrorFile(_written(w, "crm.duckdb", "mine")).status(),
            lambda w: (_mirrored(w, "new.duckdb"), MirrorFile(w.folder / "new.duckdb").status()),
        ),
        (
            "{} does not exist; refresh the mirror first",
            lambda w: MirrorFile(w.folder / "crm.duckdb").status(),
            lambda w: (_mirrored(w), MirrorFile(w.folder / "crm.duckdb").status()),
        ),
        (
            "{} is being written by another refresh; wait for it, or stop it",
            lambda w: _while_refreshing(w, waits=False),
            lambda w: _while_refreshing(w, waits=True),
        ),
        (
            "{} mirrors another workspace, {}; give each workspace its own file",
            lambda w: _of_another_workspace(w, "crm.duckdb"),
            lambda w: _of_another_workspace(w, "other.duckdb"),
        ),
        (
            "{} is a copy of another mirror; move it away, or remove {}",
            lambda w: _copied_over(w, is_moved=False),
            lambda w: _copied_over(w, is_moved=True),
        ),
        (
            "{} is a mirror of format {}, and this version reads format {}; install the version that wrote it, or mirror into a new place",
            lambda w: _of_another_format(w, "crm.duckdb"),
            lambda w: _of_another_format(w, "new.duckdb"),
        ),
        (
            "the query is not one SELECT; a mirror can only be read",
            lambda w: _sql(w, "DELETE FROM companies"),
            lambda w: _sql(w, "SELECT name FROM companies"),
        ),
        (
            "the query finds more than {} rows; add a LIMIT, or raise max_rows",
            lambda w: _sql(w, "SELECT * FROM range(9)", max_rows=3),
            lambda w: (
                _sql(w, "SELECT * FROM range(9) LIMIT 3", max_rows=3),
                _sql(w, "SELECT * FROM range(9)", max_rows=9),
            ),
        ),
        (
            "two columns of the result are called {}; name one with AS",
            lambda w: _sql(w, "SELECT name, name FROM companies"),
            lambda w: _sql(w, "SELECT name, name AS other FROM companies"),
        ),
        (
            "the query was stopped after {} seconds; narrow it, or give it more time",
            lambda w: _sql(w, _MANY.format(10**8), timeout=0.1),
            lambda w: (_sql(w, _MANY.format(10), timeout=5.0), _sql(w, _MANY.format(1000), timeout=60.0)),
        ),
        # Imports
        (
            "an import that only creates matches nothing; leave out match",
            lambda w: _companies(w, "a.csv", _ROWS, way="create", match="domains"),
            lambda w: _companies(w, "a.csv", _ROWS, way="create"),
        ),
        (
            "create_unmatched belongs to upserts; only they match and create",
            lambda w: _companies(w, "a.csv", _ROWS, way="update", create_unmatched=True),
            lambda w: _companies(w, "a.csv", _ROWS, way="upsert", create_unmatched=True),
        ),
        (
            "nothing finds existing records; {}",
            lambda w: w.attio.records("things").import_from(_written(w, "a.csv", "key,note\nk,x\n")),
            lambda w: (
                w.attio.records("things").import_from(_written(w, "a.csv", "key,note\nk,x\n"), match="key"),
                w.attio.records("things").import_from(_written(w, "b.csv", "key,note\nl,x\n"), way="create"),
                w.attio.records("things").import_from(
                    _written(w, "c.csv", "key,note\nm,z\n"), match=MatchOn("note")
                ),
            ),
        ),
        (
            "{} of {} is not unique; unique attributes: {}",
            lambda w: _people(w, {"x": "company.name"}),
            lambda w: _people(w, {"x": "company.domains"}),
        ),
        (
            "{} has no part {}; it has {}",
            lambda w: _people(w, {"x": "name.middle"}),
            lambda w: (_people(w, {"x": "name.first_name"}), _people(w, {"x": "name.last_name"})),
        ),
        ("try {}", _phones, lambda w: _phones(w, region="GB")),
        (
            "{} has several sheets with rows: {}; choose one with --sheet",
            lambda w: _companies(w, "a.xlsx", _TWO_SHEETS),
            lambda w: _companies(w, "a.xlsx", _TWO_SHEETS, reader=ImportReader(sheet="One")),
        ),
        (
            "{}: unknown sheet {}; it has {}",
            lambda w: _companies(w, "a.xlsx", _TWO_SHEETS, reader=ImportReader(sheet="Three")),
            lambda w: _companies(w, "a.xlsx", _TWO_SHEETS, reader=ImportReader(sheet="One")),
        ),
        (
            "{} is a spreadsheet; install attio-async[xlsx] to read it, or save it as CSV",
            _without_calamine,
            lambda w: (_companies(w, "a.xlsx", _ONE_SHEET), _companies(w, "a.csv", _ROWS)),
        ),
        (
            "{} is Parquet; install attio-async[parquet] to read it",
            lambda w: _parquet(w, "pyarrow", "pyarrow.parquet"),
            _parquet,
        ),
        (
            "{} has two columns {}; rename one of them",
            lambda w: w.attio.companies.import_from(_written(w, "a.parquet", _parquet_of("name", "name"))),
            lambda w: w.attio.companies.import_from(_written(w, "a.parquet", _parquet_of("name", "domains"))),
        ),
        (
            "{} has {} columns {}, which differ in case alone; rename one of them",
            lambda w: w.attio.companies.import_from(
                [
                    _written(w, "a.jsonl", b'{"domains": "a.example.com", "Domains": "b.example.com"}'),
                    _written(w, "b.jsonl", _JSON),
                ]
            ),
            lambda w: w.attio.companies.import_from(
                [
                    _written(w, "a.jsonl", b'{"domains": "a.example.com", "name": "A"}'),
                    _written(w, "b.jsonl", _JSON),
                ]
            ),
        ),
        (
            "files of cells and files of JSON or Parquet cannot be imported as one; import one kind at a time",
            lambda w: w.attio.companies.import_from(
                [_written(w, "a.csv", _ROWS), _written(w, "b.jsonl", _JSON)]
            ),
            lambda w: (
                w.attio.companies.import_from([_written(w, "a.csv", _ROWS)]),
                w.attio.companies.import_from([_written(w, "b.jsonl", _JSON)]),
            ),
        ),
        (
            "{} has the ending of another form of file; rename it, or give its format",
            lambda w: _companies(w, "a.xlsx", _ROWS),
            lambda w: (
                _companies(w, "a.csv", _ROWS),
                _companies(w, "a.xlsx", _ROWS, reader=ImportReader(format="csv")),
            ),
        ),
        (
            "{}: line {} is not UTF-8, and would be no words in Windows-1252; state the encoding, as in --encoding cp1251",
            lambda w: _companies(w, "a.csv", _CYRILLIC),
            lambda w: _companies(w, "a.csv", _CYRILLIC, reader=ImportReader(encoding="cp1251")),
        ),
        (
            "{}: unknown key {}; known are {}",
            lambda w: ColumnMapping.from_file(_mapping_file(w, "[column]\na = 'name'")),
            lambda w: ColumnMapping.from_file(_mapping_file(w, "[columns]\na = 'name'")),
        ),
        (
            "unknown format {}; known are {}",
            lambda w: ValueFormats.from_file(_mapping_file(w, "[formats]\nzone = 'UTC'")),
            lambda w: ValueFormats.from_file(_mapping_file(w, "[formats]\ntimezone = 'UTC'")),
        ),
        (
            "region needs the package phonenumbers; install attio-async[phone]",
            lambda w: _region("phonenumbers"),
            lambda w: _region(),
        ),
        (
            "check its keys and values",
            lambda w: _cyclic(w, cyclic=True),
            lambda w: _cyclic(w, cyclic=False),
        ),
        (
            "this format needs a file of its own; give a path",
            lambda w: StreamPart(io.BytesIO()).complete(lambda part, target: None),
            lambda w: w.attio.companies.export(w.folder / "a.parquet"),
        ),
        (
            "{} is protected by a password; save it without one",
            lambda w: _companies(w, "a.ods", _ods(encrypted=True)),
            lambda w: _companies(w, "a.ods", _ods(encrypted=False)),
        ),
        (
            "{} is protected by a password; save it without one",
            lambda w: _companies(w, "a.xlsx", _ENCRYPTED_XLSX),
            lambda w: _companies(w, "a.xlsx", _ONE_SHEET),
        ),
        # Syncs
        (
            "{} needs a state file, which knows what was in the source; give state=",
            lambda w: _synced(w, missing="clear"),
            lambda w: _synced(w, missing="clear", state=w.folder / "s.db"),
        ),
        (
            "unknown option {} of a sync; see SyncOptions for those it has",
            lambda w: _synced(w, guards="g"),
            lambda w: _synced(w, max_failures=1),
        ),
        (
            "journal must be a PostgresJournal, not {}; give state= for a sync that keeps a file",
            lambda w: _synced(w, journal="j.db"),
            lambda w: _synced(w, state=w.folder / "s.db"),
        ),
        (
            "{} is in use by another process; wait for it, or give each sync a state of its own",
            lambda w: _two_at_once(w, "a", "a"),
            lambda w: _two_at_once(w, "a", "b"),
        ),
        (
            "the {} tables of the PostgreSQL database have the format {}, and this version of attio-async reads {}; use the version that wrote them, or another database or schema",
            lambda w: _two_formats(w, is_same=True),
            lambda w: _two_formats(w, is_same=False),
        ),
        (
            "{} cannot be written, so a sync cannot own it; leave it out",
            lambda w: _synced(w, owned=["description", "last_email_interaction"]),
            _synced,
        ),
        (
            "{} {}, so it cannot flag records that left the source; give a checkbox of its own",
            lambda w: _of_things(w, owned=["note"], missing=flag("score"), state=w.folder / "s.db"),
            lambda w: _of_things(w, owned=["note"], missing=flag("flag"), state=w.folder / "s.db"),
        ),
        (
            'none of the owned attributes can be cleared, since they are required or matched on; own another one, or give missing=flag("...")',
            lambda w: _of_things(w, owned=["key"], missing="clear", state=w.folder / "s.db"),
            lambda w: (
                _of_things(w, owned=["key", "note"], missing="clear", state=w.folder / "s.db"),
                _of_things(w, owned=["key"], missing=flag("flag"), state=w.folder / "t.db"),
            ),
        ),
        (
            "the plan {}; make a new one with plan()",
            lambda w: _applied(w, again=True),
            lambda w: _applied(w, again=False),
        ),
        (
            "{} is the state of another sync: the {}; give each sync a state of its own",
            lambda w: _two_states(w, "s.db", "s.db"),
            lambda w: _two_states(w, "s.db", "t.db"),
        ),
        (
            "the query of the source returns no columns; give one that selects rows",
            lambda w: _selected(w, ""),
            lambda w: _selected(w, "SELECT 1 AS a"),
        ),
        (
            "the query of the source has two columns {}; name one of them otherwise",
            lambda w: _selected(w, "SELECT 1 AS a, 2 AS a"),
            lambda w: _selected(w, "SELECT 1 AS a, 2 AS b"),
        ),
        # The schema
        (
            "prune would archive {} of {} attributes, more than a tenth; archive them in the file or in the app if that is meant",
            lambda w: _pruned(w, kept=2),
            _archived_by_hand,
        ),
        (
            "{} has no {}; it has {}",
            lambda w: Company.name.like,
            lambda w: w.attio.of(Company).query(Company.name.contains("x")),
        ),
        # Values and arguments
        (
            "install attio-async[phone], write + and the country's prefix, or let Attio read it: {'original_phone_number': {}, 'country_code': {}}",
            lambda w: _phone(Phone("020 7946 0123", region="GB"), "phonenumbers"),
            lambda w: (
                _phone(Phone("020 7946 0123", region="GB")),
                _phone("+442079460123", "phonenumbers"),
                _phone(
                    {"original_phone_number": "020 7946 0123", "country_code": "GB"},
                    "phonenumbers",
                ),
            ),
        ),
        (
            "give a Location, or leave merge= out",
            lambda w: w.attio.companies.edit(w.company, set={"primary_location": "Paris"}, merge=True),
            lambda w: (
                w.attio.companies.edit(
                    w.company, set={"primary_location": Location(locality="Paris")}, merge=True
                ),
                w.attio.companies.edit(w.company, set={"primary_location": "Paris"}),
            ),
        ),
        (
            "give the member's id, which workspace_members.by_email() finds",
            lambda w: member_id("ada@example.com", "member"),
            _by_email,
        ),
        (
            "give its .raw in the form that the API takes",
            lambda w: coerce_values({"new": _UNKNOWN}, {"new": Attribute("new", type="new")}),
            lambda w: coerce_values({"new": _UNKNOWN.raw}, {"new": Attribute("new", type="new")}),
        ),
        (
            "read the file it comes from with the encoding it was written in",
            lambda w: w.attio.request("GET", "/v2/notes", params={"q": _Text(b"caf\xe9", "ascii")}),
            lambda w: missing(
                w.attio.request("GET", "/v2/notes", params={"q": _Text(b"caf\xe9", "latin-1")})
            ),
        ),
        # Requests
        (
            "a middleware has set a header that cannot be encoded; give ASCII characters alone",
            lambda w: w.fake.client(middleware=[_naming("5 €")]).identify(),
            lambda w: w.fake.client(middleware=[_naming("5 EUR")]).identify(),
        ),
        (
            "the upload was rate-limited and its stream is used up; give a function that opens the stream",
            lambda w: _uploaded(w, _chunks()),
            lambda w: _uploaded(w, _chunks),
        ),
        (
            "to must be the path of a file, not {}; use stream() for others",
            lambda w: _downloaded(w, io.BytesIO()),
            lambda w: (_downloaded(w, w.folder / "copy.txt"), _streamed(w)),
        ),
        (
            "webhook {} delivers to {} already, and the store does not have its secret; add the secret to the store, or delete the webhook",
            _ensured,
            lambda w: _ensured(w, way="add"),
        ),
        (
            "webhook {} delivers to {} already, and the store does not have its secret; add the secret to the store, or delete the webhook",
            _ensured,
            lambda w: _ensured(w, way="delete"),
        ),
        (
            "sql_frame needs Polars; install attio-async[dataframe]",
            lambda w: _framed(w, "polars"),
            _framed,
        ),
        (
            "this client is used by another event loop, which is still running; make one client for each loop or thread",
            lambda w: _in_another_loop(w, own=False),
            lambda w: _in_another_loop(w, own=True),
        ),
        (
            'proxy must look like http://host:port; socks5://host:port also needs: pip install "httpx[socks]"',
            lambda w: _proxy("socks5://proxy.example.com:1080"),
            lambda w: _proxy("http://proxy.example.com:3128"),
        ),
        (
            "NO_PROXY names a host that the HTTP library cannot read; write an IPv6 address without brackets, and no networks",
            lambda w: _no_proxy("[::1]:"),
            lambda w: _no_proxy("::1,x.example.com"),
        ),
        (
            "the URL of Redis is not valid; it must look like redis://host:port/0",
            lambda w: RedisStore("redis://localhost:port/0", name="x"),
            lambda w: RedisStore("redis://localhost:6379/0", name="x"),
        ),
        (
            "{}; {}: use a token of the level {}, which it needs besides",
            lambda w: _denied(w, "/v2/webhooks", ["webhook:read-write"]),
            lambda w: w.attio.webhooks.list(),
        ),
        (
            "{}; {}: a token of a user deletes only the comments of that user",
            lambda w: _denied(w, f"/v2/comments/{UNKNOWN}", ["comment:read-write"]),
            _comment_deleted,
        ),
        (
            "{}; {}, so its user or the workspace's plan lacks the permission",
            lambda w: _denied(
                w,
                "/v2/notes",
                ["note:read", "object_configuration:read", "record_permission:read"],
            ),
            lambda w: w.attio.notes.list(),
        ),
        (
            "{} {} is not a read; nothing was sent",
            lambda w: _probed(w, "POST", "/v2/notes"),
            lambda w: _probed(w, "GET", "/v2/notes"),
        ),
        (
            "DuckDB opens no file with a question mark or a backslash in its path, as in {}; give another path",
            lambda w: w.attio.mirror(w.folder / "crm?.duckdb").refresh(),
            lambda w: w.attio.mirror(w.folder / "crm.duckdb").refresh(),
        ),
        (
            "{} has other files; give the path of a mirror, or of a new folder",
            lambda w: (_written(w, "rows.csv", _ROWS), w.attio.mirror(f"{w.folder}/").refresh())[1],
            lambda w: w.attio.mirror(f"{w.folder / 'crm'}/").refresh(),
        ),
        (
            "the mirror's address is not a valid connection string; give postgresql://user@host/database",
            lambda _: MirrorFile("postgresql://host/crm?odd=1"),
            lambda _: MirrorFile("postgresql://me@host/crm"),
        ),
        (
            "{} cannot begin the names of schemas; give at most 40 small letters, digits and underscores",
            lambda _: MirrorFile("postgresql://host/crm#The CRM"),
            lambda _: MirrorFile("postgresql://host/crm#the_crm_"),
        ),
        (
            "{} has no mirror; refresh it first",
            lambda w: _in_postgres(w, []),
            lambda w: _in_postgres(w, [], refreshes=1),
        ),
        (
            "{} has the encoding {}; a mirror needs one with UTF8",
            lambda w: _in_postgres(w, _LATIN, refreshes=1, database="latin"),
            lambda w: _in_postgres(w, _LATIN, refreshes=1),
        ),
        (
            "{} has other tables in a schema {}; put a prefix for the mirror's schemas behind the address, such as '#crm_'",
            lambda w: _in_postgres(w, _OTHERS, refreshes=1),
            lambda w: _in_postgres(w, _OTHERS, refreshes=1, prefix="crm_"),
        ),
        (
            "{} mirrors another workspace, {}; give each workspace a prefix of its own",
            lambda w: _in_postgres(w, [], refreshes=2),
            lambda w: _in_postgres(w, [], refreshes=2, second="second_"),
        ),
    )
]
RUN_CASES = [
    Case(*case)
    for case in (
        (
            (
                "a callback or generator of rows runs in the client's own thread, which cannot wait for itself; "
                "keep what it was given, and call the client once the job has ended"
            ),
            _in_a_callback,
            _after_the_job,
        ),
        (
            "models know only a part of a schema; plan with one from a file or a workspace",
            _planned_models,
            _planned_workspace,
        ),
        (
            "line {} was changed by hand; pull the module again",
            lambda w: _read_models(w, "models.TEXT", "models.LETTERS"),
            _read_models,
        ),
        (
            "line {} was changed by hand; pull the module again",
            lambda w: _read_models(w, '"domains", ', ""),
            _read_models,
        ),
        (
            "line {} has a {}, which no generated module has; pull it again",
            lambda w: _read_models(w, new="\ndel Company\n"),
            _read_models,
        ),
        (
            "--host is empty; give an address of this machine, such as 127.0.0.1",
            lambda w: _ran(w, "serve", "--host", ""),
            lambda w: _served(w, "--host", "127.0.0.1"),
        ),
        (
            "--load fills a new workspace, but {} already exists; leave --load out",
            lambda w: _ran(w, "serve", "--load", str(_written(w, "seeds.json", "{}")), "--state", "ws.json"),
            lambda w: (
                _written(w, "ws.json", w.fake.to_json()),
                _served(w, "--state", "ws.json"),
            ),
        ),
        (
            '{} is YAML, which needs ruamel.yaml; run: pip install "attio-async[cli]"',
            _yaml,
            lambda w: (
                _written(w, "seeds.yaml", "{}"),
                _served(w, "--load", "seeds.yaml"),
            ),
        ),
        (
            "port {} is in use; choose another with --port, or 0 for any free port",
            _on_a_used_port,
            _served,
        ),
        (
            "the address to listen on is not one of this machine; change --host",
            lambda w: _ran(w, "serve", "--port", "0", "--host", "192.0.2.1"),
            lambda w: _served(w, "--host", "127.0.0.1"),
        ),
        (
            '{} is not installed; run: pip install "attio-async[cli]"',
            _uninstalled,
            _served,
        ),
        (
            "no token was given; create one in Attio: workspace settings > Developers > Access tokens",
            lambda w: _logged_in(w, ""),
            lambda w: _logged_in(w, w.fake.token),
        ),
        (
            "{} has a password, which other programs of this machine could see; put the address into an environment variable and give env:NAME",
            lambda w: _sync_of_a_database(w, "postgresql://me:secret@db.example.com/x"),
            lambda w: _sync_of_a_database(w, "env:DB_URL"),
        ),
        (
            "{} may be {}; give the slug",
            lambda w: _query_twins(w, "Twins"),
            lambda w: _query_twins(w, "twin1"),
        ),
        (
            "editing needs a terminal; set EDITOR, or use `update`",
            lambda w: _edited(w, ""),
            lambda w: _edited(w, "true"),
        ),
        (
            "the editor ended with exit code {}; nothing was changed",
            lambda w: _edited(w, "false"),
            lambda w: _edited(w, "true"),
        ),
        (
            "no attribute to match on for {}; give --match SLUG",
            _replayed,
            lambda w: _replayed(w, "--match", "key"),
        ),
    )
]
MORE_COMMANDS = [
    Command(*command)
    for command in (
        (
            "{} does not exist; give the path of a mirror",
            f"mirror forget none.duckdb {UNKNOWN} --yes",
            (f"mirror refresh crm.duckdb {WS}", f"mirror forget crm.duckdb {UNKNOWN} --yes"),
        ),
        (
            "{}; give --object once per file, or once for all",
            f"import rows.csv --object companies --object people --match domains {WS}",
            (
                f"import rows.csv more.csv {COMPANIES}",
                f"import rows.csv people.csv --object companies --object people {WS}",
            ),
        ),
        (
            "--match is given twice{}; give one attribute for each object",
            f"import rows.csv --match name {COMPANIES}",
            (f"import rows.csv {COMPANIES}",),
        ),
        (
            "--match names {}, which no --object does; write both in the same way",
            f"import rows.csv --object companies --match company=domains {WS}",
            (f"import rows.csv --object companies --match companies=domains {WS}",),
        ),
        (
            "two files are given for {}; import one after the other",
            f"import rows.csv more.csv --object companies {COMPANIES}",
            (f"import rows.csv {COMPANIES}", f"import more.csv {COMPANIES}"),
        ),
        (
            "{} finds what exists and creates nothing; add --update",
            f"import ids.csv --object companies --match record_id {WS}",
            (f"import ids.csv --object companies --match record_id --update {WS}",),
        ),
        (
            "--parent-match: no column maps to {} of {}, the parents of the entries; give a unique attribute that a column has",
            f"import parents.csv --list sales --parent-match parent_record {WS}",
            (f"import parents.csv --list sales --parent-match domains {WS}",),
        ),
        (
            "--list takes no --match; its entries are found by their parents, see --parent-match",
            f"sync parents.csv --list sales --match domains {WS}",
            (f"sync parents.csv --list sales --parent-match domains {WS}",),
        ),
        (
            'no column for {}; give --map "COLUMN=SLUG", or do not own it',
            f"sync rows.csv --owned description {COMPANIES}",
            (
                f"sync rows.csv --owned description --map name=description {COMPANIES}",
                f"sync rows.csv --owned name {COMPANIES}",
            ),
        ),
        (
            "{}: unknown column {}; the query has {}",
            f"sync --source empty.db --query {_QUERY} --owned name --map title=name {COMPANIES}",
            (f"sync --source empty.db --query {_QUERY} --owned name --map name=name {COMPANIES}",),
        ),
        (
            "{} and {} both give values of {}; leave one of them out",
            f"sync --source empty.db --query {_QUERY} --owned name --set name=C {COMPANIES}",
            (f"sync --source empty.db --query {_QUERY} --owned name {COMPANIES}",),
        ),
    )
]
