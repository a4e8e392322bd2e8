"""No answer of the fake depends on which extras are installed: without one it is the same, or names the extra."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from tests.testing.handlers.requests import Requests

ROOT = Path(__file__).parents[2]
MODULES = {"psycopg[binary]": "psycopg", "opentelemetry-api": "opentelemetry", "ruamel.yaml": "ruamel"}
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NEEDS = {"phone": "phonenumbers", "sql": "DuckDB"}
VALUES: dict[str, dict[str, Any]] = {
    "phone": {"phone_numbers": ["+442079460000"]},
    "hosted": {"email_addresses": ["a@x.acme.github.io", "b@a.b.kawasaki.jp", "c@bücher.example.com"]},
    "address": {"primary_location": "1 Rue de Rivoli, 75001, Paris, FR"},
    "name": {"name": "Lovelace, Ada"},
    "wrong": {"email_addresses": ["a@b.test"]},
}


def answers() -> dict[str, Any]:
    """Return the status and body of a request to each operation, and of writes of several kinds of values."""
    requests = Requests()

    def answer(
        operation_id: str, body: Any, query: str = "", parameters: dict[str, str] | None = None
    ) -> Any:
        requests.fake.restore(requests.snapshot)
        return requests.answered(operation_id, msgspec.json.encode(body), query, parameters)

    found: dict[str, Any] = {
        f"{number} {one.operation_id}": answer(one.operation_id, one.body, one.query, one.parameters)
        for number, one in enumerate(requests.examples)
    }
    for name, values in VALUES.items():
        found[name] = answer("create_record", {"data": {"values": values}})
    found["sql"] = answer("run_sql", {"sql": "select 1 as one"})
    return found


def answers_without(modules: Iterable[str]) -> dict[str, Any]:
    """Return the same of a process in which these modules cannot be imported."""
    command = [sys.executable, "-m", "tests.testing.test_extras", *modules]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return read(done.stdout)


def read(text: str) -> dict[str, Any]:
    """Return decoded answers without ids, which follow from how many things were created before."""
    found: dict[str, Any] = json.loads(_ID.sub("id", text))
    return found


def test_answers_do_not_depend_on_extras() -> None:
    described = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = described["project"]["optional-dependencies"]
    packages = {
        one.partition(">")[0] for name, those in extras.items() if name not in {"all", "dev"} for one in those
    }
    bare = answers_without(MODULES.get(name, name.replace("-", "_")) for name in packages)
    everything = read(json.dumps(answers()))
    assert bare.keys() == everything.keys()
    assert everything["phone"][0] == everything["sql"][0] == 200
    others = {name: answer for name, answer in bare.items() if answer != everything[name]}
    assert {status for status, _ in others.values()} == {501}
    for name, (_, body) in others.items():
        need = NEEDS["sql" if "sql" in name else "phone"]
        assert body["message"].startswith(f"FakeAttio needs {need} for "), name
    assert {"phone", "sql"} <= set(others)
    assert len(others) < 6


if __name__ == "__main__":
    sys.modules.update(dict.fromkeys(sys.argv[1:]))  # type: ignore[arg-type]  # None: as if it were not installed
    json.dump(answers(), sys.stdout)
