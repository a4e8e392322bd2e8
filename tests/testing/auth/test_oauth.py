"""The OAuth pages and endpoints of the fake, and the client against them."""

import html
import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
import pytest

from attio_async import Attio
from attio_async.errors import (
    AccessDenied,
    InvalidClient,
    InvalidGrant,
    OAuthError,
    PermissionDenied,
    StateMismatch,
    TransportError,
)
from attio_async.oauth import OAuth
from attio_async.testing import ConnectionReset, FakeAttio, FixedResponse, VirtualClock

pytestmark = pytest.mark.anyio

BACK = "https://app.example.com/callback?kept=1"
SECRET = "a-client-secret"


@pytest.fixture
def fake() -> FakeAttio:
    fake = FakeAttio(clock=VirtualClock())
    fake.auth.add_oauth_client(
        "app-1", SECRET, [BACK, "http://localhost:3050/back"], ["task:read", "user_management:read"]
    )
    return fake


@pytest.fixture
async def browser(fake: FakeAttio) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=fake.transport(), base_url="https://app.attio.com") as client:
        yield client


def oauth_of(fake: FakeAttio, **options: Any) -> OAuth:
    given = {"transport": fake.transport(), "clock": fake.clock} | options
    return OAuth("app-1", given.pop("secret", SECRET), BACK, **given)


def asked(**changes: str | None) -> str:
    query = {"client_id": "app-1", "response_type": "code", "redirect_uri": BACK, "state": "s/1"} | changes
    return "/authorize?" + urlencode({name: value for name, value in query.items() if value is not None})


def fields(page: str) -> dict[str, str]:
    """Return the form's fields, with the first member chosen."""
    ticket = re.search(r'name="ticket" value="([^"]+)"', page)
    member = re.search(r'<option value="([^"]+)">', page)
    assert ticket is not None
    assert member is not None
    return {"ticket": html.unescape(ticket[1]), "member": member[1]}


async def exchanged(browser: httpx.AsyncClient, **changes: str | None) -> httpx.Response:
    form = {
        "grant_type": "authorization_code",
        "redirect_uri": BACK,
        "client_id": "app-1",
        "client_secret": SECRET,
    } | changes
    return await browser.post(
        "/oauth/token", data={name: value for name, value in form.items() if value is not None}
    )


async def code_of(browser: httpx.AsyncClient, **changes: str | None) -> str:
    page = await browser.get(asked(**changes))
    answer = await browser.post("/authorize", data=fields(page.text) | {"decision": "allow"})
    return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]


async def test_the_client_gets_a_token_that_works(fake: FakeAttio) -> None:
    async with oauth_of(fake) as oauth:
        back = fake.auth.authorize(oauth.authorize_url(await oauth.new_state("me")))
        assert back.startswith(BACK + "&code=")
        grant = await oauth.callback(urlsplit(back).query, session="me")
        identity = await oauth.introspect(grant.access_token)
        assert identity.active
        assert (identity.client_id, identity.scopes) == ("app-1", ("task:read", "user_management:read"))
        assert identity.workspace_name == "Fake Workspace"
        async with fake.client(token=grant.access_token) as attio:
            members = await attio.workspace_members.list()
            assert identity.authorized_by_workspace_member_id == members[0].id
            with pytest.raises(PermissionDenied):
                await attio.companies.create({"name": "Acme"})
        fake.auth.revoke_token(grant.access_token)
        assert not (await oauth.introspect(grant.access_token)).active
    assert [call.operation for call in fake.calls[:2]] == ["oauth_token", "oauth_introspect"]


async def test_an_app_is_the_actor_of_its_writes(fake: FakeAttio) -> None:
    fake.auth.add_oauth_client("writer", SECRET, BACK)
    async with OAuth("writer", SECRET, BACK, transport=fake.transport(), clock=fake.clock) as oauth:
        back = fake.auth.authorize(
            oauth.authorize_url(await oauth.new_state("me")), member="grace@fake-workspace.example.com"
        )
        grant = await oauth.callback(urlsplit(back).query, session="me")
        identity = await oauth.introspect(grant.access_token)
    async with fake.client(token=grant.access_token) as attio:
        company = await attio.companies.create({"name": "Acme"})
        grace = await attio.workspace_members.get(str(identity.authorized_by_workspace_member_id))
    assert grace.first_name == "Grace"
    actor = company.values("name")[0].created_by
    assert actor is not None
    assert (actor.type, actor.id) == ("app", "writer")


