"""What is looked up of objects and attributes, also where the token may not see all of it."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from attio_async import Request, Response
from attio_async._cli.commands import read
from attio_async.testing import FakeAttio
from tests.cli.support import workspace

pytestmark = pytest.mark.anyio


def work_on(fake: FakeAttio, monkeypatch: pytest.MonkeyPatch, **options: Any) -> None:
    @asynccontextmanager
    async def opened(_: object) -> AsyncGenerator[Any]:
        async with fake.client(**options) as attio:
            yield attio

    monkeypatch.setattr(read, "open_workspace", opened)


async def test_options_that_may_not_be_read_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def refusing(request: Request, send: Any) -> Response:
        if request.path.endswith(("/statuses", "/options")):
            body = b'{"type": "auth_error", "code": "missing_scope", "message": "No."}'
            return Response(status=403, headers={}, body=body)
        return await send(request)

    fake = workspace()
    fake.seed.add_attribute("deals", "size", "select", options=["S"])
    work_on(fake, monkeypatch, middleware=[refusing])
    assert await read.list_attributes("deals", embedded=None, as_json=True) == 0
    out, err = capsys.readouterr()
    assert err == "the options of stage, size could not be read\n"
    assert {line["slug"]: line["options"] for line in map(json.loads, out.splitlines())}["size"] is None


async def test_archived_attributes_are_counted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake = workspace()
    fake.seed.add_attribute("deals", "old", "text")
    async with fake.client() as attio:
        await attio.attributes("deals").update("old", is_archived=True)
    work_on(fake, monkeypatch)
    await read.list_attributes("deals", embedded=None, as_json=False)
    out, err = capsys.readouterr()
    assert "old" not in out
    assert "1 more are archived" in err
    await read.list_attributes("deals", embedded=None, as_json=True)
    out, err = capsys.readouterr()
    assert {line["slug"]: line["is_archived"] for line in map(json.loads, out.splitlines())}["old"]
    assert err == ""
