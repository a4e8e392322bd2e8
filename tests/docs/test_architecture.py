"""The pages on the architecture name every room, and no file that is not there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "attio_async"
PAGES = {"architecture.md": SOURCE, "architecture-fake.md": SOURCE / "testing"}
FILE = re.compile(r"[\w/]+\.(?:py|sql|lua|toml|json|sh)\b|[\w/]+/(?=[\s`)])")
FOLDERS = ("src", "generated", "openapi", "scripts", "tests")
OTHERS = {"pyproject.toml", "attio.json", "names.toml", "overlay.toml", "requests.py"}


def rooms(folder: Path) -> set[str]:
    return {path.parent.relative_to(folder).as_posix() for path in folder.rglob("*.py")} - {"."}


@pytest.mark.parametrize("page", PAGES)
def test_every_file_on_the_page_exists(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    files = {
        path.relative_to(ROOT).as_posix()
        for folder in FOLDERS
        for path in [ROOT / folder, *(ROOT / folder).rglob("*")]
    }
    missing = [
        name
        for name in set(FILE.findall(text))
        if name.rpartition("/")[2] not in OTHERS
        and not any(f"/{file}".endswith(f"/{name.rstrip('/')}") for file in files)
    ]
    assert not missing


@pytest.mark.parametrize(("page", "folder"), PAGES.items())
def test_every_room_has_its_line(page: str, folder: Path) -> None:
    tree = (ROOT / "docs" / page).read_text(encoding="utf-8").split("```")[1]
    named = {line.split()[0].rstrip("/").rpartition("/")[2] for line in tree.splitlines() if line.split()}
    missing = [
        room for room in rooms(folder) if room.rpartition("/")[2] not in named and "testing/" not in room
    ]
    assert not missing
