"""Run the benchmarks: all, or those named on the command line. Exits with 1 when a goal is missed.

With `--docs`, the figures and plots go into docs/performance.md.
"""

import platform
import sys
from importlib import import_module
from importlib.metadata import version

from charts import Chart, write
from harness import GoalLine

DOCS = "--docs"
NAMES = ("imports", "pages", "calls", "reading", "webhooks", "bulk", "scans", "exports", "mirror", "fake")


def main() -> int:
    asked = sys.argv[1:]
    names = [name for name in asked if name != DOCS] or NAMES
    packages = ", ".join(f"{name} {version(name)}" for name in ("httpx", "msgspec", "anyio", "attrs"))
    print(f"Python {platform.python_version()}, {platform.machine()}, {packages}\n")
    lines: list[GoalLine] = []
    plots: list[Chart] = []
    for name in names:
        for found in import_module(name).lines():
            if isinstance(found, Chart):
                plots.append(found)
            else:
                lines.append(found)
                print(found, flush=True)
    if DOCS in asked:
        write(lines, plots, " ".join(["python benchmarks/run.py", *asked]))
    return 1 if any(line.met is False for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
