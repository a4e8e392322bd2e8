"""`mirror watch` reads again what a webhook tells, and does not wait until its time has come."""

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

import attio_async
import attio_async_api
from attio_async.testing import FakeAttio
from attio_async.webhooks import sign

SECRET = "secret"


@pytest.mark.full
def test_a_webhook_makes_it_refresh(tmp_path: Path) -> None:
    fake = FakeAttio()
    fake.seed.add_record("companies", {"name": "A"})
    sources = {str(Path(module.__file__ or "").parents[1]) for module in (attio_async, attio_async_api)}
    with fake.serve() as server:
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sources),
            "ATTIO_BASE_URL": server.url,
            "ATTIO_API_KEY": fake.token,
            "ATTIO_WEBHOOK_SECRET": SECRET,
        }
        options = ["--every", "1h", "--webhooks", "0", "--object", "companies", "--also", "none"]
        with subprocess.Popen(
            [sys.executable, "-m", "attio_async", "mirror", "watch", "crm.duckdb", *options],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as watching:
            assert watching.stdout is not None
            assert watching.stderr is not None
            url = watching.stderr.readline().split()[-1]
            assert json.loads(watching.stdout.readline())["sweep"] == 1
            fake.seed.add_record("companies", {"name": "C"})  # of which no webhook tells
            event = {
                "event_type": "record.created",
                "id": fake.seed.add_record("companies", {"name": "B"})["id"],
            }
            body = json.dumps({"webhook_id": "w", "events": [event]}).encode()
            unsigned = httpx.post(url, content=body, trust_env=False)
            signed = httpx.post(
                url, content=body, headers={"attio-signature": sign(body, SECRET)}, trust_env=False
            )
            assert (unsigned.is_success, signed.is_success) == (False, True)
            report = json.loads(watching.stdout.readline())
            assert report["is_partial"]
            assert [(table["read"], table["rows"]["created"]) for table in report["tables"]] == [(1, 1)]
            watching.terminate()
            assert watching.wait(30) == 130
            assert watching.stderr.read() == "Interrupted.\n"
