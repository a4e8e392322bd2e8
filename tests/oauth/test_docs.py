"""The code of docs/oauth.md runs as printed."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from attio_async import AttioPool
from attio_async.oauth import OAuth, SQLiteTokens, TokenKeys

from .test_flow import CALLBACK, SECRET, TOKEN

pytestmark = pytest.mark.anyio

PAGE = (Path(__file__).parents[2] / "docs" / "oauth.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def names_of(block: int) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(BLOCKS[block], names)
    return names


def respond(request: httpx.Request) -> httpx.Response:
    if request.url.path == "/oauth/token":
        return httpx.Response(200, json={"access_token": TOKEN})
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    if request.url.path == "/oauth/introspect":
        return httpx.Response(200, json={"active": True, "workspace_name": "Acme", "scope": "a:read b:read"})
    return httpx.Response(200, json={"data": [{"content_plaintext": "Call Ada"}]})


async def test_connecting_a_workspace() -> None:
    names = names_of(0)
    async with OAuth("client-1", SECRET, CALLBACK, transport=httpx.MockTransport(respond)) as oauth:
        url = await names["start"](oauth, "session")
        (state,) = parse_qs(urlsplit(url).query)["state"]
        assert await names["finish"](oauth, "session", f"code=c&state={state}") == "Acme: a:read, b:read"


async def test_keeping_a_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTIO_TOKEN_KEYS", TokenKeys.generate())
    assert await names_of(1)["keep"](str(tmp_path / "tokens.db"), "acme", TOKEN) == TOKEN


async def test_a_client_for_each_workspace() -> None:
    async def token(tenant: str) -> str:
        return TOKEN

    async with AttioPool(token, transport=httpx.MockTransport(respond)) as pool:
        assert await names_of(2)["first_task"](pool, "acme") == "Call Ada"


async def test_disconnecting_a_workspace(tmp_path: Path) -> None:
    async with (
        SQLiteTokens(tmp_path / "tokens.db", keys=TokenKeys(TokenKeys.generate())) as tokens,
        AttioPool(tokens.get, transport=httpx.MockTransport(respond)) as pool,
    ):
        await tokens.put("acme", TOKEN)
        await names_of(2)["first_task"](pool, "acme")
        await names_of(3)["disconnect"](pool, tokens, "acme")
        with pytest.raises(LookupError):
            await names_of(2)["first_task"](pool, "acme")


async def test_connecting_a_fake_workspace() -> None:
    assert await names_of(4)["connected_workspace"]() == "Fake Workspace"


async def test_several_fake_workspaces() -> None:
    assert await names_of(5)["names_by_tenant"]() == ["Acme", "Globex"]
