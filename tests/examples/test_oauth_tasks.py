"""The example app, used through an HTTP client: users, connecting Attio, tasks, and attacks."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from attio_async import AttioPool
from attio_async.oauth import OAuth, SQLiteTokens, TokenKeys
from attio_async.testing import FakeAttio, FixedResponse
from tests.support import trio_when_full

from .support import EXAMPLES

pytestmark = pytest.mark.anyio
anyio_backend = trio_when_full

APP = "https://tasks.example.com"
CALLBACK = f"{APP}/integrations/attio/callback"
COOKIE = "__Host-session"
SECRET = "the-client-secret"
PASSWORD = {"name": "Ada", "password": "correct horse"}


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))


@pytest.fixture
async def fake() -> FakeAttio:
    from oauth_tasks.__main__ import SCOPES, add_tasks

    fake = FakeAttio()
    fake.auth.add_oauth_client("tasks", SECRET, CALLBACK, SCOPES)
    await add_tasks(fake)
    return fake


class Browser(httpx.AsyncClient):
    """Follows redirects within the app, and none to Attio."""

    async def click(self, method: str, path: str, data: Any = None) -> httpx.Response:
        if method == "POST":
            return await self._follow(await self.submit(path, data))
        return await self._follow(await self.get(path))

    async def submit(self, path: str, data: Any = None) -> httpx.Response:
        """Open the page with the form, and submit it as a person does."""
        page = await self.get(path if path in {"/signup", "/login"} else "/")
        token = page.text.partition('name="form_token" value="')[2].partition('"')[0]
        return await self.post(path, data={**(data or {}), "form_token": token})

    async def _follow(self, answer: httpx.Response) -> httpx.Response:
        while answer.has_redirect_location and answer.headers["location"].startswith("/"):
            answer = await self.get(answer.headers["location"])
        return answer


@pytest.fixture
async def app(fake: FakeAttio, tmp_path: Path) -> AsyncIterator[Any]:
    from oauth_tasks.app import TasksApp
    from oauth_tasks.sessions import Sessions
    from oauth_tasks.users import Users

    keys = TokenKeys(TokenKeys.generate())
    async with (
        SQLiteTokens(tmp_path / "tokens.db", keys=keys) as tokens,
        OAuth("tasks", SECRET, CALLBACK, transport=fake.transport()) as oauth,
        AttioPool(tokens.get, transport=fake.transport(), base_url="https://api.example.com") as pool,
    ):
        users = Users(tmp_path / "users.db")
        sessions = Sessions(TokenKeys(TokenKeys.generate()), tmp_path / "sessions.db")
        yield TasksApp(oauth=oauth, tokens=tokens, pool=pool, users=users, sessions=sessions)


def browser_of(app: Any) -> Browser:
    return Browser(transport=httpx.ASGITransport(app.starlette()), base_url=APP)


@pytest.fixture
async def browser(app: Any) -> AsyncIterator[Browser]:
    async with browser_of(app) as browser:
        yield browser


async def connected(browser: Browser, fake: FakeAttio, **decision: Any) -> httpx.Response:
    to_attio = await browser.click("GET", "/integrations/attio/connect")
    back = fake.auth.authorize(to_attio.headers["location"], **decision)
    return await browser.click("GET", back.removeprefix(APP))


async def test_a_user_signs_up_connects_attio_and_completes_a_task(
    fake: FakeAttio, browser: Browser, tmp_path: Path
) -> None:
    assert "You are not signed in" in (await browser.get("/")).text
    assert (await browser.get("/integrations/attio/connect")).headers["location"] == "/signup"
    home = await browser.click("POST", "/signup", PASSWORD)
    assert "signed in as <strong>Ada</strong>" in home.text
    assert "Connect Attio" in home.text
    home = await connected(browser, fake)
    assert "Call Ada back" in home.text
    done = home.text.partition('action="/tasks/')[2].partition("/complete")[0]
    home = await browser.click("POST", f"/tasks/{done}/complete")
    assert "Call Ada back" not in home.text
    assert "Send the contract to Acme" in home.text
    async with fake.client() as attio:
        assert (await attio.tasks.get(done)).is_completed
    assert len(fake.calls.where(path="/oauth/token")) == 1
    assert PASSWORD["password"].encode() not in (tmp_path / "users.db").read_bytes()
    home = await browser.click("POST", "/integrations/attio/disconnect")
    assert "Connect Attio" in home.text
    assert "You are not signed in" in (await browser.click("POST", "/logout")).text


async def test_a_denial_and_a_revoked_token_are_reported(fake: FakeAttio, browser: Browser, app: Any) -> None:
    await browser.click("POST", "/signup", PASSWORD)
    assert "you denied access" in (await connected(browser, fake, allow=False)).text
    assert fake.calls.where(path="/oauth/token") == []
    assert "Call Ada back" in (await connected(browser, fake)).text
    fake.auth.revoke_token(await app.tokens.get("1"))
    ended = await browser.get("/")
    assert "The connection to Attio has ended" in ended.text
    assert await app.tokens.tenants() == []
    assert "Call Ada back" in (await connected(browser, fake)).text


async def test_only_the_browser_that_started_can_connect_and_only_once(
    fake: FakeAttio, browser: Browser, app: Any
) -> None:
    await browser.click("POST", "/signup", PASSWORD)
    to_attio = (await browser.get("/integrations/attio/connect")).headers["location"]
    state = parse_qs(urlsplit(to_attio).query)["state"][0]
    back = fake.auth.authorize(to_attio)
    async with browser_of(app) as other:
        await other.click("POST", "/signup", {"name": "Eve", "password": "another one"})
        stolen = await other.get(back)
        assert (stolen.status_code, "was not started in this browser" in stolen.text) == (403, True)
    for wrong in (back.replace(state, "x" * len(state)), back.replace("state=", "other="), back):
        refused = await browser.get(wrong)  # the stolen one is used up
        assert refused.status_code == 403
    assert fake.calls.where(path="/oauth/token") == []
    assert await app.tokens.tenants() == []


async def test_names_are_unique_and_passwords_checked(browser: Browser, app: Any) -> None:
    await browser.click("POST", "/signup", PASSWORD)
    assert (await browser.click("POST", "/signup", PASSWORD)).status_code == 409
    assert (await browser.click("POST", "/signup", {"name": "B", "password": "short"})).status_code == 400
    assert (await browser.click("POST", "/login", PASSWORD | {"password": "wrong one"})).status_code == 403
    assert (await browser.click("POST", "/login", PASSWORD | {"name": "Nobody"})).status_code == 403
    async with browser_of(app) as other:
        assert "signed in as <strong>Ada" in (await other.click("POST", "/login", PASSWORD)).text
        cookie = other.cookies[COOKIE]
        other.cookies.clear()
        for forged in (cookie[:-2] + "AA", "x", TokenKeys(TokenKeys.generate()).seal(b"{}").decode()):
            answer = await other.get("/", headers={"cookie": f"{COOKIE}={forged}"})
            assert "You are not signed in" in answer.text


async def test_the_cookie_is_protected_and_expires(
    browser: Browser, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = await browser.submit("/signup", PASSWORD)
    cookie = answer.headers["set-cookie"].lower()
    assert all(
        part in cookie
        for part in ("httponly", "samesite=lax", "secure", "max-age=28800", "path=/", "__host-session=")
    )
    sessions = sys.modules["oauth_tasks.sessions"]
    later = sessions.time.time() + 8 * 3600 + 1
    monkeypatch.setattr(sessions.time, "time", lambda: later)
    assert "You are not signed in" in (await browser.get("/")).text


async def test_a_form_of_another_site_signs_nobody_in_or_out(browser: Browser, app: Any) -> None:
    await browser.click("POST", "/signup", PASSWORD)
    async with browser_of(app) as victim:
        for path in ("/login", "/signup", "/logout", "/integrations/attio/disconnect", "/tasks/x/complete"):
            # as another site's form: without the cookie, and with the token of the attacker's own session
            own = (await browser.get("/")).text.partition('name="form_token" value="')[2].partition('"')[0]
            for token in ("", own):
                answer = await victim.post(path, data={**PASSWORD, "form_token": token})
                assert (answer.status_code, COOKIE in answer.cookies) == (403, False)
        assert "You are not signed in" in (await victim.get("/")).text
    # beside a session of one's own, as a form of a host of the same site
    for path in ("/login", "/logout", "/integrations/attio/disconnect", "/tasks/x/complete"):
        assert (await browser.post(path, data=PASSWORD)).status_code == 403
    assert "signed in as <strong>Ada" in (await browser.get("/")).text


async def test_signing_out_ends_the_session_in_copies_of_the_cookie_too(browser: Browser, app: Any) -> None:
    await browser.click("POST", "/signup", PASSWORD)
    copies = [browser.cookies[COOKIE]]
    await browser.click("POST", "/login", PASSWORD)  # a new session, so the one before has ended
    copies.append(browser.cookies[COOKIE])
    async with browser_of(app) as thief:
        found = [await thief.get("/", headers={"cookie": f"{COOKIE}={copy}"}) for copy in copies]
        assert ["signed in as <strong>Ada" in each.text for each in found] == [False, True]
        await browser.click("POST", "/logout")
        for copy in copies:
            stolen = await thief.get("/", headers={"cookie": f"{COOKIE}={copy}"})
            assert "You are not signed in" in stolen.text


async def test_the_keys_of_tokens_open_no_cookie_and_the_other_way_round(
    browser: Browser, app: Any, fake: FakeAttio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from oauth_tasks.__main__ import AppKeys, create_app

    keys = AppKeys.generate()
    own = create_app(tmp_path, keys, "tasks", SECRET, CALLBACK, fake_url="http://127.0.0.1:9")
    async with browser_of(own) as other:
        await other.click("POST", "/signup", PASSWORD)
        cookie = other.cookies[COOKIE].encode()
    assert keys.sessions.open(cookie)
    assert keys.tokens.open(cookie) is None
    await own.tokens.aclose()
    one = TokenKeys.generate()
    monkeypatch.setenv("ATTIO_TOKEN_KEYS", one)
    monkeypatch.setenv("SESSION_KEYS", one)
    with pytest.raises(SystemExit, match="must be different keys"):
        AppKeys.from_env()


async def test_text_is_escaped_and_failures_are_reported(fake: FakeAttio, browser: Browser) -> None:
    await browser.click("POST", "/signup", {"name": "<i>Ada</i>", "password": "correct horse"})
    async with fake.client() as attio:
        await attio.tasks.create("<script>alert(1)</script>")
    home = await connected(browser, fake)
    assert "<script>" not in home.text
    assert "&lt;script&gt;" in home.text
    assert "<i>" not in home.text
    assert (await browser.click("POST", "/tasks/not-an-id/complete")).status_code == 200
    missing = await browser.submit(f"/tasks/{fake.seed.add_record('people', {})['id']['record_id']}/complete")
    assert "That task no longer exists" in missing.text
    fake.fault(FixedResponse(400, {"status_code": 400, "type": "x", "code": "y", "message": "No."}))
    assert (await browser.get("/")).status_code == 502
    fake.fault(FixedResponse(502, b"<html>"))
    refused = await connected(browser, fake)
    assert (refused.status_code, "could not be connected" in refused.text) == (502, True)


async def test_a_large_form_is_not_read(app: Any) -> None:
    read, statuses = 0, []

    async def receive() -> Any:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": b"x" * 1000, "more_body": True}

    async def send(message: Any) -> None:
        statuses.append(message.get("status"))

    scope = {"type": "http", "method": "POST", "path": "/signup", "query_string": b"", "headers": []}
    await app.starlette()(scope, receive, send)
    assert (read, statuses[0]) == (11, 403)


def test_the_demo_serves_a_fake_workspace(tmp_path: Path) -> None:
    from contextlib import ExitStack

    from oauth_tasks.__main__ import create_demo

    with ExitStack() as stack:
        app = create_demo(tmp_path, stack)
        assert "Connect Tasks" in httpx.get(app.oauth.authorize_url("state")).text
