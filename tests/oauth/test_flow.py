"""The authorization code flow. The token endpoint is scripted and time is virtual."""

from typing import Any, cast
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
CALLBACK = "https://example.com/attio/callback?x=1&y=a b"
TOKEN = "access-token-0123456789"


class Endpoint:
    """The OAuth endpoints: the requests they got, and the response they give."""

    def __init__(self, response: httpx.Response | None = None) -> None:
        self.requests: list[httpx.Request] = []
        self.response = response or httpx.Response(200, json={"access_token": TOKEN, "token_type": "Bearer"})
        self.clock = VirtualClock()

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.requests.append(request)
        return self.response

    def oauth(self, **options: Any) -> OAuth:
        given = {"transport": httpx.MockTransport(self), "clock": self.clock} | options
        return OAuth("client-1", SECRET, CALLBACK, **given)


def test_the_authorize_url_is_exact() -> None:
    url = Endpoint().oauth().authorize_url("s/t+a te")
    assert url == (
        "https://app.attio.com/authorize?client_id=client-1&response_type=code"
        "&redirect_uri=https%3A%2F%2Fexample.com%2Fattio%2Fcallback%3Fx%3D1%26y%3Da%20b&state=s%2Ft%2Ba%20te"
    )
    assert dict(parse_qsl(urlsplit(url).query))["redirect_uri"] == CALLBACK


async def test_a_browser_is_sent_to_attio_and_its_code_exchanged() -> None:
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
        "redirect_uri": CALLBACK,
        "client_id": "client-1",
        "client_secret": SECRET,
    }


async def test_blanks_around_credentials_are_ignored() -> None:
    endpoint = Endpoint()
    transport = httpx.MockTransport(endpoint)
    oauth = OAuth(" client-1\n", f"{SECRET}\r\n", " https://example.com/back ", transport=transport)
    assert (oauth.client_id, oauth.redirect_uri) == ("client-1", "https://example.com/back")
    await oauth.exchange("c", state=await oauth.new_state("s"), session="s")
    await oauth.introspect(f" {TOKEN}\n")
    exchange, introspection = endpoint.requests
    sent = dict(parse_qsl(exchange.content.decode()))
    assert [sent[name] for name in ("client_id", "client_secret", "redirect_uri")] == [
        "client-1",
        SECRET,
        "https://example.com/back",
    ]
    assert introspection.headers["authorization"] == f"Bearer {TOKEN}"


async def test_states_differ_and_cannot_be_guessed() -> None:
    oauth = Endpoint().oauth()
    states = {await oauth.new_state("s") for _ in range(100)}
    assert len(states) == 100
    assert min(map(len, states)) >= 43


async def test_an_invalid_state_never_reaches_the_token_endpoint() -> None:
    async def fault(name: str, endpoint: Endpoint, oauth: OAuth, state: str) -> tuple[str, str]:
        """Return the state and the session of a callback with this fault."""
        if name == "expired":
            endpoint.clock.advance(601)
        elif name == "used":
            await oauth.callback({"code": "c", "state": state}, session="mine")
            endpoint.requests.clear()
        elif name == "forgotten":
            await oauth.new_state("mine")
        wrong = state[:-1] + ("x" if state[-1] != "x" else "y")
        return {"missing": "", "wrong": wrong}.get(name, state), "theirs" if name == "foreign" else "mine"

    misfits = []
    for name in ("missing", "wrong", "foreign", "expired", "used", "forgotten"):
        for query in ({"code": "c"}, {"error": "access_denied"}):
            endpoint = Endpoint()
            oauth = endpoint.oauth(states=MemoryStates(max_pending=1))
            state, session = await fault(name, endpoint, oauth, await oauth.new_state("mine"))
            try:
                await oauth.callback({"state": state, **query}, session=session)
            except StateMismatch:
                if not endpoint.requests:
                    continue
            misfits.append((name, query, endpoint.requests))
    assert misfits == []


