"""The code in the documents runs as printed."""

import re
from pathlib import Path
from typing import Any

import pytest

from attio_async.webhooks import FileSecrets, RecordEvent, sign

from .support import (
    NAME,
    body_of,
    number,
    post,
    updated,
)
from .test_ensuring import Workspace

pytestmark = pytest.mark.anyio

DOCUMENT = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)


async def test_the_receiver(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "document"}
    exec(BLOCKS[0], names)
    body = body_of(updated())
    headers = {"Attio-Signature": sign(body, "the webhook's secret"), "Idempotency-Key": "m"}
    assert (await post(names["receiver"], body, headers)).status == 202
    assert capsys.readouterr().out == f"{number(7)} {NAME} {number(9)}\n"
    await names["receiver"]._store.aclose()


async def test_the_ways_to_register() -> None:
    from attio_async.webhooks import WebhookReceiver

    workspace = Workspace()
    receiver = WebhookReceiver(secret="s", attio=workspace.attio)
    for place, line in enumerate(BLOCKS[1].splitlines()):
        program = f"{line}\nasync def handler{place}(event): ..."
        exec(program, {"receiver": receiver, "RecordEvent": RecordEvent, "__name__": "document"})
    assert repr(receiver) == "<WebhookReceiver 5 handlers, 0 waiting>"
    await workspace.attio.aclose()


async def test_setting_up(tmp_path: Path) -> None:
    names: dict[str, Any] = {}
    exec(BLOCKS[2], names)
    workspace = Workspace()
    assert await names["set_up"](workspace.attio, FileSecrets(tmp_path / "secrets")) == "shown-once"
    assert [method for method, _ in workspace.written] == ["POST"]
    await workspace.attio.aclose()


async def test_a_fake_workspace_tells(tmp_path: Path) -> None:
    names: dict[str, Any] = {"__name__": "document"}
    exec(BLOCKS[3], names)
    assert await names["hears_of_new_companies"](FileSecrets(tmp_path / "secrets")) == ["Acme"]


async def test_saving_and_replaying(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(BLOCKS[4], names)
    body = body_of(updated())
    receiver = names["saving"]("s")
    async with receiver:
        assert (await receiver.receive({"attio-signature": sign(body, "s")}, body)).status == 202
    async with receiver:
        await names["again"](receiver, "s")
    assert capsys.readouterr().out.endswith(" 202\n")
