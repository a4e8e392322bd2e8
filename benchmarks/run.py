"""Run the benchmarks: all, or those named on the command line. Exits with 1 when a goal is missed."""

import platform
import sys
from importlib import import_module
from importlib.metadata import version

NAMES = ("imports", "pages", "calls", "reading", "webhooks", "bulk", "fake")


def main() -> int:
    names = sys.argv[1:] or NAMES
    packages = ", ".join(f"{name} {version(name)}" for name in ("httpx", "msgspec", "anyio", "attrs"))
    print(f"Python {platform.python_version()}, {platform.machine()}, {packages}\n")
    missed = 0
    for name in names:
        for line in import_module(name).lines():
            print(line, flush=True)
            missed += line.met is False
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