async def test_of_several_callbacks_with_one_state_only_one_succeeds() -> None:
    endpoint, outcomes = Endpoint(), []
    oauth = endpoint.oauth()
    state = await oauth.new_state("s")

    async def exchange() -> None:
        try:
            await oauth.exchange("c", state=state, session="s")
        except StateMismatch:
            outcomes.append("refused")
        else:
            outcomes.append("accepted")

    async with anyio.create_task_group() as group:
        for _ in range(5):
            group.start_soon(exchange)
    assert sorted(outcomes) == ["accepted"] + ["refused"] * 4
    assert len(endpoint.requests) == 1


async def test_an_error_in_the_callback_is_raised() -> None:
    endpoint = Endpoint()
    oauth = endpoint.oauth()
    misfits = {}
    for query, expected, code in [
        ("error=access_denied&error_description=No+thanks", AccessDenied, "access_denied"),
        ("error=server_error", OAuthError, "server_error"),
        ("error=brand_new&error_uri=https://x.example.com", OAuthError, "brand_new"),
        ("", OAuthError, "invalid_request"),
    ]:
        state = await oauth.new_state("s")
        with pytest.raises(OAuthError) as caught:
            await oauth.callback(f"{query}&state={state}", session="s")
        if (type(caught.value), caught.value.error, caught.value.status) != (expected, code, None):
            misfits[query] = caught.value
    assert misfits == {}
    assert endpoint.requests == []


async def test_a_parameter_that_is_none_is_missing() -> None:
    endpoint = Endpoint()
    async with endpoint.oauth() as oauth:
        for code in (None, "c"):
            query: dict[str, Any] = {"code": code, "state": await oauth.new_state("s"), "error": None}
            if code is None:
                with pytest.raises(OAuthError, match="the callback has no code"):
                    await oauth.callback(query, session="s")
                assert endpoint.requests == []
            else:
                assert (await oauth.callback(query, session="s")).access_token == TOKEN


async def test_an_error_of_the_token_endpoint_is_raised() -> None:
    misfits = []
    for response, expected, code in [
        (httpx.Response(400, json={"error": "invalid_grant"}), InvalidGrant, "invalid_grant"),
        (httpx.Response(401, json={"error": "invalid_client"}), InvalidClient, "invalid_client"),
        (httpx.Response(400, json={"error": "unsupported_grant_type"}), OAuthError, "unsupported_grant_type"),
        (httpx.Response(400, json={"code": "validation_type"}), OAuthError, "validation_type"),
        (httpx.Response(502, text="<html>bad gateway</html>"), OAuthError, "status 502"),
        (httpx.Response(302, headers={"location": "https://x.example.com"}), OAuthError, "status 302"),
    ]:
        endpoint = Endpoint(response)
        oauth = endpoint.oauth()
        with pytest.raises(OAuthError) as caught:
            await oauth.exchange("c", state=await oauth.new_state("s"), session="s")
        found = type(caught.value), caught.value.error, caught.value.status, len(endpoint.requests)
        if found != (expected, code, response.status_code, 1):
            misfits.append((code, found))
    assert misfits == []


async def test_a_response_without_a_token_is_an_error_that_shows_nothing_of_it() -> None:
    for response in (
        httpx.Response(200, json={}),
        httpx.Response(200, json={"access_token": 7}),
        httpx.Response(200, json=[TOKEN]),
        httpx.Response(200, text=f"token={TOKEN}"),
        httpx.Response(200, content=b"\xff"),
    ):
        oauth = Endpoint(response).oauth()
        with pytest.raises(DecodeError) as caught:
            await oauth.exchange("c", state=await oauth.new_state("s"), session="s")
        assert TOKEN not in str(caught.value), response.content
        assert "answered 200 with '…'" in str(caught.value)


