"""The example app in a real browser, against the pages of a served fake. Everything is on this machine."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from attio_async.testing import FakeAttio
from tests.browser import free_port, in_thread, needs_a_browser, running_browser, served

from .support import EXAMPLES

pytestmark = [pytest.mark.full, needs_a_browser]

SECRET = "the-client-secret"


class Site:
    """The app and the fake, both served."""

    def __init__(self, fake: FakeAttio, app: Any, url: str) -> None:
        self.fake = fake
        self.app = app
        self.url = url

    @property
    def exchanges(self) -> int:
        return len(self.fake.calls.where(path="/oauth/token"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with running_browser() as started:
        yield started


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    from oauth_tasks.__main__ import SCOPES, AppKeys, add_tasks, create_app

    fake = FakeAttio()
    in_thread(add_tasks, fake)
    with ExitStack() as stack:
        port = free_port()
        url = f"http://localhost:{port}"
        callback = f"{url}/integrations/attio/callback"
        fake.auth.add_oauth_client("tasks", SECRET, callback, SCOPES, name="Tasks")
        attio = stack.enter_context(fake.serve())
        app = create_app(tmp_path, AppKeys.generate(), "tasks", SECRET, callback, fake_url=attio.url)
        stack.enter_context(served(app.starlette(), port))
        yield Site(fake, app, url)
        in_thread(app.tokens.aclose)


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context()
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def sign_up(page: Any, site: Site) -> None:
    page.goto(site.url)
    page.get_by_role("link", name="Sign up").click()
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("Password").fill("correct horse")
    page.get_by_role("button", name="Sign up").click()


def connect(page: Any, decision: str) -> None:
    page.get_by_role("link", name="Connect Attio").click()
    page.get_by_role("heading", name="Connect Tasks").wait_for()
    page.get_by_label("Log in as").select_option(label="Grace Hopper")
    page.get_by_role("button", name=decision).click()


def test_a_user_connects_completes_a_task_and_connects_again_after_a_revocation(
    page: Any, site: Site
) -> None:
    sign_up(page, site)
    page.get_by_text("You are signed in as Ada").wait_for()
    connect(page, "Allow")
    page.get_by_text("Call Ada back").wait_for()
    assert page.url == f"{site.url}/"
    assert page.get_by_role("listitem").count() == 3
    page.get_by_role("listitem").filter(has_text="Call Ada back").get_by_role("button", name="Done").click()
    page.get_by_text("Call Ada back").wait_for(state="detached")
    assert page.get_by_role("listitem").count() == 2
    assert site.exchanges == 1
    site.fake.auth.revoke_token(in_thread(site.app.tokens.get, "1"))
    page.reload()
    assert "has ended" in page.get_by_role("status").inner_text()
    connect(page, "Allow")
    page.get_by_text("Send the contract").wait_for()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_text("You are not signed in").wait_for()


def test_a_denial_connects_nothing(page: Any, site: Site) -> None:
    sign_up(page, site)
    connect(page, "Deny")
    assert "you denied access" in page.get_by_role("status").inner_text()
    assert site.exchanges == 0
    assert in_thread(site.app.tokens.tenants) == []


def test_an_invalid_or_repeated_state_never_reaches_the_token_endpoint(
    page: Any, site: Site, browser: Any
) -> None:
    sign_up(page, site)
    callbacks: list[str] = []
    page.on("request", lambda request: "callback?" in request.url and callbacks.append(request.url))
    connect(page, "Allow")
    page.get_by_text("Call Ada back").wait_for()
    (url,) = callbacks
    state = parse_qs(urlsplit(url).query)["state"][0]
    for wrong in (url, url.replace(state, "x" * len(state)), url.replace("&state=", "&other=")):
        answer = page.goto(wrong)
        assert answer.status == 403
        assert "was not started in this browser" in page.get_by_role("status").inner_text()
    assert site.exchanges == 1
    page.goto(f"{site.url}/")
    page.get_by_text("Call Ada back").wait_for()
