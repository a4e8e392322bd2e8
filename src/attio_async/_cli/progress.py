"""The progress of a job: a bar on a terminal, a line every few seconds elsewhere."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TextIO

from .._utils.clock import Clock
from ..bulk import Progress
from .output import verbosity

_SECONDS_BETWEEN_LINES = 5.0


class ProgressDisplay:
    """A display that is told of rows as they are done.

    Attributes:
        done: How many rows are done.
        note: Shows a message meanwhile.
    """

    def __init__(
        self,
        clock: Clock,
        total: int | None,
        *,
        draw: Callable[[Progress], object],
        note: Callable[[str], object],
        interval: float = 0.0,
    ) -> None:
        self.done = 0
        self.note = note
        self._clock = clock
        self._total = total
        self._draw = draw
        self._interval = interval
        self._started = self._drawn = clock.monotonic()

    def advance(self) -> None:
        """Show that one more row is done."""
        self.advance_to(self.done + 1)

    def advance_to(self, done: int) -> None:
        """Show that so many rows are done."""
        self.done = done
        now = self._clock.monotonic()
        if now - self._drawn < self._interval:
            return
        self._drawn, seconds = now, now - self._started
        rate = self.done / seconds if seconds else 0.0
        self._draw(
            Progress(done=self.done, failed=0, total=self._total, seconds=seconds, rate=rate, waited=0.0)
        )


@contextmanager
def show_progress(
    stream: TextIO, clock: Clock, label: str, total: int | None = None
) -> Generator[ProgressDisplay]:
    """Show on `stream` how far a job of `total` rows is, until the block ends."""
    if verbosity.get().quiet:
        yield ProgressDisplay(clock, total, draw=lambda _: None, note=lambda _: None)
        return
    if not stream.isatty():

        def write(text: str) -> None:
            print(text, file=stream, flush=True)

        yield ProgressDisplay(
            clock,
            total,
            draw=lambda progress: write(f"{label}: {progress}"),
            note=write,
            interval=_SECONDS_BETWEEN_LINES,
        )
        return

    from rich import progress as bars
    from rich.console import Console
    from rich.text import Text

    console = Console(file=stream)
    columns = (
        bars.TextColumn("{task.description}", markup=False),
        bars.BarColumn(),
        bars.TextColumn("{task.fields[progress]}"),
    )
    with bars.Progress(*columns, console=console, get_time=clock.monotonic) as shown:
        task = shown.add_task(label, total=total, progress="")
        yield ProgressDisplay(
            clock,
            total,
            draw=lambda progress: shown.update(task, completed=progress.done, progress=progress),
            note=lambda text: console.print(Text(text)),
        )