async def test_secrets_are_not_shown() -> None:
    endpoint = Endpoint()
    oauth = endpoint.oauth()
    grant = await oauth.exchange("code-123", state=await oauth.new_state("s"), session="s")
    description = f"{SECRET} is wrong for code-123"
    endpoint.response = httpx.Response(
        401, json={"error": "invalid_client", "error_description": description}
    )
    with pytest.raises(InvalidClient) as caught:
        await oauth.exchange("code-123", state=await oauth.new_state("s"), session="s")
    shown = f"{oauth!r} {grant!r} {grant} {caught.value} {caught.value!r}"
    assert [secret for secret in (SECRET, TOKEN, "code-123") if secret in shown] == []
    assert str(caught.value) == "invalid_client: … is wrong for …"


async def test_a_failed_exchange_is_not_retried_and_shows_no_secret() -> None:
    requests = []

    def fail(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        raise httpx.ReadError("broken", request=request)

    oauth = OAuth("client-1", SECRET, CALLBACK, transport=httpx.MockTransport(fail))
    with pytest.raises(TransportError) as caught:
        await oauth.exchange("c", state=await oauth.new_state("s"), session="s")
    assert len(requests) == 1
    assert caught.value.sent
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_introspection_returns_the_scopes_and_workspace_of_a_token() -> None:
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
    endpoint.response = httpx.Response(200, json={"active": False})
    assert not (await oauth.introspect(TOKEN)).active


async def test_an_error_of_introspection_does_not_show_the_token() -> None:
    for token, echoed in ((TOKEN, TOKEN), ("to/ken=", "to%2Fken%3D")):
        refused = httpx.Response(401, json={"error": "invalid_token", "error_description": echoed})
        oauth = Endpoint(refused).oauth()
        with pytest.raises(OAuthError, match="invalid_token: …") as caught:
            await oauth.introspect(token)
        assert echoed not in str(caught.value)
    with pytest.raises(ConfigurationError, match="must not be empty"):
        await oauth.introspect(" ")


def test_invalid_options_are_refused_and_the_secret_is_not_shown() -> None:
    cases: list[tuple[Any, str]] = [
        (("", SECRET, CALLBACK), "https://app.attio.com"),
        (("client-1", " ", CALLBACK), "https://app.attio.com"),
        ((None, SECRET, CALLBACK), "https://app.attio.com"),  # as from a variable that is not set
        (("client-1", None, CALLBACK), "https://app.attio.com"),
        (("client-1", SECRET, None), "https://app.attio.com"),
        (("client-1", SECRET, "example.com/back"), "https://app.attio.com"),
        (("client-1", SECRET, "http://example.com/back"), "https://app.attio.com"),
        (("client-1", SECRET, CALLBACK + "#part"), "https://app.attio.com"),
        (("client-1", SECRET, CALLBACK), "http://attio.example.com"),
        (("client-1", SECRET, CALLBACK), "https://u:p@attio.example.com"),
    ]
    for arguments, base_url in cases:
        with pytest.raises(ConfigurationError) as caught:
            OAuth(*arguments, base_url=base_url)
        assert SECRET not in str(caught.value)


@pytest.mark.parametrize("name", ["state_ttl", "timeout"])
def test_a_duration_has_to_be_a_positive_number(name: str) -> None:
    for value in (0, -5, float("nan"), "600"):
        with pytest.raises(ConfigurationError, match=f"{name} must be at least"):
            Endpoint().oauth(**{name: value})


async def test_the_redirect_uri_may_be_on_this_machine() -> None:
    async with OAuth("client-1", SECRET, "http://localhost:3050/callback") as oauth:
        assert "localhost%3A3050" in oauth.authorize_url("s")


async def test_an_empty_session_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="session must not be empty"):
        await Endpoint().oauth().new_state("")
    for session in cast("list[str]", [5, b"session"]):
        with pytest.raises(ConfigurationError, match="session must be a text"):
            await Endpoint().oauth().new_state(session)
    await Endpoint().oauth().new_state("\ud800")


async def test_nothing_is_sent_after_closing() -> None:
    oauth = OAuth("client-1", SECRET, CALLBACK)
    await oauth.aclose()
    with pytest.raises(ConfigurationError, match="closed"):
        await oauth.exchange("c", state=await oauth.new_state("s"), session="s")
