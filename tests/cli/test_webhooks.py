"""Webhooks on the command line: which there are, having one, and what is delivered."""

import json
import signal
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from typer.testing import CliRunner, Result

from attio_async._cli.app import app
from attio_async._cli.workspace import kept_in
from attio_async.testing import FakeAttio, VirtualClock
from attio_async.webhooks import Delivery, DeliveryFile, FileSecrets

from .test_process import started, wait_until

URL = "https://hooks.example/attio"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs a command about webhooks in an empty folder, which is also the configuration's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("ATTIO_API_KEY", "ATTIO_BASE_URL", "ATTIO_WEBHOOK_SECRET"):
        monkeypatch.delenv(name, raising=False)

    def invoke(*arguments: str) -> Result:
        result = CliRunner().invoke(app, ["webhooks", *arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


class TestHavingOne:
    def test_it_is_made_once_and_its_secret_kept_and_never_shown(
        self, run: Callable[..., Result], tmp_path: Path
    ) -> None:
        ensure = ("ensure", URL, "record.created", "task.created", "--embedded", "ws.json")
        first = run(*ensure)
        assert first.exit_code == 0
        kept = tmp_path / "config" / "attio-async" / "webhook-secrets.json"
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        ((webhook_id, secret),) = json.loads(kept.read_text()).items()
        assert f"webhook {webhook_id}: created; its secret is in {kept}" in first.stderr
        again = run(*ensure, "--json")
        assert json.loads(again.stdout) == {
            "webhook_id": webhook_id,
            "action": "unchanged",
            "status": "active",
        }
        assert secret not in first.output + again.output

    def test_a_filter_and_another_place_for_the_secret(self, run: Callable[..., Result]) -> None:
        condition = '{"field": "actor.type", "operator": "not_equals", "value": "app"}'
        ensure = ("ensure", URL, "record.created", "--embedded", "ws.json", "--secrets", "here.json")
        assert run(*ensure, "--filter", condition).exit_code == 0
        listed = run("list", "--embedded", "ws.json", "--json")
        (webhook,) = map(json.loads, listed.stdout.splitlines())
        assert webhook["target_url"] == URL
        assert webhook["subscriptions"] == [
            {"event_type": "record.created", "filter": {"$and": [json.loads(condition)]}}
        ]
        shown = run("list", "--embedded", "ws.json")
        assert "(filtered)" in shown.stdout
        assert shown.stderr == "1 webhooks\n"
        assert Path("here.json").exists()

    def test_a_degraded_one_is_pointed_out(self, run: Callable[..., Result]) -> None:
        ensure = ("ensure", URL, "record.created", "--embedded", "ws.json")
        run(*ensure)
        with kept_in(Path("ws.json"), clock=VirtualClock()) as fake:
            fake.seed.add_record("companies", {"name": "Acme"})
            anyio.run(degrade, fake)
        assert "degraded" in run(*ensure).stderr
        assert "1 degraded" in run("list", "--embedded", "ws.json").stderr

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ((URL, "record.create"), "record.created"),
            (("http://hooks.example", "record.created"), "https://"),
            ((URL, "record.created", "--filter", "{"), "--filter is not JSON"),
            ((URL, "record.created", "--filter", "[]"), "--filter is a JSON object"),
            ((URL, "record.created", "--filter", '{"a": 1}'), "a condition has a field"),
        ],
    )
    def test_what_cannot_be_is_refused(
        self, run: Callable[..., Result], arguments: tuple[str, ...], message: str
    ) -> None:
        result = run("ensure", *arguments, "--embedded", "ws.json")
        assert result.exit_code == 2
        assert message in result.stderr


async def degrade(fake: FakeAttio) -> None:
    async def never(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 500, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    await fake.webhooks.deliver(never, wait=True)


class TestListening:
    def test_what_is_delivered_is_printed_saved_and_replayed(
        self, run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fake, secrets = FakeAttio(), FileSecrets(tmp_path / "secrets.json")

        async def set_up() -> str:
            async with fake.client() as attio:
                ensured = await attio.webhooks.ensure(URL, ["record.created"], secrets=secrets)
                await attio.companies.create({"name": "Acme"})
                await attio.companies.create({"name": "Other"})
                return ensured.secret

        secret = anyio.run(set_up)
        listen = ("webhooks", "listen", "--port", "0", "--secrets", "secrets.json", "--save", "saved.jsonl")
        with started(*listen, cwd=tmp_path) as process:
            assert process.stderr is not None
            assert process.stdout is not None
            url = process.stderr.readline().split()[2]
            attempts = anyio.run(deliver, fake, url)
            assert [attempt.status for attempt in attempts] == [202, 202]
            lines = [json.loads(process.stdout.readline()) for _ in range(2)]
            assert [line["key"] for line in lines] == [attempt.key for attempt in attempts]
            assert lines[0]["events"][0]["event_type"] == "record.created"
            replayed = run("replay", "saved.jsonl", "--to", url, "--secrets", "secrets.json")
            assert [json.loads(line)["status"] for line in replayed.stdout.splitlines()] == [200, 200]
            monkeypatch.setenv("ATTIO_WEBHOOK_SECRET", "wrong")
            refused = run("replay", "saved.jsonl", "--to", url)
            assert (refused.exit_code, refused.stderr) == (1, "2 deliveries, 2 not taken\n")
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=30) == 0
            rest = process.stdout.read()
        assert rest == ""
        assert [each.key for each in DeliveryFile(tmp_path / "saved.jsonl")] == [
            each.key for each in attempts
        ]
        assert secret not in (tmp_path / "saved.jsonl").read_text()

    def test_it_ends_after_as_many_as_are_wanted(self, tmp_path: Path) -> None:
        fake, secrets = FakeAttio(), FileSecrets(tmp_path / "secrets.json")

        async def set_up() -> None:
            async with fake.client() as attio:
                await attio.webhooks.ensure(URL, ["record.created"], secrets=secrets)
                await attio.companies.create({"name": "Acme"})

        anyio.run(set_up)
        listen = ("webhooks", "listen", "--port", "0", "--secrets", "secrets.json", "--limit", "1")
        with started(*listen, cwd=tmp_path) as process:
            assert process.stderr is not None
            url = process.stderr.readline().split()[2]
            anyio.run(deliver, fake, url)
            wait_until(lambda: process.poll() is not None)
            assert process.returncode == 0

    def test_without_a_secret_nothing_listens(self, run: Callable[..., Result]) -> None:
        result = run("listen", "--port", "0")
        assert result.exit_code == 2
        assert "no secret is known: set ATTIO_WEBHOOK_SECRET" in result.stderr

    def test_what_cannot_be_replayed_is_refused(self, run: Callable[..., Result]) -> None:
        assert run("replay", "none.jsonl", "--to", "https://x.example").exit_code == 2
        anyio.run(DeliveryFile("saved.jsonl").append, Delivery(key="k", body=b"{}", received_at=0.0))
        result = run("replay", "saved.jsonl", "--to", "https://x.example")
        assert (result.exit_code, "is not known, so k cannot be signed" in result.stderr) == (2, True)


async def deliver(fake: FakeAttio, url: str) -> Any:
    return await fake.webhooks.deliver(to=url)
