"""Cut a release, and check one before it is published.

python scripts/release.py cut 0.2.0     set the version, and close the section "Unreleased" of the changelog
python scripts/release.py check v0.2.0  fail unless the tag, the version and the changelog agree
"""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CHANGELOG = "CHANGELOG.md"
VERSION = "src/attio_async/_version.py"
UNRELEASED = "## Unreleased\n"
NUMBER = re.compile(r"\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?")


class ReleaseProblem(Exception):
    """A release that cannot be cut or published."""


def cut(root: Path, version: str, today: str) -> None:
    """Set the version, and move what is unreleased into a section of its own.

    Raises:
        ReleaseProblem: The version is not valid or not new, or nothing is unreleased. No file was changed.
    """
    if not NUMBER.fullmatch(version):
        raise ReleaseProblem(f"{version!r} is not a valid version, such as 0.2.0 or 0.2.0rc1")
    text = (root / CHANGELOG).read_text(encoding="utf-8")
    if f"\n## {version} " in text:
        raise ReleaseProblem(f"CHANGELOG.md already has a section for {version}")
    if not section(text, "Unreleased"):
        raise ReleaseProblem("nothing is unreleased in CHANGELOG.md")
    closed = text.replace(UNRELEASED, f"{UNRELEASED}\n## {version} ({today})\n", 1)
    code = (root / VERSION).read_text(encoding="utf-8")
    (root / CHANGELOG).write_text(closed, encoding="utf-8")
    (root / VERSION).write_text(re.sub(r'(?<=__version__ = ").*(?=")', version, code), encoding="utf-8")


def check(root: Path, tag: str) -> str:
    """Return the notes of the release that a tag stands for.

    Raises:
        ReleaseProblem: The tag, the version and the changelog do not agree.
    """
    found = re.search(r'__version__ = "(.*)"', (root / VERSION).read_text(encoding="utf-8"))
    version = found[1] if found else ""
    if tag != f"v{version}":
        raise ReleaseProblem(f"the tag is {tag}, but the version is {version}; tag v{version}")
    text = (root / CHANGELOG).read_text(encoding="utf-8")
    if section(text, "Unreleased"):
        raise ReleaseProblem(
            f"CHANGELOG.md has unreleased lines; run python scripts/release.py cut {version}"
        )
    notes = section(text, version)
    if not notes:
        raise ReleaseProblem(f"CHANGELOG.md has no section for {version}")
    return notes


def section(text: str, title: str) -> str:
    """Return the section of the changelog with this title; empty if it is missing or empty."""
    found = re.search(
        rf"^## {re.escape(title)}(?: [^\n]*)?\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE
    )
    return found[1].strip() if found else ""


def main(arguments: list[str]) -> int:
    """Run a command; return 1 if it cannot be done, 2 if it is unknown."""
    try:
        match arguments:
            case ["cut", version]:
                cut(ROOT, version, datetime.now(UTC).date().isoformat())
            case ["check", tag]:
                print(check(ROOT, tag))
            case _:
                print(__doc__, file=sys.stderr)
                return 2
    except ReleaseProblem as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
