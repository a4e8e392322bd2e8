"""The command line, `attio-async`. Needs the extra `cli`."""

import os
import signal
import sys
from contextlib import suppress
from importlib.util import find_spec

_INTERRUPTED = 130


def main() -> None:
    """Run the command line, and end the process with its exit code.

    Ctrl-C and SIGTERM end it with 130 and no traceback, also while it is still being loaded.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) != signal.SIG_IGN:  # a shell starts background processes like this
            signal.signal(number, _leave)
    try:
        _main()
    except SystemExit as end:
        if end.code == _INTERRUPTED:
            _leave()  # Python would end itself by a signal if the interrupt came through its `exec`
        raise


def _leave(*_: object) -> None:
    """End the process, as long as no command is at work or after its end."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):  # such as a reader that has gone
            stream.flush()
    os._exit(_INTERRUPTED)


def _main() -> None:
    if sys.argv[1:2] == ["__complete"]:  # by the script of a shell, which has to be answered at once
        from .completion.answer import answer

        sys.exit(answer(sys.argv[2:]))
    missing = [name for name in ("typer", "rich") if find_spec(name) is None]
    if missing:
        sys.stderr.write(
            f"attio-async needs {' and '.join(missing)} for its command line. Install them with:\n"
            '    pip install "attio-async[cli]"\n'
        )
        sys.exit(2)
    from .app import app
    from .runner import run_app

    sys.exit(run_app(app, sys.argv[1:]))
