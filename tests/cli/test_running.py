"""From what happens in a command to its exit code and one clear message."""

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from attio_async._cli.errors import Refusal
from attio_async._cli.runner import refuse_same_file, run, run_async
from attio_async.errors import AttioError, ConfigurationError


def raising(error: BaseException) -> Callable[[], int]:
    def work() -> int:
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (Refusal("no such file"), 2, "no such file\n"),
        (ConfigurationError("no token"), 2, "no token\n"),
        (AttioError("went wrong\x1b[2J"), 1, "went wrong\ufffd[2J\n"),
        (OSError(28, "No space left on device", "out.csv"), 1, "out.csv: No space left on device\n"),
        (OSError("odd"), 1, "odd\n"),
        (KeyboardInterrupt(), 130, "Interrupted.\n"),
    ],
)
def test_what_goes_wrong_is_one_message(
    error: BaseException, code: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(raising(error)) == code
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", message)


def test_a_bug_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        run(raising(ZeroDivisionError()))


def test_the_code_of_work_that_ends_is_its_own() -> None:
    async def work() -> int:
        return 3

    assert run_async(work) == 3


def test_sigterm_ends_what_a_shell_started_in_the_background() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        test_sigterm_ends_work_like_ctrl_c()
    finally:
        signal.signal(signal.SIGINT, before)


def test_sigterm_ends_work_like_ctrl_c() -> None:
    before = signal.getsignal(signal.SIGTERM)

    def work() -> int:
        signal.raise_signal(signal.SIGTERM)
        return 0

    assert run(work) == 130
    assert signal.getsignal(signal.SIGTERM) is before


def test_two_names_of_one_file_are_refused(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("a.csv")
    with pytest.raises(Refusal, match="FILE and --report are the same file"):
        refuse_same_file({"FILE": str(tmp_path / "a.csv"), "--report": link})


def test_different_files_none_and_standard_streams_are_fine() -> None:
    refuse_same_file({"FILE": "-", "--out": "-", "--report": None, "--embedded": "a", "other": "b"})
