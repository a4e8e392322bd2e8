"""The code in the documents runs as printed."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from attio_async import AttioPool
from attio_async.oauth import OAuth, TokenKeys

from .test_oauth import BACK, SECRET, TOKEN

pytestmark = pytest.mark.anyio

DOCUMENT = (Path(__file__).parents[2] / "docs" / "oauth.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)


def answer(request: httpx.Request) -> httpx.Response:
    if request.url.path == "/oauth/token":
        return httpx.Response(200, json={"access_token": TOKEN})
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    if request.url.path == "/oauth/introspect":
        return httpx.Response(200, json={"active": True, "workspace_name": "Acme", "scope": "a:read b:read"})
    return httpx.Response(200, json={"data": [{"content_plaintext": "Call Ada"}]})


async def test_there_and_back() -> None:
    names: dict[str, Any] = {}
    exec(BLOCKS[0], names)
    async with OAuth("client-1", SECRET, BACK, transport=httpx.MockTransport(answer)) as oauth:
        url = await names["start"](oauth, "session")
        (state,) = parse_qs(urlsplit(url).query)["state"]
        assert await names["finish"](oauth, "session", f"code=c&state={state}") == "Acme: a:read, b:read"


async def test_many_workspaces() -> None:
    async def token(tenant: str) -> str:
        return TOKEN

    names: dict[str, Any] = {}
    exec(BLOCKS[2], names)
    async with AttioPool(token, transport=httpx.MockTransport(answer)) as pool:
        assert await names["first_task"](pool, "acme") == "Call Ada"


async def test_keeping_tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTIO_TOKEN_KEYS", TokenKeys.generate())
    names: dict[str, Any] = {}
    exec(BLOCKS[1], names)
    assert await names["keep"](str(tmp_path / "tokens.db"), "acme", TOKEN) == TOKEN


async def test_with_a_fake_workspace() -> None:
    names: dict[str, Any] = {}
    exec(BLOCKS[3], names)
    assert await names["connected_workspace"]() == "Fake Workspace"
