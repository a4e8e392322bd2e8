"""From what happens in a command to its exit code and one clear message."""

import json
import signal
from collections.abc import Callable

import pytest
import typer

from attio_async._cli.errors import Refusal
from attio_async._cli.runner import as_command, run
from attio_async.errors import AttioError, ConfigurationError, NotFound


def raising(error: BaseException) -> Callable[[], int]:
    def work() -> int:
        raise error

    return work


def test_every_foreseeable_failure_is_one_message_and_a_code(capsys: pytest.CaptureFixture[str]) -> None:
    misfits = {}
    for error, code, message in [
        (Refusal("no such file"), 2, "no such file\n"),
        (ConfigurationError("no token"), 2, "no token\n"),
        (AttioError("went wrong\x1b[2J"), 1, "went wrong\ufffd[2J\n"),
        (OSError(28, "No space left on device", "out.csv"), 1, "out.csv: No space left on device\n"),
        (OSError("odd"), 1, "odd\n"),
        (KeyboardInterrupt(), 130, "Interrupted.\n"),
    ]:
        found = run(raising(error)), *capsys.readouterr()
        if found != (code, "", message):
            misfits[repr(error)] = found
    assert not misfits


def test_failures_are_json_where_results_are(capsys: pytest.CaptureFixture[str]) -> None:
    refusal = Refusal("unknown object 'x'")
    refusal.__cause__ = NotFound("Not here.", status=404, method="GET", path="/v2/x", code="not_found")
    assert run(raising(refusal), as_json=True) == 2
    failure = json.loads(capsys.readouterr().err)
    assert (failure["exception"], failure["message"], failure["exit_code"]) == (
        "NotFound",
        "unknown object 'x'",
        2,
    )
    assert failure["status"] == 404
    assert run(raising(OSError(28, "No space left on device", "out.csv")), as_json=True) == 1
    assert json.loads(capsys.readouterr().err)["exception"] == "OSError"


def test_a_bug_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        run(raising(ZeroDivisionError()))


def test_a_command_ends_with_what_its_function_returns() -> None:
    async def waits(code: int) -> int:
        return code

    def returns_nothing() -> None:
        return None

    for function, options, code in [(waits, {"code": 3}, 3), (returns_nothing, {}, 0)]:
        with pytest.raises(typer.Exit) as ended:
            as_command(function)(**options)
        assert ended.value.exit_code == code


def test_sigterm_ends_work_like_ctrl_c() -> None:
    before = signal.getsignal(signal.SIGTERM)

    def work() -> int:
        signal.raise_signal(signal.SIGTERM)
        return 0

    assert run(work) == 130
    assert signal.getsignal(signal.SIGTERM) is before


def test_sigterm_ends_what_a_shell_started_in_the_background() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        test_sigterm_ends_work_like_ctrl_c()
    finally:
        signal.signal(signal.SIGINT, before)
