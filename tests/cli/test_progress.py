"""Progress: lines in a file or pipe, a bar on a terminal."""

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
        "people: 80 of 1,000 rows, 16.0/s, 0:00:58 left",
        "people: 160 of 1,000 rows, 16.0/s, 0:00:53 left",
    ]


def test_long_jobs_show_minutes() -> None:
    stream, clock = io.StringIO(), VirtualClock()
    with show_progress(stream, clock, "people", 100) as progress:
        clock.advance(10)
        progress.advance()
    assert stream.getvalue() == "people: 1 of 100 rows, 0.1/s, 0:16:30 left\n"


def test_without_a_total_there_is_no_time_left() -> None:
    stream, clock = io.StringIO(), VirtualClock()
    with show_progress(stream, clock, "people") as progress:
        clock.advance(5)
        progress.advance()
    assert stream.getvalue() == "people: 1 rows, 0.2/s\n"


def test_quick_jobs_show_nothing() -> None:
    stream = io.StringIO()
    with show_progress(stream, VirtualClock(), "people", 2) as progress:
        progress.advance()
        progress.advance()
    assert stream.getvalue() == ""


def test_a_note_is_shown_at_once() -> None:
    stream = io.StringIO()
    with show_progress(stream, VirtualClock(), "people", 2) as progress:
        progress.note("Stopping")
        assert stream.getvalue() == "Stopping\n"


def test_progress_may_come_in_steps() -> None:
    stream, clock = io.StringIO(), VirtualClock()
    with show_progress(stream, clock, "people", 1000) as progress:
        clock.advance(5)
        progress.advance_to(500)
        assert progress.done == 500
    assert stream.getvalue() == "people: 500 of 1,000 rows, 100.0/s, 0:00:05 left\n"


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    for total, text in [(4, "3 of 4 rows, 3.0/s, 0:00:01 left"), (None, "3 rows, 3.0/s")]:
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
        assert text in shown
