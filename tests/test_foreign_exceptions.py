"""Only exceptions of the package come out, whatever is given: hosts, proxies, tokens, callbacks and odd text."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attio_async import Attio, F, Merges, Response
from attio_async.bulk import ColumnMapping, ImportReader, read_dead_letters
from attio_async.errors import AttioError, BadRequest, CoercionError, ConfigurationError, NotFound
from attio_async.models import Schema
from attio_async.oauth import OAuth, SQLiteTokens, TokenKeys
from attio_async.testing import FakeAttio, VirtualClock
from attio_async.values import RecordRef
from attio_async.webhooks import Delivery, DeliveryFile, FileSecrets, SQLiteStore
from tests.support import trio_when_full

pytestmark = pytest.mark.anyio
anyio_backend = trio_when_full

HALF = "half a \ud83d pair"
ID = "5f0e3b1c-0000-4000-8000-000000000001"
_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "ATTIO_BASE_URL")


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in _VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return monkeypatch


@pytest.mark.parametrize(
    "url",
    [
        "https://x:abc",
        "https://[::1",
        "https://api attio.com",
        "https://x:99999",
        "https://x\r\ny",
        "https://-x-/",
        "https://[fe80::zz]",
        "https://x\u200by.example.com\ud800",
    ],
)
def test_an_address_that_is_none_is_refused_by_name_without_its_value(
    url: str, environment: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigurationError, match=r"^base_url ") as caught:
        Attio(token="t", base_url=url)
    assert url not in str(caught.value)
    if "\ud800" in url:
        return
    environment.setenv("ATTIO_BASE_URL", url)
    with pytest.raises(ConfigurationError, match=r"^ATTIO_BASE_URL "):
        Attio(token="t")


@pytest.mark.parametrize("backend", ["httpx", "httpx2", "aiohttp"])
@pytest.mark.parametrize("name", ["HTTPS_PROXY", "ALL_PROXY"])
@pytest.mark.parametrize(
    "proxy", ["http://user:se#cret@h", "http://user:se/cret@h", "ftp://h", "http://h:abc"]
)
async def test_a_proxy_of_the_environment_is_refused_by_name_without_its_value(
    backend: Any, name: str, proxy: str, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv(name, proxy)
    with pytest.raises(ConfigurationError, match=name) as caught:
        async with Attio(
            token="t", base_url="https://unreachable.example.com", backend=backend, timeout=0.01
        ) as attio:
            await attio.identify()
    assert "cret" not in str(caught.value)


@pytest.mark.parametrize("hosts", ["localhost,[::1]", "fd07:b51a:cc66:f0::/64", "::1,127.0.0.1", "*"])
async def test_hosts_without_a_proxy_never_break_a_client_without_proxies(
    hosts: str, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("NO_PROXY", hosts)
    await Attio(token="t").aclose()
    environment.setenv("HTTPS_PROXY", "http://proxy.example.com:3128")
    try:
        await Attio(token="t").aclose()
    except ConfigurationError as error:
        assert "NO_PROXY" in str(error)


@pytest.mark.parametrize("timeout", [None, "3", True, float("nan")])
def test_a_number_that_is_none_is_refused(timeout: Any) -> None:
    with pytest.raises(ConfigurationError, match="timeout must be at least"):
        Attio(token="t", timeout=timeout)


@pytest.mark.parametrize("token", [lambda: "x", lambda: None, lambda: 5])
async def test_a_function_for_the_token_must_be_async(token: Any) -> None:
    attio = FakeAttio().client(token=token)
    with pytest.raises(ConfigurationError, match="given as token must be async"):
        await attio.identify()


async def test_a_middleware_must_return_a_response_and_costs_no_connection_if_it_does_not() -> None:
    async def forgetful(request: Any, send: Any) -> None:
        await send(request)

    def plain(request: Any, send: Any) -> None: ...

    for layer in (forgetful, plain):
        attio = FakeAttio(clock=VirtualClock()).client(middleware=[layer], max_connections=2)
        for _ in range(5):
            with pytest.raises(ConfigurationError, match=f"{layer.__name__} must return what"):
                await attio.identify()


_CALLS: dict[str, Callable[[Any], Any]] = {
    "id": lambda a: a.companies.get(HALF),
    "object": lambda a: a.records(HALF).first(),
    "list": lambda a: a.entries(HALF).first(),
    "path": lambda a: a.request("GET", f"/v2/{HALF}"),
    "params": lambda a: a.request("GET", "/v2/notes", params={"parent_object": HALF}),
    "body": lambda a: a.request("POST", "/v2/notes", json={"data": {"title": [HALF]}}),
    "filter": lambda a: a.companies.first({"name": HALF}),
    "note": lambda a: a.notes.create(RecordRef("companies", ID), title=HALF, content="x"),
    "task": lambda a: a.tasks.create(HALF),
    "option": lambda a: a.attributes("companies").options("categories").create(HALF),
    "search": lambda a: a.search(HALF, objects=["people"]),
    "history": lambda a: a.companies.history(ID, HALF),
    "emails": lambda a: a.emails.list(domain="example.com", participants=[HALF]),
    "value": lambda a: a.companies.create({"name": HALF}),
    "slug": lambda a: a.companies.create({HALF: 1}),
    "expression": lambda a: a.companies.first(F.name == HALF),
}


@pytest.mark.parametrize("name", list(_CALLS))
async def test_half_a_surrogate_pair_is_refused_wherever_it_is(name: str) -> None:
    attio = FakeAttio(clock=VirtualClock()).client()
    with pytest.raises(AttioError) as caught:
        await _CALLS[name](attio)
    assert isinstance(caught.value, ValueError | LookupError)
    assert "surrogate" in str(caught.value) or isinstance(caught.value, CoercionError | ConfigurationError)


class Poison:
    def __str__(self) -> str:
        raise RuntimeError("it cannot be read")

    __repr__ = __str__


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def within_itself() -> dict[str, Any]:
    value: dict[str, Any] = {}
    value["again"] = value
    return value


_ODD: dict[str, Callable[[], Any]] = {
    "half a surrogate pair": lambda: HALF,
    "a null character": lambda: "a\0b",
    "a line break": lambda: "a\r\nb",
    "a very long text": lambda: "x" * 70_000,
    "a dot segment": lambda: "..",
    "nested": lambda: nested(600),
    "nested very deeply": lambda: nested(2_000),
    "a dict within itself": within_itself,
    "a number of thousands of digits": lambda: 10**5000,
    "NaN": lambda: float("nan"),
    "an object": object,
    "an object that cannot be shown": Poison,
    "bytes": lambda: b"\xff",
    "a set": lambda: {1},
    "a dict whose keys are numbers": lambda: {1: 2},
    "a dict with half a pair": lambda: {HALF: HALF},
    "a list with half a pair": lambda: [HALF],
    "a function": lambda: lambda: 1,
    "None": lambda: None,
}

_ODD_CALLS: dict[str, Callable[[Any, Any], Any]] = {
    "id": lambda a, odd: a.companies.get(odd),
    "ids": lambda a, odd: a.companies.get_many([odd]),
    "object": lambda a, odd: a.schema(odd),
    "target": lambda a, odd: a.schema("companies", target=odd),
    "list": lambda a, odd: a.entries("sales").get(odd),
    "method": lambda a, odd: a.request(odd, "/v2/self"),
    "path": lambda a, odd: a.request("GET", odd),
    "params": lambda a, odd: a.request("GET", "/v2/notes", params=odd),
    "param": lambda a, odd: a.request("GET", "/v2/notes", params={"parent_object": odd}),
    "body": lambda a, odd: a.request("POST", "/v2/tasks", json={"data": {"content": [odd]}}),
    "filter": lambda a, odd: a.companies.first(odd),
    "value of a filter": lambda a, odd: a.companies.first({"name": odd}),
    "sorts": lambda a, odd: a.companies.first(sorts=odd),
    "explain": lambda a, odd: a.companies.explain({"name": odd}),
    "values": lambda a, odd: a.companies.create(odd),
    "value": lambda a, odd: a.companies.create({"name": odd}),
    "values of an edit": lambda a, odd: a.companies.edit(ID, set=odd),
    "cleared": lambda a, odd: a.companies.edit(ID, clear=odd),
    "values of an entry": lambda a, odd: a.entries("sales").edit(ID, add={"stage": odd}),
    "match": lambda a, odd: a.companies.upsert({"name": "x"}, match=odd),
    "nulls": lambda a, odd: a.companies.upsert({"name": "x"}, match="domains", nulls=odd),
    "page size": lambda a, odd: a.companies.query(page_size=odd).page(),
    "limit": lambda a, odd: a.companies.query(limit=odd).collect(),
    "resume": lambda a, odd: anext(aiter(a.companies.scan(resume=odd))),
    "parallel": lambda a, odd: anext(aiter(a.companies.scan(parallel=odd))),
    "select": lambda a, odd: a.companies.export("/dev/null/x", select=odd),
    "export": lambda a, odd: a.companies.export(odd, format=odd),
    "format": lambda a, odd: a.companies.export("x.jsonl", format=odd),
    "note": lambda a, odd: a.notes.create(RecordRef("companies", ID), title=odd, content=odd),
    "task": lambda a, odd: a.tasks.create(odd),
    "meetings": lambda a, odd: a.meetings.list(participants=odd).first(),
    "webhook": lambda a, odd: a.webhooks.create(odd, [odd]),
    "SQL": lambda a, odd: a.sql(odd),
}


@pytest.mark.parametrize("name", list(_ODD_CALLS))
async def test_whatever_is_given_ends_in_errors_of_the_package_before_a_write_is_sent(
    name: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fake = FakeAttio(clock=VirtualClock())
    attio = fake.client()
    misfits: list[object] = []
    for odd, make in _ODD.items():
        before = len(fake.calls.where(method="POST")) + len(fake.calls.where(method="PUT"))
        try:
            await _ODD_CALLS[name](attio, make())
        except (BadRequest, NotFound):
            continue  # it is JSON, so only the API knows
        except (AttioError, StopAsyncIteration):
            after = len(fake.calls.where(method="POST")) + len(fake.calls.where(method="PUT"))
            if after > before and name != "resume":
                misfits.append((odd, "sent"))
        except Exception as error:  # noqa: BLE001 - it is reported
            misfits.append((odd, type(error), str(error)[:100]))
    assert not misfits


async def test_values_that_are_nested_deeply_can_be_read_and_exported(tmp_path: Any) -> None:
    fake = FakeAttio(clock=VirtualClock())
    attio = fake.client()
    await attio.companies.create({"name": "Acme"})
    deep = b"[" * 600 + b"]" * 600

    async def answer_deeply(request: Any, send: Any) -> Any:
        answer = await send(request)
        body = answer.body.replace(b'"value":"Acme"', b'"value":' + deep)
        return Response(status=answer.status, headers=answer.headers, body=body)

    deeply = fake.client(middleware=[answer_deeply])
    (record,) = await deeply.companies.query()
    assert len(record.to_json()) > 1200
    result = await deeply.companies.export(tmp_path / "x.jsonl")
    assert (result.records, deep.decode() in (tmp_path / "x.jsonl").read_text()) == (1, True)


async def test_a_query_in_the_path_is_sent_with_the_parameters() -> None:
    fake = FakeAttio(clock=VirtualClock())
    attio = fake.client()
    company = fake.seed.add_record("companies", {"name": "Acme"})["id"]["record_id"]
    other = fake.seed.add_record("companies", {"name": "Beta"})["id"]["record_id"]
    for record in (company, other):
        await attio.notes.create(RecordRef("companies", record), title="t", content="c")
    path = f"/v2/notes?parent_object=companies&parent_record_id={company}"
    found = await attio.request("GET", path, params={"limit": 50})
    assert [note["parent_record_id"] for note in found["data"]] == [company]
    with pytest.raises(ConfigurationError, match="parent_object is given in the path and in params"):
        await attio.request("GET", path, params={"parent_object": "people"})


@pytest.mark.parametrize(
    "query",
    [
        "code=c&state=s",
        "?code=c&state=s",
        "https://app.example.com/back?code=c&state=s",
        "https://app.example.com/back?code=c&state=s#top",
        "/back?code=c&state=s",
        b"code=c&state=s",
        {"code": "c", "state": "s"},
    ],
)
async def test_a_callback_is_read_from_a_query_a_whole_url_and_bytes(query: Any) -> None:
    from attio_async.oauth._flow import _parameters

    assert _parameters(query) == {"code": "c", "state": "s"}


async def test_secrets_are_stripped_of_blanks_as_the_token_is() -> None:
    oauth = OAuth(" id ", " secret\n", " https://app.example.com/back ")
    assert (oauth.client_id, oauth.redirect_uri) == ("id", "https://app.example.com/back")


_COLUMNS = {"name": "name"}
_PATHS: dict[str, Callable[[Attio, Path], Any]] = {
    "journal": lambda a, p: a.companies.create_many([{"name": "A"}], journal=p),
    "export": lambda a, p: a.companies.export(p, format="csv"),
    "resumed export": lambda a, p: a.companies.export(p, format="csv", resume=True),
    "parquet": lambda a, p: a.companies.export(p, format="parquet"),
    "changes": lambda a, p: a.feed(p, objects=["companies"]).__aenter__(),
    "upload": lambda a, p: a.files.upload(RecordRef("companies", ID), p),
    "download": lambda a, p: a.files.download(ID, p),
    "merges": lambda _a, p: Merges(p).follow(ID),
    "dead letters": lambda _a, p: list(read_dead_letters(p)),
    "source": lambda _a, p: ImportReader().open(p).__enter__(),
    "mapping": lambda _a, p: ColumnMapping.from_file(p),
    "kept mapping": lambda _a, p: ColumnMapping(columns=_COLUMNS).save(p),
    "models": lambda _a, p: Schema.from_models(p),
    "schema": lambda _a, p: Schema.from_file(p),
    "keys": lambda _a, p: TokenKeys.from_file(p),
    "tokens": lambda _a, p: SQLiteTokens(p, keys=TokenKeys("A" * 43 + "=")).put("a", "t"),
    "deliveries": lambda _a, p: SQLiteStore(p).pending(),
    "saved deliveries": lambda _a, p: list(DeliveryFile(p)),
    "a saved delivery": lambda _a, p: DeliveryFile(p).append(Delivery(key="k", body=b"", received_at=1.0)),
    "secrets": lambda _a, p: FileSecrets(p).put("w", "s"),
    "known secrets": lambda _a, p: FileSecrets(p).known(),
}


@pytest.mark.parametrize("use", _PATHS.values(), ids=_PATHS)
async def test_a_path_that_leads_nowhere_is_refused_with_an_error_of_this_package(
    use: Callable[[Attio, Path], Any], tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"\xff")
    (tmp_path / "folder").mkdir()
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    misfits: dict[str, object] = {}
    async with FakeAttio(clock=VirtualClock()).client() as attio:
        for name in ("missing/x", "folder", "file/x", "circle", "x\0y", HALF, "x" * 5_000):
            try:
                found = use(attio, tmp_path / name)
                if hasattr(found, "__await__"):
                    await found
            except (AttioError, OSError) as error:
                if not isinstance(error, AttioError):
                    misfits[name] = repr(error)
                str(error).encode()  # can be shown
            except Exception as error:  # noqa: BLE001 - it is reported
                misfits[name] = repr(error)
    assert not misfits
