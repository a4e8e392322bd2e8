"""Report what changed, grouped and in plain words."""

import textwrap

from codegen.compare import APPEARED, CHANGED, GROUPS, VANISHED, Difference

PLACES = 6
"""How many operations are named before the rest is counted."""


def render(found: list[Difference], kept: list[str]) -> str:
    """Return the report: a section for each group, the sum, and what was kept because the description does not tell it."""
    lines: list[str] = []
    for group in GROUPS:
        told = grouped([change for change in found if change.group == group])
        if told:
            lines += [group, *(f"  {line}" for line in told), ""]
    if found:
        counts = [f"{count(found, kind)} {kind}" for kind in (APPEARED, CHANGED, VANISHED)]
        lines.append(", ".join(counts) + ".")
    else:
        lines.append("Nothing changed.")
    if kept:
        told = textwrap.wrap(", ".join(kept), 100, break_long_words=False, break_on_hyphens=False)
        lines += [
            "",
            "Kept as it was, for the description does not tell it:",
            *(f"  {line}" for line in told),
        ]
    return "\n".join(lines) + "\n"


def count(found: list[Difference], kind: str) -> int:
    """Return the number of lines of one kind in the report."""
    return len({(change.group, change.what) for change in found if change.kind == kind})


def grouped(found: list[Difference]) -> list[str]:
    """Return one line for each difference, with all places that show it."""
    places: dict[tuple[str, str], list[str]] = {}
    for change in found:
        places.setdefault((change.kind, change.what), []).append(change.where)
    return [f"{kind}  {what}{named(where)}" for (kind, what), where in places.items()]


def named(where: list[str]) -> str:
    """Return the places of a difference; a few by name."""
    names = [name for name in where if name]
    if not names:
        return ""
    more = f" and {len(names) - PLACES} more" if len(names) > PLACES else ""
    return f" - {', '.join(names[:PLACES])}{more}"
