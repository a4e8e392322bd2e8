"""The programs of docs/engine-web.md work as printed."""

import base64
import hashlib
import hmac
import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from attio_async.testing import FakeAttio
from tests.postgres import running_postgres

pytestmark = [pytest.mark.anyio, pytest.mark.full]

PAGE = (Path(__file__).parents[2] / "docs" / "engine-web.md").read_text(encoding="utf-8")
MODULES = dict(re.findall(r"```python\n# (\w+)\.py\n(.*?)```", PAGE, re.DOTALL))
SECRET = "the secret of acme"


@pytest.fixture
def anyio_backend() -> str:
    """Engines run on asyncio alone."""
    return "asyncio"


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    assert set(MODULES) == {"jobs", "web"}
    for name, code in MODULES.items():
        (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("ATTIO_TOKEN_ACME", "the-token")
    monkeypatch.setenv("ATTIO_WEBHOOK_SECRET_ACME", SECRET)
    monkeypatch.setenv("STATUS_PASSWORD", "correct horse")
    with running_postgres() as database:
        monkeypatch.setenv("DATABASE_URL", database)
        yield importlib.import_module
        for name in MODULES:
            sys.modules.pop(name, None)


async def test_a_webhook_is_handled_and_seen_on_the_page(
    modules: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakeAttio(token="the-token")
    with fake.serve() as attio:
        monkeypatch.setenv("ATTIO_BASE_URL", attio.url)
        web, engine = modules("web"), modules("jobs").engine
        async with (
            engine,
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app=web.app), base_url="http://example.com"
            ) as client,
        ):
            await engine.init()
            await engine.tenants.add("acme")
            subscription = {"event_type": "record.created", "filter": None}
            hook = {
                "target_url": "https://example.com/hooks/acme",
                "secret": SECRET,
                "subscriptions": [subscription],
            }
            fake.fill({"webhooks": [hook]})
            async with fake.client() as theirs:
                await theirs.companies.create({"name": "Acme"})
            (message,) = fake.webhooks.queued
            signature = hmac.new(SECRET.encode(), message.body, hashlib.sha256).hexdigest()
            headers = {"Attio-Signature": signature, "Idempotency-Key": message.key}
            for status in (202, 200):
                answer = await client.post("/hooks/acme", content=message.body, headers=headers)
                assert answer.status_code == status
            await engine.work(wait=False, signals=False)
            assert fake.records("companies")[0]["values"]["description"][0]["value"] == "Welcome, Acme"

            stranger = await client.get("/engine/")
            assert (stranger.status_code, stranger.text) == (401, "Log in.\n")
            login = base64.b64encode(b"ops:correct horse").decode()
            page = await client.get("/engine/", headers={"Authorization": f"Basic {login}"})
            assert page.status_code == 200
            assert "1 handled" in page.text
