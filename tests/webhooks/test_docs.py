"""The code of docs/webhooks.md runs as printed."""

import re
from pathlib import Path
from typing import Any

import pytest

from attio_async.testing import FakeAttio
from attio_async.webhooks import FileSecrets, RecordEvent, WebhookReceiver, sign

from .support import MEMBER, NAME, body_of, post, raw_update, uid

pytestmark = pytest.mark.anyio

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def names_of(block: int) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "page"}
    exec(BLOCKS[block], names)
    return names


async def test_the_receiver(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    receiver = names_of(0)["receiver"]
    body = body_of(raw_update())
    headers = {"Attio-Signature": sign(body, "the webhook's secret"), "Idempotency-Key": "m"}
    assert (await post(receiver, body, headers)).status == 202
    assert capsys.readouterr().out == f"{uid(7)} {NAME} {MEMBER}\n"
    async with receiver:  # which closes the store in the end
        assert receiver.pending_count == 0


async def test_every_way_to_register_a_handler() -> None:
    fake = FakeAttio()
    async with fake.client() as attio:
        receiver = WebhookReceiver(secret="s", attio=attio)
        for place, line in enumerate(BLOCKS[1].splitlines()):
            program = f"{line}\nasync def handler{place}(event): ..."
            exec(program, {"receiver": receiver, "RecordEvent": RecordEvent, "__name__": "page"})
    assert repr(receiver) == "<WebhookReceiver 5 handlers, 0 pending>"


async def test_creating_a_webhook(tmp_path: Path) -> None:
    fake, secrets = FakeAttio(), FileSecrets(tmp_path / "secrets")
    async with fake.client() as attio:
        secret = await names_of(2)["set_up"](attio, secrets)
        (webhook,) = await attio.webhooks.list()
    assert await secrets.get(webhook.id) == secret


async def test_a_fake_workspace_delivers(tmp_path: Path) -> None:
    secrets = FileSecrets(tmp_path / "secrets")
    assert await names_of(3)["names_of_new_companies"](secrets) == ["Acme"]


async def test_saving_and_replaying(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names = names_of(4)
    body = body_of(raw_update())
    receiver = names["saving_receiver"]("s")
    async with receiver:
        assert (await receiver.receive({"attio-signature": sign(body, "s")}, body)).status == 202
    async with receiver:
        await names["replay_all"](receiver, "s")
    assert capsys.readouterr().out.endswith(" 202\n")
