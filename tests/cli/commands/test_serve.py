"""`serve`: a port that any client can use."""

import signal
from pathlib import Path

import httpx

from attio_async._cli.commands.serve import Window
from attio_async._cli.workspace import embedded_workspace
from attio_async.testing import FakeAttio
from attio_async.testing._limits import WINDOWS
from tests.cli.support import run_command, started, wait_until


def test_every_window_can_be_chosen() -> None:
    assert [window.value for window in Window] == list(WINDOWS)


def test_any_client_can_use_it_and_its_state_is_kept(tmp_path: Path) -> None:
    arguments = ("serve", "--port", "0", "--token", "my-token", "--latency-ms", "0", "--state", "ws.json")
    with started(*arguments, cwd=tmp_path) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().strip() for _ in range(2)]
        exported = dict(line.removeprefix("export ").split("=", 1) for line in lines)
        assert exported["ATTIO_API_KEY"] == "my-token"
        assert exported["ATTIO_BASE_URL"].startswith("http://127.0.0.1:")
        with httpx.Client(
            base_url=exported["ATTIO_BASE_URL"], headers={"Authorization": "Bearer my-token"}
        ) as client:
            body = {"data": {"values": {"domains": ["acme.example.com"]}}}
            assert client.post("/v2/objects/companies/records", json=body).status_code == 200
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Press Ctrl-C to stop." in err
    assert "Traceback" not in err
    with embedded_workspace(tmp_path / "ws.json") as fake:
        assert len(fake.records("companies")) == 1


def test_a_port_in_use_is_refused() -> None:
    with FakeAttio().serve() as server:
        result = run_command("serve", "--port", str(server.port))
    assert result.exit_code == 2
    assert f"port {server.port} is in use" in result.stderr


def test_it_grants_oauth_tokens_and_delivers_webhooks(tmp_path: Path) -> None:
    back = "https://app.example.com/back"
    listener = FakeAttio()
    with listener.serve() as there:
        arguments = ("serve", "--port", "0", "--redirect-uri", back, "--deliver-to", f"{there.url}/hooks")
        arguments += ("--batch", "5", "--formula", "description")
        with started(*arguments, cwd=tmp_path) as process:
            assert process.stdout is not None
            lines = [process.stdout.readline().removeprefix("export ").strip() for _ in range(4)]
            known = dict(line.split("=", 1) for line in lines)
            url = known["ATTIO_BASE_URL"]
            client_id, secret = known["ATTIO_CLIENT_ID"], known["ATTIO_CLIENT_SECRET"]
            page = httpx.get(
                f"{url}/authorize",
                params={"client_id": client_id, "redirect_uri": back, "response_type": "code"},
            )
            assert "Connect served-app" in page.text
            refused = httpx.post(f"{url}/oauth/token", data={"client_id": client_id, "client_secret": secret})
            assert refused.json()["error"] == "invalid_request"
            headers = {"Authorization": f"Bearer {known['ATTIO_API_KEY']}"}
            webhook = {
                "target_url": "https://app.example.com/hooks",
                "subscriptions": [
                    {"event_type": event, "filter": None} for event in ("task.created", "record.updated")
                ],
            }
            httpx.post(f"{url}/v2/webhooks", json={"data": webhook}, headers=headers).raise_for_status()
            task = {
                "content": "x",
                "format": "plaintext",
                "deadline_at": None,
                "is_completed": False,
                "linked_records": [],
                "assignees": [],
            }
            httpx.post(f"{url}/v2/tasks", json={"data": task}, headers=headers).raise_for_status()
            wait_until(lambda: listener.calls)
            at = f"{url}/v2/objects/companies/records"
            made = httpx.post(at, json={"data": {"values": {"name": "A"}}}, headers=headers).json()["data"]
            changes = {"data": {"values": {"name": "B", "twitter": "https://x.example.com/b"}}}
            httpx.patch(f"{at}/{made['id']['record_id']}", json=changes, headers=headers).raise_for_status()
            wait_until(lambda: len(listener.calls) == 3)
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=30) == 0
    assert (listener.calls[0].method, listener.calls[0].path) == ("POST", "/hooks")
    events = [call.json["events"] for call in listener.calls]
    assert [event["event_type"] for event in events[0]] == ["task.created"]
    assert [event["actor"]["type"] for event in events[1]] == ["api-token"] * 2
    assert [event["actor"]["type"] for event in events[2]] == ["system"]  # a second later


