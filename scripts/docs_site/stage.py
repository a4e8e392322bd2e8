"""Gather the pages: those in `docs/` and at the root, generated parts, and the reference."""

import re
import shutil
from pathlib import Path

from . import reference
from .reference import ROOT
from .tables import PARTS

SOURCE = "https://github.com/attio-async/attio-async/blob/main"
ROOT_PAGES = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security-policy.md",
    "SUPPORT.md": "support.md",
    "skills/attio-async/SKILL.md": "skill.md",
}
"""Pages that stand at the root of the repository, and their names on the site."""
LINK = re.compile(r"(\]\()([^)\s:#]+)((?:#[^)\s]*)?\))")
CODE = re.compile(r"(```.*?```)", re.DOTALL)
INSERT = re.compile(r"<!-- insert: (\w+) -->(?:\n.+)*")
"""The place of a generated part, with the paragraph that stands for it where the page is read as it is."""


def stage(folder: Path) -> list[tuple[str, str]]:
    """Write all pages below a folder, and return the title and file of those of the reference."""
    shutil.rmtree(folder, ignore_errors=True)
    docs = ROOT / "docs"
    for path in sorted(docs.rglob("*")):
        target = folder / path.relative_to(docs)
        if path.suffix == ".md":
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(page(path), encoding="utf-8")
        elif path.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    for name, target_name in ROOT_PAGES.items():
        if (ROOT / name).exists():
            (folder / target_name).write_text(page(ROOT / name), encoding="utf-8")
    return reference.write(folder / "reference")


def page(path: Path) -> str:
    """Return a page as it is on the site: generated parts inserted, links to the repository made absolute."""
    text = INSERT.sub(lambda match: PARTS[match[1]](), path.read_text(encoding="utf-8"))
    pieces = CODE.split(text)
    return "".join(
        piece
        if piece.startswith("```")
        else LINK.sub(lambda match: match[1] + _target(path, match[2]) + match[3], piece)
        for piece in pieces
    )


def _target(path: Path, link: str) -> str:
    """Return where a link of a page leads on the site."""
    docs = ROOT / "docs"
    place = (path.parent / link).resolve()
    if not place.is_relative_to(ROOT):
        return link
    name = place.relative_to(ROOT).as_posix()
    if name in ROOT_PAGES:
        target = docs / ROOT_PAGES[name]
    elif place.is_relative_to(docs):
        target = place
    else:
        return f"{SOURCE}/{name}"
    start = docs if path.parent == ROOT else path.parent
    up = len(start.relative_to(docs).parts)
    return "../" * up + target.relative_to(docs).as_posix()
