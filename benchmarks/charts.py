"""Bars as SVG, and the page of the documentation that shows them."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.metadata import version
from pathlib import Path

from clients import Spread
from harness import GoalLine

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "performance.md"
START, END = "<!-- measured: start -->", "<!-- measured: end -->"
WIDTH, LEFT, RIGHT, ROW, TOP = 820, 240, 160, 28, 44
OWN, OTHER = "#2563eb", "#9ca3af"


@dataclass(frozen=True)
class Chart:
    """One bar for each client: the median, with a line from quarter to quarter."""

    name: str
    title: str
    unit: str
    bars: Mapping[str, Spread]

    def svg(self) -> str:
        most = max(bar.high for bar in self.bars.values())
        scale = (WIDTH - LEFT - RIGHT) / most
        height = TOP + ROW * len(self.bars) + 12
        rows = [self._row(number, label, bar, scale) for number, (label, bar) in enumerate(self.bars.items())]
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
            f'font-family="system-ui, sans-serif" font-size="13"><title>{escape(self.title)}</title>'
            f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>'
            f'<text x="12" y="24" font-weight="600" fill="#111827">{escape(self.title)}</text>'
            f"{''.join(rows)}</svg>\n"
        )

    def _row(self, number: int, label: str, bar: Spread, scale: float) -> str:
        y = TOP + ROW * number
        colour = OWN if label.startswith("attio-async") else OTHER
        middle, end = y + 10, LEFT + bar.median * scale
        low, high = LEFT + bar.low * scale, LEFT + bar.high * scale
        return (
            f'<text x="{LEFT - 8}" y="{y + 15}" text-anchor="end" fill="#111827">{escape(label)}</text>'
            f'<rect x="{LEFT}" y="{y}" width="{end - LEFT:.1f}" height="20" rx="2" fill="{colour}"/>'
            f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{middle}" y2="{middle}" stroke="#111827" stroke-width="1.5"/>'
            f'<text x="{max(end, high) + 8:.1f}" y="{y + 15}" fill="#111827">{bar.median:,.0f} {escape(self.unit)}</text>'
        )


def write(lines: Sequence[GoalLine], charts: Sequence[Chart], command: str) -> None:
    """Put the figures and the plots of one run into the documentation."""
    plots = DOCS / "plots"
    plots.mkdir(exist_ok=True)
    for chart in charts:
        (plots / f"{chart.name}.svg").write_text(chart.svg(), encoding="utf-8")
    packages = ("attio-async", "httpx", "httpx2", "aiohttp", "msgspec", "anyio", "attrs", "isal")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    table = [f"| {line.what} | {line.figure} | {line.goal} | {line.verdict} |" for line in lines]
    measured = [
        f"Measured by `{command}` on {machine()}, with {versions}. Figures are medians, with their quarters in brackets.",
        *(f"![{chart.title}](plots/{chart.name}.svg)" for chart in charts),
        "\n".join(["| what | figure | goal | |", "|---|---|---|---|", *table]),
    ]
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(START)
    _, _, after = rest.partition(END)
    between = "\n\n".join(["", *measured, ""])
    PAGE.write_text(f"{before}{START}{between}{END}{after}", encoding="utf-8")


def machine() -> str:
    """Describe the kind of machine, without naming it."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{os.cpu_count()} cores of {platform.machine()}, {platform.system()}, {python}"
