"""The cost of imports over a bare interpreter, each in a process of its own."""

import os
import statistics
import subprocess
import sys
import time

from harness import GoalLine

ROUNDS = 15


# Byte code is written and used, as in an installed package, whatever this process was told.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def milliseconds(statement: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True, env=ENVIRONMENT)
    return (time.perf_counter() - start) * 1000


def lines() -> list[GoalLine]:
    statements = {
        "bare": "pass",
        "package": "import attio_async",
        "httpx": "import httpx",
        "client": "from attio_async import Attio",
        "before": "import httpx, attrs",
        "endpoint": "import httpx, attrs\nimport attio_async_api.api.records.query_records",
    }
    for statement in statements.values():
        milliseconds(statement)  # writes the byte code
    times: dict[str, list[float]] = {name: [] for name in statements}
    for _ in range(ROUNDS):
        for name, statement in statements.items():
            times[name].append(milliseconds(statement))

    def over(name: str, base: str) -> float:
        return statistics.median(a - b for a, b in zip(times[name], times[base], strict=True))

    package, client, endpoint = over("package", "bare"), over("client", "httpx"), over("endpoint", "before")
    return [
        GoalLine("import attio_async, over bare", f"{package:.1f} ms", "at most 15 ms", package <= 15),
        GoalLine(
            "from attio_async import Attio, over import httpx",
            f"{client:.1f} ms",
            "at most 20 ms",
            client <= 20,
        ),
        GoalLine(
            "one endpoint module, over httpx and attrs", f"{endpoint:.1f} ms", "at most 10 ms", endpoint <= 10
        ),
    ]
