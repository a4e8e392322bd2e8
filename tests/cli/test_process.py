"""The command line as a process: signals, pipes, and a port that other clients can use."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from attio_async._cli.workspace import kept_in
from attio_async.testing import FakeAttio, Limits


@contextmanager
def started(*arguments: str, cwd: Path, fake_url: str | None = None) -> Iterator["subprocess.Popen[str]"]:
    """A running command, which is gone when the block ends."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ATTIO_")}
    environment["PYTHONPATH"] = os.pathsep.join(os.path.abspath(part) for part in sys.path if part)  # noqa: PTH100
    if fake_url is not None:
        environment |= {"ATTIO_BASE_URL": fake_url, "ATTIO_API_KEY": "test-token"}
    process = subprocess.Popen(
        [sys.executable, "-m", "attio_async", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env=environment,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    file = tmp_path / "rows.csv"
    file.write_text("\n".join(["domains", *(f"firm-{number}.example" for number in range(1000))]))
    return file


IMPORT = ("import", "rows.csv", "--object", "companies", "--match", "domains", "--json")


def test_ctrl_c_ends_an_import_after_the_rows_on_their_way(tmp_path: Path, rows: Path) -> None:
    fake = FakeAttio(limits=Limits(), latency=0.04)
    with fake.serve() as server, started(*IMPORT, cwd=rows.parent, fake_url=server.url) as process:
        wait_until(lambda: len(fake.records("companies")) > 5)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    summary = json.loads(out)
    assert process.returncode == 130
    assert summary["interrupted"]
    assert summary["created"] == len(fake.records("companies")) < 200
    assert summary["not_tried"] == 1000 - summary["created"]
    assert "Stopping" in err
    assert f"ended after line {summary['created'] + 1}; not tried" in err


def test_a_terminated_import_keeps_its_embedded_workspace_and_its_report(tmp_path: Path, rows: Path) -> None:
    with rows.open("a") as file:
        file.write("\nno domain")
    arguments = (*IMPORT, "--embedded", "ws.json", "--report", "report.csv")
    with started(*arguments, cwd=tmp_path) as process:
        wait_until(lambda: list(tmp_path.glob(".report.csv.*.part")))
        time.sleep(1)
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    with kept_in(tmp_path / "ws.json") as fake:
        assert len(fake.records("companies")) == json.loads(out)["created"] > 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.csv", "rows.csv", "ws.json"]


def test_an_interrupted_export_leaves_nothing_behind(tmp_path: Path) -> None:
    fake = FakeAttio(latency=0.5)
    arguments = ("export", "companies", "--out", "out.csv")
    with fake.serve() as server, started(*arguments, cwd=tmp_path, fake_url=server.url) as process:
        wait_until(lambda: list(tmp_path.glob(".out.csv.*.part")) and fake.calls)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_goes_away_ends_an_export_quietly(tmp_path: Path) -> None:
    with kept_in(tmp_path / "ws.json") as fake:
        for number in range(2000):
            fake.seed.add_record(
                "companies", {"domains": [f"firm-{number}.example"], "description": "x" * 200}
            )
    with started("export", "companies", "--embedded", "ws.json", cwd=tmp_path) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["record_id"]
        process.stdout.close()
        err = process.stderr.read()
        assert process.wait(timeout=30) == 1
    assert "Traceback" not in err
    assert "Exception" not in err


def test_serve_is_a_workspace_for_any_client_and_keeps_its_state(tmp_path: Path) -> None:
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
            body = {"data": {"values": {"domains": ["acme.example"]}}}
            assert client.post("/v2/objects/companies/records", json=body).status_code == 200
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Traceback" not in err
    with kept_in(tmp_path / "ws.json") as fake:
        assert len(fake.records("companies")) == 1


def test_a_port_that_is_taken_is_refused(tmp_path: Path) -> None:
    with FakeAttio().serve() as server, started("serve", "--port", str(server.port), cwd=tmp_path) as process:
        _, err = process.communicate(timeout=30)
    assert process.returncode == 2
    assert f"port {server.port} is taken" in err


def test_a_served_workspace_grants_tokens_and_tells_its_webhooks(tmp_path: Path) -> None:
    back = "https://app.example/back"
    listener = FakeAttio()
    with listener.serve() as there:
        arguments = ("serve", "--port", "0", "--redirect-uri", back, "--deliver-to", f"{there.url}/hooks")
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
                "target_url": "https://app.example/hooks",
                "subscriptions": [{"event_type": "task.created", "filter": None}],
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
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=30) == 0
    assert (listener.calls[0].method, listener.calls[0].path) == ("POST", "/hooks")
    assert listener.calls[0].json["events"][0]["event_type"] == "task.created"


def test_deliveries_go_nowhere_in_the_open(tmp_path: Path) -> None:
    with started("serve", "--port", "0", "--deliver-to", "http://hooks.example", cwd=tmp_path) as process:
        _, err = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "--deliver-to must be https" in err
