"""The measured clients: each in a process of its own, asked in turns, against one server in another process."""

import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PEERS = HERE / "peers"
KEPT = HERE / ".peers"
OURS = ("zlib", "speed", "httpx2", "aiohttp")
OTHERS = {"httpx": "httpx + orjson", "aiohttp": "aiohttp + orjson", "py-attio": "py-attio", "attio": "attio"}
NODE = "attio-ts-sdk"
LABELS = {
    "ours zlib": "attio-async",
    "ours speed": "attio-async[speed]",
    "ours httpx2": "attio-async[speed, httpx2]",
    "ours aiohttp": "attio-async[speed, aiohttp]",
    "httpx": "httpx 0.28.1 + orjson 3.13.0",
    "aiohttp": "aiohttp 3.14.5 + orjson 3.13.0",
    "py-attio": "py-attio 0.9.0",
    "attio": "attio 0.26.1 (PyPI)",
    NODE: "attio-ts-sdk 2.3.0 (npm)",
}


@dataclass(frozen=True)
class Spread:
    """The median of some rounds, and the quarters around it."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: list[float]) -> "Spread":
        low, median, high = statistics.quantiles(values, n=4)
        return cls(median, low, high)

    def text(self, unit: str = "", digits: int = 2) -> str:
        return f"{self.median:.{digits}f}{unit} ({self.low:.{digits}f} to {self.high:.{digits}f})"


def installed(name: str, wanted: Path) -> Path:
    """Return the folder for what a file of requirements names; it is emptied when the file has changed."""
    folder = KEPT / name
    mark, digest = folder / ".installed", hashlib.sha256(wanted.read_bytes()).hexdigest()
    if mark.exists() and mark.read_text() == digest:
        return folder
    print(f"Installing {wanted.name} into {folder.relative_to(HERE.parent)} ...", file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if wanted.suffix == ".txt":
        venv.create(folder, with_pip=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--quiet"]
        subprocess.run([*pip, "--disable-pip-version-check", "-r", str(wanted)], check=True)
    else:
        shutil.copy(wanted, folder)
        subprocess.run(
            ["npm", "install", "--silent", "--no-package-lock", "--no-audit", "--no-fund"],
            cwd=folder,
            check=True,
        )
    mark.write_text(digest)
    return folder


def commands(names: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the command that starts each client. The client from npm is skipped where Node is missing."""
    found: dict[str, list[str]] = {}
    for name in names:
        if name.startswith("ours "):
            found[name] = [sys.executable, str(PEERS / "ours.py"), name.removeprefix("ours ")]
        elif name in OTHERS:
            python = installed("python", PEERS / "requirements.txt") / "bin" / "python"
            found[name] = [str(python), str(PEERS / "others.py"), name]
        elif shutil.which("npm"):
            folder = installed("node", PEERS / "package.json")
            found[name] = ["node", str(shutil.copy(PEERS / f"{NODE}.mjs", folder))]
        else:
            print("npm is not installed: its client is left out", file=sys.stderr)
    return found


class Worker:
    """One client."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.tasks: list[str] = self._read()

    def _read(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def run(self, task: str, times: int) -> dict[str, float]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"task": task, "times": times}) + "\n")
        self._process.stdin.flush()
        found: dict[str, float] = self._read()
        return found


@contextmanager
def running(names: tuple[str, ...], settings: str = "") -> Iterator[dict[str, Worker]]:
    """The clients of those names, and the server that they ask, with settings as `page_server.py` takes them."""
    started = commands(names)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(_started([sys.executable, str(HERE / "page_server.py"), str(folder)]))
        assert server.stdout is not None
        address = json.loads(server.stdout.readline())
        trust = dict.fromkeys(
            ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"), address["authority"]
        )
        environment = {
            name: value for name, value in os.environ.items() if "proxy" not in name.lower()
        } | trust
        url = address["url"] + settings
        yield {
            name: Worker(stack.enter_context(_started([*command, url], environment)))
            for name, command in started.items()
        }


@contextmanager
def _started(
    command: list[str], environment: Mapping[str, str] | None = None
) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            assert process.stdin is not None
            process.stdin.close()


def in_rounds(
    workers: Mapping[str, Worker], task: str, times: Mapping[str, int], *, usual: int, rounds: int
) -> dict[str, list[float]]:
    """CPU microseconds per record or request of each client, in rounds in which each has its turn."""
    able = {name: worker for name, worker in workers.items() if task in worker.tasks}
    for name, worker in able.items():
        worker.run(task, max(1, times.get(name, usual) // 2))
    found: dict[str, list[float]] = {name: [] for name in able}
    for _ in range(rounds):
        for name, worker in able.items():
            took = worker.run(task, times.get(name, usual))
            found[name].append(took["cpu"] / took["count"] * 1e6)
    return found


def ratio(ours: list[float], peer: list[float]) -> Spread:
    """Ours to the other's, of the same round each."""
    return Spread.of([a / b for a, b in zip(ours, peer, strict=True)])
