"""Ctrl-C: the first one asks a job to stop, the second one cancels it."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import anyio
import pytest

from attio_async._cli import runner
from attio_async._cli.runner import run, run_stoppable, wait_for_interrupt

pytestmark = pytest.mark.anyio


async def test_an_undisturbed_job_runs_to_its_end() -> None:
    ended: list[bool] = []

    async def job() -> None:
        await anyio.lowlevel.checkpoint()
        ended.append(True)

    await run_stoppable(job, on_stop=pytest.fail)
    assert ended == [True]


async def test_the_first_signal_lets_the_job_end_by_itself() -> None:
    told: list[str] = []

    async def job() -> None:
        signal.raise_signal(signal.SIGINT)
        while not told:
            await anyio.lowlevel.checkpoint()
        told.append("ended")

    await run_stoppable(job, on_stop=lambda: told.append("stop"))
    assert told == ["stop", "ended"]


async def test_the_second_signal_cancels_the_job() -> None:
    told: list[str] = []

    async def job() -> None:
        signal.raise_signal(signal.SIGINT)
        while not told:
            await anyio.lowlevel.checkpoint()
        signal.raise_signal(signal.SIGINT)
        await anyio.sleep_forever()

    await run_stoppable(job, on_stop=lambda: told.append("stop"))
    assert told == ["stop"]


async def test_an_error_of_the_job_is_raised_as_it_is() -> None:
    async def job() -> None:
        raise LookupError("as it is")

    with pytest.raises(LookupError, match="as it is"):
        await run_stoppable(job, on_stop=pytest.fail)


async def test_afterwards_the_signal_has_its_earlier_handler() -> None:
    before = signal.getsignal(signal.SIGINT)
    await run_stoppable(anyio.lowlevel.checkpoint, on_stop=pytest.fail)
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="signals of threads are of POSIX")
def test_a_signal_that_does_not_wake_the_main_thread_ends_the_wait() -> None:
    # As if it came just before the main thread blocks: Python's handler notes it, and no system call is interrupted.
    program = """
import os, signal, threading
from attio_async._cli.runner import wait_for_interrupt

signal.signal(signal.SIGINT, signal.default_int_handler)
threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # only the other thread is given it
    wait_for_interrupt()
except KeyboardInterrupt:
    print("interrupted")
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert ended.stdout == "interrupted\n"


def test_a_wait_ends_when_it_is_over() -> None:
    answers = iter([False, True])
    wait_for_interrupt(lambda: next(answers))


def test_an_interrupt_while_a_class_is_created_ends_a_command_like_any_other() -> None:
    class Field:
        def __set_name__(self, owner: type, name: str) -> None:
            raise KeyboardInterrupt

    def imported() -> None:
        type("Imported", (), {"field": Field()})

    def failed() -> None:
        raise RuntimeError("a fault")

    assert run(imported) == 130
    with pytest.raises(RuntimeError, match="a fault"):
        run(failed)


class Callback:
    """Raises an error where Python can only report it."""

    def __init__(self, error: type[BaseException]) -> None:
        self._error = error

    def __del__(self) -> None:
        raise self._error


def spin() -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        pass


def test_an_interrupt_that_python_cannot_raise_is_raised_soon_after(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def interrupted() -> None:
        Callback(KeyboardInterrupt)
        spin()

    reported = list[object]()

    def failed() -> None:
        Callback(ZeroDivisionError)

    before = sys.unraisablehook
    sys.unraisablehook = report = lambda lost: reported.append(lost.exc_type)
    try:
        assert run(interrupted) == 130
        assert run(failed) == 0
        assert sys.unraisablehook is report
    finally:
        sys.unraisablehook = before
    assert reported == [ZeroDivisionError]
    assert capsys.readouterr().err == "Interrupted.\n"


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="elsewhere a system call goes on")
def test_a_lost_interrupt_ends_a_system_call() -> None:
    reader, writer = os.pipe()
    written: list[int] = []
    late = threading.Timer(30, lambda: written.append(os.write(writer, b"late")))

    def interrupted() -> None:
        Callback(KeyboardInterrupt)
        os.read(reader, 4)

    late.start()
    try:
        assert run(interrupted) == 130
        assert written == []
    finally:
        late.cancel()
        os.close(reader)
        os.close(writer)


def test_a_lost_sigterm_ends_a_command_for_which_the_shell_ignores_ctrl_c() -> None:
    def interrupted() -> None:
        Callback(KeyboardInterrupt)
        spin()

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert run(interrupted) == 130
    finally:
        signal.signal(signal.SIGINT, before)


def test_an_interrupt_that_is_lost_at_the_end_of_a_command_comes_to_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    late: list[Callable[[], None]] = []
    monkeypatch.setattr(runner, "start_new_thread", lambda repeat, _: late.append(repeat))
    assert run(lambda: Callback(KeyboardInterrupt) and None) == 0
    for repeat in late:
        repeat()
    assert len(late) == 1