def test_deliveries_need_an_encrypted_connection() -> None:
    result = run_command("serve", "--port", "0", "--deliver-to", "http://hooks.example.com")
    assert result.exit_code == 2
    assert "--deliver-to must be https" in result.stderr


SEEDS = """
objects:
  ships:
    attributes:
      badge: {unique: true}
lists:
  fleet: {parent: ships}
records:
  ships:
    - badge: A1
entries:
  fleet:
    - record: {badge: A1}
"""


def test_it_is_filled_from_a_file_and_makes_a_token(tmp_path: Path) -> None:
    (tmp_path / "seeds.yaml").write_text(SEEDS)
    arguments = ("serve", "--port", "0", "--latency-ms", "0", "--load", "seeds.yaml", "--host", "0.0.0.0")
    with started(*arguments, "--allow-host", "attio", "--state", "ws.json", cwd=tmp_path) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().removeprefix("export ").strip() for _ in range(2)]
        known = dict(line.split("=", 1) for line in lines)
        headers = {"Authorization": f"Bearer {known['ATTIO_API_KEY']}", "Host": "attio:8787"}
        url = f"{known['ATTIO_BASE_URL']}/v2/lists/fleet/entries/query"
        assert len(httpx.post(url, json={}, headers=headers).json()["data"]) == 1
        assert httpx.post(url, json={}, headers={**headers, "Host": "evil"}).status_code == 403
        assert httpx.get(f"{known['ATTIO_BASE_URL']}/healthz", headers={"Host": "probe"}).status_code == 200
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert len(known["ATTIO_API_KEY"]) == 64
    assert "Warning: other machines may reach 0.0.0.0" in err


def test_a_file_that_cannot_be_loaded_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kept.json").write_bytes(FakeAttio().to_json())
    for name, content, message in (
        ("missing.yaml", None, "missing.yaml cannot be read"),
        ("bad.json", "{", "bad.json is not valid JSON"),
        ("bad.yaml", "a: [", "bad.yaml is not valid YAML"),
        ("odd.yaml", "records: {planets: [{}]}", "odd.yaml: records.planets.0: "),
        ("empty.yaml", "", "empty.yaml: "),
    ):
        if content is not None:
            (tmp_path / name).write_text(content)
        result = run_command("serve", "--load", str(tmp_path / name), "--state", str(tmp_path / "new.json"))
        assert result.exit_code == 2, name
        assert message in result.stderr, name
    assert not (tmp_path / "new.json").exists()
    (tmp_path / "good.json").write_text("{}")
    result = run_command(
        "serve", "--load", str(tmp_path / "good.json"), "--state", str(tmp_path / "kept.json")
    )
    assert "already exists" in result.stderr


def test_odd_options_are_refused() -> None:
    for option, value, message in (
        ("--token", "two words", "must not be empty or contain whitespace"),
        ("--latency-ms", "nan", "latency"),
        ("--latency-ms", "inf", "latency"),
        ("--host", "", "--host is empty"),
        ("--redirect-uri", "", "needs a client id, a client secret and a redirect URI"),
    ):
        result = run_command("serve", "--port", "0", option, value)
        assert (result.exit_code, message in result.stderr) == (2, True), option


def test_an_address_of_another_machine_is_refused() -> None:
    for host in ("192.0.2.1", "nowhere.invalid"):
        assert "change --host" in run_command("serve", "--port", "0", "--host", host).stderr