async def test_the_page_names_the_app_and_its_scopes(fake: FakeAttio, browser: httpx.AsyncClient) -> None:
    fake.auth.add_oauth_client("<b>", SECRET, BACK, name='"Tasks" & <more>')
    page = await browser.get(asked(client_id="<b>"))
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["x-frame-options"] == "DENY"
    assert "<h1>Connect &quot;Tasks&quot; &amp; &lt;more&gt;</h1>" in page.text
    assert "<more>" not in page.text
    assert "Ada Lovelace" in page.text
    assert "task:read, user_management:read" in (await browser.get(asked())).text
    answer = await browser.post("/authorize", data=fields(page.text) | {"decision": "allow"})
    assert answer.status_code == 303
    back = urlsplit(answer.headers["location"])
    assert back._replace(query="").geturl() == "https://app.example.com/callback"
    assert {"kept": "1", "state": "s/1"}.items() <= dict(parse_qsl(back.query)).items()


async def test_a_denial_is_reported(fake: FakeAttio, browser: httpx.AsyncClient) -> None:
    page = await browser.get(asked(state=None))
    answer = await browser.post("/authorize", data=fields(page.text) | {"decision": "deny"})
    query = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
    assert (query["error"], query.get("state"), "code" in query) == ("access_denied", None, False)
    async with oauth_of(fake) as oauth:
        back = fake.auth.authorize(oauth.authorize_url(await oauth.new_state("me")), allow=False)
        with pytest.raises(AccessDenied):
            await oauth.callback(urlsplit(back).query, session="me")


@pytest.mark.parametrize(
    "changes",
    [{"client_id": "other"}, {"client_id": None}, {"redirect_uri": BACK + "/"}, {"redirect_uri": None}],
)
async def test_an_unregistered_redirect_is_refused(
    fake: FakeAttio, browser: httpx.AsyncClient, changes: dict[str, str | None]
) -> None:
    answer = await browser.get(asked(**changes))
    assert answer.status_code == 400
    assert "location" not in answer.headers
    with pytest.raises(LookupError):
        fake.auth.authorize("https://app.attio.com" + asked(**changes))


@pytest.mark.parametrize(
    ("target", "error"),
    [
        (asked(response_type="token"), "unsupported_response_type"),
        (asked(response_type=None), "invalid_request"),
        (asked() + "&state=2", "invalid_request"),
    ],
)
async def test_other_errors_are_reported_to_the_app(
    fake: FakeAttio, browser: httpx.AsyncClient, target: str, error: str
) -> None:
    answer = await browser.get(target)
    assert answer.status_code == 303
    assert parse_qs(urlsplit(answer.headers["location"]).query)["error"] == [error]
    assert fake.auth.authorize("https://app.attio.com" + target) == answer.headers["location"]


async def test_a_page_takes_one_decision_of_a_member(fake: FakeAttio, browser: httpx.AsyncClient) -> None:
    form = fields((await browser.get(asked())).text) | {"decision": "allow"}
    assert (await browser.post("/authorize", data=form)).status_code == 303
    assert (await browser.post("/authorize", data=form)).status_code == 400
    for wrong in ({"ticket": "x"}, {"member": "x"}, {"decision": "maybe"}):
        form = fields((await browser.get(asked())).text) | {"decision": "allow"} | wrong
        assert (await browser.post("/authorize", data=form)).status_code == 400
    form = fields((await browser.get(asked())).text) | {"decision": "allow"}
    await fake.clock.sleep(601)
    assert (await browser.post("/authorize", data=form)).status_code == 400
    assert (await browser.post("/authorize", content=b"\xff")).status_code == 400


async def test_a_code_is_exchanged_once_by_its_app(fake: FakeAttio, browser: httpx.AsyncClient) -> None:
    fake.auth.add_oauth_client("app-2", "other secret", BACK)
    code = await code_of(browser)
    assert (await exchanged(browser, code=code)).json()["token_type"] == "Bearer"
    refused = await exchanged(browser, code=code)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    other = {"client_id": "app-2", "client_secret": "other secret"}
    for changes in (other, {"redirect_uri": "http://localhost:3050/back"}, {"code": "x"}):
        given = {"code": await code_of(browser)} | changes
        refused = await exchanged(browser, **given)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    code = await code_of(browser)
    await fake.clock.sleep(601)
    assert (await exchanged(browser, code=code)).json()["error"] == "invalid_grant"


