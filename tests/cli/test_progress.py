"""How far a job is: lines where nobody watches, a bar on a terminal."""

import io

import pytest

from attio_async._cli.progress import show_progress
from attio_async.testing import VirtualClock


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_line_every_five_seconds_with_rate_and_time_left() -> None:
    stream, clock = io.StringIO(), VirtualClock()
    with show_progress(stream, clock, "people", 1000) as progress:
        for _ in range(200):
            clock.advance(0.0625)
            progress.advance()
    assert stream.getvalue().splitlines() == [
        "people: 80 of 1,000, 16.0/s, 58 s left",
        "people: 160 of 1,000, 16.0/s, 52 s left",
    ]


def test_long_jobs_say_minutes() -> None:
    stream, clock = io.StringIO(), VirtualClock()
    with show_progress(stream, clock, "people", 100) as progress:
        clock.advance(10)
        progress.advance()
    assert stream.getvalue() == "people: 1 of 100, 0.1/s, 16 min 30 s left\n"


def test_without_a_total_there_is_no_time_left() -> None:
    stream, clock = io.StringIO(), VirtualClock()
    with show_progress(stream, clock, "people") as progress:
        clock.advance(5)
        progress.advance()
    assert stream.getvalue() == "people: 1, 0.2/s\n"


def test_quick_jobs_say_nothing() -> None:
    stream = io.StringIO()
    with show_progress(stream, VirtualClock(), "people", 2) as progress:
        progress.advance()
        progress.advance()
    assert stream.getvalue() == ""


def test_a_note_is_told_at_once() -> None:
    stream = io.StringIO()
    with show_progress(stream, VirtualClock(), "people", 2) as progress:
        progress.note("Stopping")
        assert stream.getvalue() == "Stopping\n"


@pytest.mark.parametrize("total", [4, None])
def test_a_terminal_gets_a_bar(total: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    stream, clock = Terminal(), VirtualClock()
    with show_progress(stream, clock, "[people]", total) as progress:
        progress.advance()
        for _ in range(2):
            clock.advance(0.5)
            progress.advance()
        progress.note("[Stopping]")
    shown = stream.getvalue()
    assert "[people]" in shown
    assert "[Stopping]" in shown
    assert "3.0/s" in shown
    assert ("3/4" if total else "3/?") in shown
