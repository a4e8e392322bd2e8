"""The example app in a real browser, against the pages of a served fake. Everything is on this machine."""

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio
import pytest

from attio_async.testing import FakeAttio

from .support import EXAMPLES

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright, of the development extras")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.full,
    pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium on the PATH; apt-get install chromium"),
]

SECRET = "the-client-secret"
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


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
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


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


def in_thread(function: Any, *arguments: Any) -> Any:
    """Run an async function in another thread, since Playwright uses the event loop of this one."""
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(anyio.run(function, *arguments)))
    thread.start()
    thread.join()
    return results[0]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def served(app: Any, port: int) -> Iterator[None]:
    """Serve an ASGI application on a port of this machine, from a thread."""
    import uvicorn

    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: server.started)
        yield
    finally:
        server.should_exit = True
        thread.join()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