async def test_invalid_exchanges_are_refused_by_the_standard(browser: httpx.AsyncClient) -> None:
    cases: list[tuple[dict[str, str | None], int, str]] = [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": None}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": None}, 400, "invalid_request"),
        ({"code": None}, 400, "invalid_request"),
        ({"redirect_uri": None}, 400, "invalid_request"),
    ]
    for changes, status, error in cases:
        fields = {"code": await code_of(browser)} | changes
        refused = await exchanged(browser, **fields)
        assert (refused.status_code, refused.json()["error"]) == (status, error), changes
        assert refused.headers["cache-control"] == "no-store"
        assert SECRET not in refused.text


async def test_an_exchange_is_a_form_without_duplicate_fields(browser: httpx.AsyncClient) -> None:
    for request in (
        {"json": {"grant_type": "authorization_code"}},
        {"content": b"\xff", "headers": {"content-type": "application/x-www-form-urlencoded"}},
        {"content": b"code=1&code=2", "headers": {"content-type": "application/x-www-form-urlencoded"}},
    ):
        assert (await browser.post("/oauth/token", **request)).json()["error"] == "invalid_request"
    for method, path in (("GET", "/oauth/token"), ("PUT", "/authorize"), ("GET", "/oauth/introspect")):
        assert (await browser.request(method, path)).status_code == 405
    assert (await browser.post("/oauth/introspect")).status_code == 401


@pytest.mark.parametrize("spoiled", ["missing", "wrong", "replayed"])
async def test_an_invalid_state_never_reaches_the_token_endpoint(fake: FakeAttio, spoiled: str) -> None:
    async with oauth_of(fake) as oauth:
        back = fake.auth.authorize(oauth.authorize_url(await oauth.new_state("me")))
        query = dict(parse_qsl(urlsplit(back).query))
        if spoiled == "missing":
            del query["state"]
        elif spoiled == "wrong":
            query["state"] = "x" * len(query["state"])
        else:
            await oauth.callback(query, session="me")
            fake.calls.clear()
        with pytest.raises(StateMismatch):
            await oauth.callback(query, session="me")
    assert fake.calls == []


async def test_the_endpoints_are_operations_of_calls_and_faults(fake: FakeAttio) -> None:
    async with oauth_of(fake) as oauth:
        back = fake.auth.authorize(oauth.authorize_url(await oauth.new_state("me")))
        fake.fault(ConnectionReset(when="after"), operation="oauth_token")
        with pytest.raises(TransportError):
            await oauth.callback(urlsplit(back).query, session="me")
        # The code is used up, and an exchange is not repeated.
        assert len(fake.calls.where(operation="oauth_token")) == 1
        again = dict(parse_qsl(urlsplit(back).query)) | {"state": await oauth.new_state("me")}
        with pytest.raises(InvalidGrant):
            await oauth.callback(again, session="me")


async def test_the_client_raises_the_error_of_the_endpoint(fake: FakeAttio) -> None:
    async with oauth_of(fake, secret="wrong") as oauth:
        back = fake.auth.authorize(oauth.authorize_url(await oauth.new_state("me")))
        with pytest.raises(InvalidClient):
            await oauth.callback(urlsplit(back).query, session="me")
    async with oauth_of(fake) as oauth:
        with pytest.raises(InvalidGrant):
            await oauth.exchange("unknown", state=await oauth.new_state("me"), session="me")
        fake.fault(FixedResponse(502, b"<html>"))
        with pytest.raises(OAuthError, match="502"):
            await oauth.exchange("c", state=await oauth.new_state("me"), session="me")


def test_invalid_apps_are_refused(fake: FakeAttio) -> None:
    for arguments in (
        ("", SECRET, BACK),
        ("a", "", BACK),
        ("a", SECRET, []),
        ("a", SECRET, [""]),
        ("app-1", SECRET, BACK),
        ("a", SECRET, BACK, ["nonsense"]),
    ):
        with pytest.raises(ValueError, match=r"."):
            fake.auth.add_oauth_client(*arguments)
    assert SECRET not in repr(fake.auth.add_oauth_client("b", SECRET, BACK))


async def test_a_served_fake_has_the_oauth_pages() -> None:
    fake = FakeAttio()
    fake.auth.add_oauth_client("app-1", SECRET, BACK)
    with fake.serve() as server:
        async with OAuth("app-1", SECRET, BACK, base_url=server.url) as oauth, httpx.AsyncClient() as browser:
            page = await browser.get(oauth.authorize_url(await oauth.new_state("me")))
            answer = await browser.post(
                f"{server.url}/authorize", data=fields(page.text) | {"decision": "allow"}
            )
            grant = await oauth.callback(urlsplit(answer.headers["location"]).query, session="me")
            assert (await oauth.introspect(grant.access_token)).active
        async with Attio(grant.access_token, base_url=server.url) as attio:
            assert (await attio.identify()).client_id == "app-1"
