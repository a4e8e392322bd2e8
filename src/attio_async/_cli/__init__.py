"""The command line, `attio-async`. Needs the extra `cli`."""

import os
import sys
from importlib.util import find_spec


def main() -> None:
    """Run the command line, and end the process with its exit code."""
    missing = [name for name in ("typer", "rich") if find_spec(name) is None]
    if missing:
        sys.stderr.write(
            f"attio-async needs {' and '.join(missing)} for its command line. Install them with:\n"
            '    pip install "attio-async[cli]"\n'
        )
        sys.exit(2)
    from .app import app

    if "_ATTIO_ASYNC_COMPLETE" in os.environ:
        from .completion import answer_shells

        answer_shells()

    app(prog_name="attio-async")
