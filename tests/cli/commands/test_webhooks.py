"""`webhooks`: which there are, having one, and what is delivered."""

import json
import signal
import stat
import time
from pathlib import Path
from typing import Any

import anyio
import pytest
from typer.testing import Result

from attio_async._cli.workspace import embedded_workspace
from attio_async.testing import FakeAttio, VirtualClock
from attio_async.webhooks import Delivery, DeliveryFile, FileSecrets
from tests.cli.support import run_command, started, wait_until

URL = "https://hooks.example.com/attio"


@pytest.fixture(autouse=True)
def _folder(folder: Path) -> None:
    pass


def run(*arguments: str) -> Result:
    return run_command("webhooks", *arguments)


class TestEnsure:
    def test_it_is_created_once_and_its_secret_kept_and_never_shown(self, folder: Path) -> None:
        ensure = ("ensure", URL, "record.created", "task.created", "--embedded", "ws.json")
        first = run(*ensure)
        assert first.exit_code == 0
        kept = folder / "config" / "attio-async" / "webhook-secrets.json"
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

    def test_a_filter_and_another_file_for_the_secret(self) -> None:
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

    def test_a_degraded_webhook_is_pointed_out(self) -> None:
        async def never(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 500, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        async def degrade() -> None:
            clock = VirtualClock(start=time.time())
            with embedded_workspace(Path("ws.json"), clock=clock) as fake:
                fake.seed.add_record("companies", {"name": "Acme"})
                await fake.webhooks.deliver(never, wait=True)

        ensure = ("ensure", URL, "record.created", "--embedded", "ws.json")
        run(*ensure)
        anyio.run(degrade)
        assert "degraded" in run(*ensure).stderr
        assert "1 degraded" in run("list", "--embedded", "ws.json").stderr

    def test_invalid_webhooks_are_refused(self) -> None:
        misfits = {}
        for arguments, message in [
            ((URL, "record.create"), "record.created"),
            (("http://hooks.example.com", "record.created"), "https://"),
            ((URL, "record.created", "--filter", "{"), "--filter is not valid JSON"),
            ((URL, "record.created", "--filter", "[]"), "--filter must be a JSON object"),
            ((URL, "record.created", "--filter", '{"a": 1}'), "not a valid condition"),
        ]:
            result = run("ensure", *arguments, "--embedded", "ws.json")
            if result.exit_code != 2 or message not in result.stderr:
                misfits[arguments] = result.output
        assert not misfits


class TestListen:
    async def set_up(self, fake: FakeAttio, secrets: FileSecrets, *names: str) -> str:
        async with fake.client() as attio:
            ensured = await attio.webhooks.ensure(URL, ["record.created"], secrets=secrets)
            for name in names:
                await attio.companies.create({"name": name})
            return ensured.secret

    def test_deliveries_are_printed_saved_and_replayed(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fake, secrets = FakeAttio(), FileSecrets(folder / "secrets.json")
        secret = anyio.run(self.set_up, fake, secrets, "Acme", "Other")
        listen = ("webhooks", "listen", "--port", "0", "--secrets", "secrets.json", "--save", "saved.jsonl")
        with started(*listen, cwd=folder) as process:
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
            assert (refused.exit_code, refused.stderr) == (1, "2 deliveries, 2 not accepted\n")
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=30) == 0
            rest = process.stdout.read()
        assert rest == ""
        saved = [each.key for each in DeliveryFile(folder / "saved.jsonl")]
        assert saved == [each.key for each in attempts]
        assert secret not in (folder / "saved.jsonl").read_text()

    def test_it_stops_after_the_limit(self, folder: Path) -> None:
        fake, secrets = FakeAttio(), FileSecrets(folder / "secrets.json")
        anyio.run(self.set_up, fake, secrets, "Acme")
        listen = ("webhooks", "listen", "--port", "0", "--secrets", "secrets.json", "--limit", "1")
        with started(*listen, cwd=folder) as process:
            assert process.stderr is not None
            url = process.stderr.readline().split()[2]
            anyio.run(deliver, fake, url)
            wait_until(lambda: process.poll() is not None)
            assert process.returncode == 0

    def test_it_needs_a_secret(self) -> None:
        result = run("listen", "--port", "0")
        assert result.exit_code == 2
        assert "no secret is known: set ATTIO_WEBHOOK_SECRET" in result.stderr

    def test_a_replay_needs_its_file_and_its_secret(self) -> None:
        assert run("replay", "none.jsonl", "--to", "https://x.example.com").exit_code == 2
        anyio.run(
            DeliveryFile("saved.jsonl").append,
            Delivery(key="k", body=b'{"webhook_id":"w","events":[]}', received_at=0.0),
        )
        result = run("replay", "saved.jsonl", "--to", "https://x.example.com")
        assert result.exit_code == 2
        assert "k" in result.stderr


async def deliver(fake: FakeAttio, url: str) -> Any:
    return await fake.webhooks.deliver(to=url)
