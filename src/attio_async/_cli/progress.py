"""How far a job is: a bar on a terminal, a line every few seconds elsewhere. Always on standard error."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol, TextIO

from .._utils.clock import Clock

_SECONDS_BETWEEN_LINES = 5.0


class ProgressDisplay(Protocol):
    """Is told of every row that is done."""

    def advance(self) -> None:
        """One more is done."""
        ...

    def note(self, text: str) -> None:
        """Say something meanwhile."""
        ...


class LineProgress:
    """Writes a plain line every few seconds."""

    def __init__(self, stream: TextIO, clock: Clock, label: str, total: int | None) -> None:
        self._stream = stream
        self._clock = clock
        self._label = label
        self._total = total
        self._done = 0
        self._started = self._written = clock.monotonic()

    def advance(self) -> None:
        self._done += 1
        now = self._clock.monotonic()
        if now - self._written >= _SECONDS_BETWEEN_LINES:
            self._written = now
            self.note(self._line(now - self._started))

    def note(self, text: str) -> None:
        print(text, file=self._stream, flush=True)

    def _line(self, seconds: float) -> str:
        rate = self._done / seconds
        if self._total is None:
            return f"{self._label}: {self._done:,}, {rate:.1f}/s"
        left = (self._total - self._done) / rate
        return f"{self._label}: {self._done:,} of {self._total:,}, {rate:.1f}/s, {_duration(left)} left"


@contextmanager
def show_progress(
    stream: TextIO, clock: Clock, label: str, total: int | None = None
) -> Generator[ProgressDisplay]:
    """Show on `stream` how far a job of `total` rows is, as long as the block lasts."""
    if not stream.isatty():
        yield LineProgress(stream, clock, label, total)
        return
    with _bar(stream, clock, label, total) as bar:
        yield bar


@contextmanager
def _bar(stream: TextIO, clock: Clock, label: str, total: int | None) -> Generator[ProgressDisplay]:
    from rich import progress as rich_progress
    from rich.console import Console
    from rich.text import Text

    console = Console(file=stream)
    columns = (
        rich_progress.TextColumn("{task.description}", markup=False),
        rich_progress.BarColumn(),
        rich_progress.MofNCompleteColumn(),
        rich_progress.TextColumn("{task.fields[rate]}"),
        rich_progress.TimeRemainingColumn(),
    )
    started = clock.monotonic()
    with rich_progress.Progress(*columns, console=console, get_time=clock.monotonic) as shown:
        task = shown.add_task(label, total=total, rate="")

        class Bar:
            done = 0

            def advance(self) -> None:
                self.done += 1
                seconds = clock.monotonic() - started
                shown.update(task, advance=1, rate=f"{self.done / seconds:.1f}/s" if seconds else "")

            def note(self, text: str) -> None:
                console.print(Text(text))

        yield Bar()


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
