"""Connecting workspaces. The token endpoint is scripted and time is virtual."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import anyio
import httpx
import pytest

from attio_async.errors import (
    AccessDenied,
    ConfigurationError,
    DecodeError,
    InvalidClient,
    InvalidGrant,
    OAuthError,
    StateMismatch,
    TransportError,
)
from attio_async.oauth import MemoryStates, OAuth
from attio_async.testing import VirtualClock

pytestmark = pytest.mark.anyio

SECRET = "client-secret-0123456789"
BACK = "https://example.com/attio/callback?x=1&y=a b"
TOKEN = "access-token-0123456789"


class Endpoint:
    """The OAuth endpoints: what they were asked, and what they answer."""

    def __init__(self, answer: httpx.Response | None = None) -> None:
        self.requests: list[httpx.Request] = []
        self.answer = answer or httpx.Response(200, json={"access_token": TOKEN, "token_type": "Bearer"})
        self.clock = VirtualClock()

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.requests.append(request)
        return self.answer

    def oauth(self, **options: Any) -> OAuth:
        given = {"transport": httpx.MockTransport(self), "clock": self.clock} | options
        return OAuth("client-1", SECRET, BACK, **given)


def test_the_address_is_exact() -> None:
    url = Endpoint().oauth().authorize_url("s/t+a te")
    assert url == (
        "https://app.attio.com/authorize?client_id=client-1&response_type=code"
        "&redirect_uri=https%3A%2F%2Fexample.com%2Fattio%2Fcallback%3Fx%3D1%26y%3Da%20b&state=s%2Ft%2Ba%20te"
    )
    assert dict(parse_qsl(urlsplit(url).query))["redirect_uri"] == BACK


async def test_there_and_back() -> None:
    endpoint = Endpoint()
    async with endpoint.oauth() as oauth:
        state = await oauth.new_state("session-1")
        assert parse_qs(urlsplit(oauth.authorize_url(state)).query)["state"] == [state]
        grant = await oauth.callback(f"?code=c%2F1&state={state}", session="session-1")
    assert (grant.access_token, grant.token_type) == (TOKEN, "Bearer")
    (request,) = endpoint.requests
    assert (request.method, str(request.url)) == ("POST", "https://app.attio.com/oauth/token")
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert "authorization" not in request.headers
    assert dict(parse_qsl(request.content.decode())) == {
        "grant_type": "authorization_code",
        "code": "c/1",
        "redirect_uri": BACK,
        "client_id": "client-1",
        "client_secret": SECRET,
    }


async def test_states_differ_and_cannot_be_guessed() -> None:
    oauth = Endpoint().oauth()
    states = {await oauth.new_state("s") for _ in range(100)}
    assert len(states) == 100
    assert min(map(len, states)) >= 43


@pytest.mark.parametrize("spoiled", ["missing", "wrong", "foreign", "old", "used", "forgotten"])
@pytest.mark.parametrize("answer", [{"code": "c"}, {"error": "access_denied"}])
async def test_no_other_state_reaches_the_token_endpoint(spoiled: str, answer: dict[str, str]) -> None:
    endpoint = Endpoint()
    oauth = endpoint.oauth(states=MemoryStates(most=1))
    state, session = await oauth.new_state("mine"), "mine"
    if spoiled == "missing":
        state = ""
    elif spoiled == "wrong":
        state = state[:-1] + ("x" if state[-1] != "x" else "y")
    elif spoiled == "foreign":
        session = "theirs"
    elif spoiled == "old":
        endpoint.clock.advance(601)
    elif spoiled == "used":
        await oauth.callback({"code": "c", "state": state}, session=session)
        endpoint.requests.clear()
    else:
        await oauth.new_state("mine")
    with pytest.raises(StateMismatch):
        await oauth.callback({"state": state, **answer}, session=session)
    assert endpoint.requests == []


async def test_of_two_that_come_with_one_state_one_gets_through() -> None:
    endpoint, outcomes = Endpoint(), []
    oauth = endpoint.oauth()
    state = await oauth.new_state("s")

    async def come_back() -> None:
        try:
            await oauth.exchange("c", state=state, session="s")
        except StateMismatch:
            outcomes.append("refused")
        else:
            outcomes.append("in")

    async with anyio.create_task_group() as group:
        for _ in range(5):
            group.start_soon(come_back)
    assert sorted(outcomes) == ["in"] + ["refused"] * 4
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize(
    ("query", "expected", "code"),
    [
        ("error=access_denied&error_description=No+thanks", AccessDenied, "access_denied"),
        ("error=server_error", OAuthError, "server_error"),
        ("error=brand_new&error_uri=https://x.example", OAuthError, "brand_new"),
        ("", OAuthError, "invalid_request"),
    ],
)
async def test_what_the_browser_reports_is_raised(query: str, expected: type[OAuthError], code: str) -> None:
    endpoint = Endpoint()
    oauth = endpoint.oauth()
    state = await oauth.new_state("s")
    with pytest.raises(expected) as caught:
        await oauth.callback(f"{query}&state={state}", session="s")
    assert caught.value.error == code
    assert caught.value.status is None
    assert endpoint.requests == []


@pytest.mark.parametrize(
    ("answer", "expected", "code"),
    [
        (httpx.Response(400, json={"error": "invalid_grant"}), InvalidGrant, "invalid_grant"),
        (httpx.Response(401, json={"error": "invalid_client"}), InvalidClient, "invalid_client"),
        (httpx.Response(400, json={"error": "unsupported_grant_type"}), OAuthError, "unsupported_grant_type"),
        (
            httpx.Response(400, json={"code": "validation_type", "message": "Bad."}),
            OAuthError,
            "validation_type",
        ),
        (httpx.Response(502, text="<html>bad gateway</html>"), OAuthError, "status 502"),
        (httpx.Response(302, headers={"location": "https://elsewhere.example"}), OAuthError, "status 302"),
    ],
)
async def test_refusals_of_the_token_endpoint_are_raised(
    answer: httpx.Response, expected: type[OAuthError], code: str
) -> None:
    endpoint = Endpoint(answer)
    oauth = endpoint.oauth()
    with pytest.raises(expected) as caught:
        await oauth.exchange("c", state=await oauth.new_state("s"), session="s")
    assert (caught.value.error, caught.value.status) == (code, answer.status_code)
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, json={}),
        httpx.Response(200, json={"access_token": 7}),
        httpx.Response(200, json=[TOKEN]),
        httpx.Response(200, text=f"token={TOKEN}"),
        httpx.Response(200, content=b"\xff"),
    ],
)
async def test_an_answer_without_a_token_is_an_error_that_shows_nothing_of_it(answer: httpx.Response) -> None:
    oauth = Endpoint(answer).oauth()
    with pytest.raises(DecodeError) as caught:
        await oauth.exchange("c", state=await oauth.new_state("s"), session="s")
    assert TOKEN not in str(caught.value)


async def test_secrets_are_not_shown() -> None:
    told = {"error": "invalid_client", "error_description": f"{SECRET} is wrong for code-123"}
    endpoint = Endpoint()
    oauth = endpoint.oauth()
    grant = await oauth.exchange("code-123", state=await oauth.new_state("s"), session="s")
    endpoint.answer = httpx.Response(401, json=told)
    with pytest.raises(InvalidClient) as caught:
        await oauth.exchange("code-123", state=await oauth.new_state("s"), session="s")
    shown = f"{oauth!r} {grant!r} {grant} {caught.value} {caught.value!r}"
    for secret in (SECRET, TOKEN, "code-123"):
        assert secret not in shown
    assert str(caught.value) == "invalid_client: … is wrong for …"


async def test_a_failed_exchange_is_not_repeated_and_does_not_tell() -> None:
    requests = []

    def broken(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        raise httpx.ReadError("broken", request=request)

    oauth = OAuth("client-1", SECRET, BACK, transport=httpx.MockTransport(broken))
    with pytest.raises(TransportError) as caught:
        await oauth.exchange("c", state=await oauth.new_state("s"), session="s")
    assert len(requests) == 1
    assert caught.value.sent
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_introspection_tells_what_a_token_is_good_for() -> None:
    endpoint = Endpoint(
        httpx.Response(200, json={"active": True, "scope": "note:read task:read", "workspace_slug": "acme"})
    )
    oauth = endpoint.oauth()
    identity = await oauth.introspect(TOKEN)
    assert identity.active
    assert (identity.scopes, identity.workspace_slug) == (("note:read", "task:read"), "acme")
    (request,) = endpoint.requests
    assert str(request.url) == "https://app.attio.com/oauth/introspect"
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    endpoint.answer = httpx.Response(200, json={"active": False})
    assert not (await oauth.introspect(TOKEN)).active
    endpoint.answer = httpx.Response(401, json={"error": "invalid_token", "error_description": TOKEN})
    with pytest.raises(OAuthError, match="invalid_token") as caught:
        await oauth.introspect(TOKEN)
    assert TOKEN not in str(caught.value)
    with pytest.raises(ConfigurationError):
        await oauth.introspect("")


@pytest.mark.parametrize(
    "make",
    [
        lambda: OAuth("", SECRET, BACK),
        lambda: OAuth("client-1", "", BACK),
        lambda: OAuth("client-1", SECRET, "example.com/back"),
        lambda: OAuth("client-1", SECRET, "http://example.com/back"),
        lambda: OAuth("client-1", SECRET, BACK + "#part"),
        lambda: OAuth("client-1", SECRET, BACK, base_url="http://attio.example"),
        lambda: OAuth("client-1", SECRET, BACK, base_url="https://u:p@attio.example"),
    ],
)
def test_what_cannot_work_is_refused(make: Callable[[], OAuth]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        make()
    assert SECRET not in str(caught.value)


async def test_the_redirect_may_come_back_to_this_machine_and_a_session_is_needed() -> None:
    oauth = OAuth("client-1", SECRET, "http://localhost:3050/callback")
    with pytest.raises(ConfigurationError, match="everybody's"):
        await oauth.new_state("")
    await oauth.aclose()
    with pytest.raises(ConfigurationError, match="closed"):
        await oauth.exchange("c", state=await oauth.new_state("s"), session="s")
