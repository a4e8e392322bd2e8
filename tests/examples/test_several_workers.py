"""The code of docs/several-workers.md runs as printed."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from attio_async import RateLimiter
from attio_async.testing import FakeAttio
from tests.redis_server import needs_redis, running_redis

PAGE = Path(__file__).parents[2] / "docs" / "several-workers.md"


@needs_redis
def test_reading_with_a_shared_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("redis")
    names: dict[str, Any] = {}
    exec("\n".join(re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)), names)
    fake = FakeAttio(token="printed")
    fake.seed.add_record("companies", {"name": "Acme"})
    with running_redis() as redis, fake.serve(port=0) as server:
        monkeypatch.setenv("REDIS_URL", redis.url)
        monkeypatch.setenv("ATTIO_API_KEY", "printed")
        monkeypatch.setenv("ATTIO_BASE_URL", server.url)
        assert asyncio.run(names["names"]()) == ["Acme"]


def test_the_limiter_with_a_share_can_be_created() -> None:
    assert eval(
        re.findall(r"`(RateLimiter\(.*?\))`", PAGE.read_text("utf-8"))[0], {"RateLimiter": RateLimiter}
    )
