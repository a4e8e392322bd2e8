"""Only exceptions of the package come out, whatever is given: hosts, proxies, tokens, callbacks and odd text."""

from collections.abc import Callable
from typing import Any

import pytest

from attio_async import Attio, F
from attio_async.errors import AttioError, CoercionError, ConfigurationError
from attio_async.oauth import OAuth
from attio_async.testing import FakeAttio, VirtualClock
from attio_async.values import RecordRef

pytestmark = pytest.mark.anyio

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
    assert "surrogate" in str(caught.value) or isinstance(caught.value, CoercionError)


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
