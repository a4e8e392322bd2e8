"""The page of an engine: who may look, what it answers, and that all text on it is escaped."""

import logging
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import anyio
import httpx
import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Mount

from attio_async.engine import Overview, TenantStatus
from attio_async.engine._page import status_app

from .made_up import AT, ago, overview, run

HOSTILE = "<script>alert(1)</script>\"'&--><b onmouseover=x>\u202e\ud800"


class Site:
    """The page with an overview, and the number of times that it was read."""

    def __init__(self, state: Overview | Exception | None = None, auth: Any = lambda request: True) -> None:
        self.reads = 0
        self.state = overview() if state is None else state
        self.app: Any = status_app(self.read, auth)

    async def read(self) -> Overview:
        self.reads += 1
        if isinstance(self.state, Exception):
            raise self.state
        return self.state

    def request(self, method: str = "GET", path: str = "/", **options: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://engine.example.com") as client:
                return await client.request(method, path, **options)

        return anyio.run(send)


class Elements(HTMLParser):
    """The elements of a page, and the text outside of the style."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1] != "style":
            self.text += f" {data} "


def allow(request: Request) -> bool:
    return True


async def allow_later(request: Request) -> bool:
    return True


async def deny_later(request: Request) -> bool:
    return False


def fail(request: Request) -> bool:
    raise LookupError("the session store is down, of https://user:secret@sessions.example.com")


@pytest.mark.parametrize("auth", [allow, allow_later])
def test_the_page_shows_the_state_to_those_who_may_look(auth: Callable[[Request], Any]) -> None:
    answer = Site(auth=auth).request()
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    elements = Elements(answer.text)
    assert not elements.open
    text = " ".join(elements.text.split())
    for part in (
        "2 workers · 2026-11-28 12:00:00 UTC",
        "10 tenants 1 paused 2 running 5 queued 1 waiting 1 dead",
        "globex paused token revoked: Attio answered 401",
        "24.6 of 25",
        "15.5 of 100 3 limited",
        "UnknownName unknown attribute 'plan' of companies: it was archived or renamed 8 6 h 12 min ago 8f14e45fceea167a",
        "acme push running 1 812 created, 14,200 unchanged 42 s ago 42 s host-1:4711",
        "stark push waiting retried in 4 min ServerError 3",
        "acme push 15 min in 11 s",
    ):
        assert part in text


@pytest.mark.parametrize(
    "auth",
    [
        deny_later,
        fail,
        lambda request: False,
        lambda request: None,
        lambda request: "a user",
        lambda request: 1,
    ],
)
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/"), ("HEAD", "/"), ("POST", "/"), ("GET", "/x"), ("BREW", "/")]
)
def test_others_learn_nothing_whatever_they_ask_for(auth: Any, method: str, path: str) -> None:
    site = Site(auth=auth)
    answer = site.request(method, path)
    assert answer.status_code == 403
    assert answer.text in ("", "You may not look at this page.\n")
    assert site.reads == 0
    assert "no-store" in answer.headers["cache-control"]


def test_auth_may_answer_itself() -> None:
    def challenge(request: Request) -> bool:
        raise HTTPException(401, "Log in.", {"WWW-Authenticate": 'Basic realm="engine"'})

    answer = Site(auth=challenge).request()
    assert (answer.status_code, answer.text) == (401, "Log in.\n")
    assert answer.headers["www-authenticate"] == 'Basic realm="engine"'
    assert answer.headers["x-frame-options"] == "DENY"


def test_a_failure_of_auth_is_logged_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "attio_async"):
        answer = Site(auth=fail).request()
    assert "secret" not in answer.text
    assert [record.message for record in caplog.records] == [
        "auth failed, so nobody may look at the state of the engine"
    ]


def test_auth_gets_the_request() -> None:
    site = Site(auth=lambda request: request.headers.get("authorization") == "Bearer right")
    assert site.request().status_code == 403
    assert site.request(headers={"Authorization": "Bearer right"}).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_the_page_can_only_be_read(method: str) -> None:
    site = Site()
    answer = site.request(method)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"
    assert site.reads == 0


def test_head_has_the_headers_of_the_page_and_no_body() -> None:
    head, get = Site().request("HEAD"), Site().request()
    assert head.content == b""
    assert head.headers == get.headers
    assert int(head.headers["content-length"]) == len(get.content)


def test_other_paths_do_not_exist() -> None:
    assert Site().request(path="/favicon.ico").status_code == 404


def test_the_headers_allow_the_style_of_the_page_and_nothing_else() -> None:
    answer = Site().request()
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy.pop("style-src").startswith("'sha256-")
    assert policy == dict.fromkeys(("default-src", "base-uri", "form-action", "frame-ancestors"), "'none'")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    elements = Elements(answer.text)
    assert not elements.names & {"script", "a", "form", "img", "iframe", "link", "base", "object"}
    assert not [name for name in elements.attributes if name.startswith("on") or name == "style"]


def test_all_text_is_escaped() -> None:
    hostile = run(
        HOSTILE, run=HOSTILE, job=HOSTILE, worker=HOSTILE, error=HOSTILE, reason=HOSTILE, counts={HOSTILE: 1},
        due_at=AT, started_at=ago(minutes=1), ended_at=AT,
    )  # fmt: skip
    tenant = TenantStatus(tenant=HOSTILE, added_at=AT, paused_at=AT, paused_reason=HOSTILE)
    answer = Site(overview(tenants=(tenant,), runs=(hostile,), dead_letters=(hostile,))).request()
    assert answer.status_code == 200
    assert "<script" not in answer.text
    assert "<b " not in answer.text
    elements = Elements(answer.text)
    assert not elements.open
    assert elements.names <= Elements(Site().request().text).names
    assert not [name for name in elements.attributes if name.startswith("on")]
    shown = HOSTILE.replace("\ud800", "?")
    assert elements.text.count(shown) == 12


def test_a_long_reason_is_cut() -> None:
    tenant = TenantStatus(tenant="acme", added_at=AT, paused_at=AT, paused_reason="x" * 5000)
    text = Elements(Site(overview(tenants=(tenant,))).request().text).text
    assert "x" * 300 + "…" in text
    assert "x" * 301 not in text


def test_an_engine_without_anything_has_a_page_too() -> None:
    text = Elements(Site(Overview(at=AT)).request().text).text
    assert "no worker seen" in text
    assert text.count("None.") == 4


def test_lists_that_were_cut_say_so() -> None:
    state = overview(counts={"tenants": 12_000, "dead": 40})
    text = " ".join(Elements(Site(state).request().text).text.split())
    assert "10 of 12,000 · requests per second, used of allowed" in text
    assert "1 of 40 · retry one with: attio-async engine retry RUN" in text


def test_an_error_of_the_database_is_logged_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    site = Site(OSError("connection to 10.0.0.1 as admin refused"))
    with caplog.at_level(logging.ERROR, "attio_async"):
        answer = site.request()
    assert (answer.status_code, answer.text) == (503, "The state of the engine cannot be read now.\n")
    assert "the state of the engine could not be read" in caplog.text
    assert answer.headers["cache-control"] == "no-store"


def test_it_can_be_mounted() -> None:
    site = Site()
    site.app = Starlette(routes=[Mount("/ops/engine", site.app)])
    assert site.request(path="/ops/engine/").status_code == 200
    assert site.request(path="/ops/engine/more").status_code == 404


def test_websockets_are_refused() -> None:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/", "headers": [], "query_string": b"", "subprotocols": []}
    site = Site()
    anyio.run(site.app, scope, receive, send)
    assert [message["type"] for message in sent] == ["websocket.close"]
    assert site.reads == 0


def test_a_run_that_only_waits_for_its_tenant_is_queued() -> None:
    state = overview(runs=(run(state="waiting", due_at=ago(seconds=2)),))
    text = " ".join(Elements(Site(state).request().text).text.split())
    assert "acme push queued" in text
    assert "retried" not in text


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0 s"), (1.5, "1.5 s"), (42, "42 s"), (59.7, "1 min"), (61, "1 min 1 s"), (900, "15 min"), (3900, "1 h 5 min"),
     (50_000, "13 h"), (90_000, "1 d 1 h"), (864_000, "10 d")],
)  # fmt: skip
def test_durations_are_short(seconds: float, shown: str) -> None:
    state = overview(runs=(run(started_at=ago(seconds=seconds), ended_at=AT),))
    cells = re.findall(r'data-label="Took"><span>([^<]*)<', Site(state).request().text)
    assert cells == [shown]
