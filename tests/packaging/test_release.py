"""A release is cut by one command, and published only if tag, version and changelog agree."""

import subprocess
import sys
from pathlib import Path

import pytest
from scripts import release

ROOT = Path(__file__).parents[2]
LOG = "# Changelog\n\n## Unreleased\n\n### Added\n\n- A thing.\n\n## 0.1.0 (2026-01-01)\n\n- The first.\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "src/attio_async").mkdir(parents=True)
    (tmp_path / release.VERSION).write_text('"""The version."""\n\n__version__ = "0.1.0"\n', encoding="utf-8")
    (tmp_path / release.CHANGELOG).write_text(LOG, encoding="utf-8")
    return tmp_path


def test_a_release_is_cut_and_checked(root: Path) -> None:
    release.cut(root, "0.2.0", "2026-03-01")
    assert '__version__ = "0.2.0"' in (root / release.VERSION).read_text(encoding="utf-8")
    assert "## Unreleased\n\n## 0.2.0 (2026-03-01)\n\n### Added" in (root / release.CHANGELOG).read_text(
        "utf-8"
    )
    assert release.check(root, "v0.2.0") == "### Added\n\n- A thing."


@pytest.mark.parametrize(
    ("version", "message"),
    [("next", "not a valid version"), ("0.1.0", "already has a section")],
)
def test_a_wrong_version_changes_nothing(root: Path, version: str, message: str) -> None:
    with pytest.raises(release.ReleaseProblem, match=message):
        release.cut(root, version, "2026-03-01")
    assert (root / release.CHANGELOG).read_text(encoding="utf-8") == LOG


def test_a_release_needs_changes(root: Path) -> None:
    release.cut(root, "0.2.0", "2026-03-01")
    with pytest.raises(release.ReleaseProblem, match="nothing is unreleased"):
        release.cut(root, "0.3.0", "2026-03-02")


def test_what_does_not_agree_is_not_published(root: Path) -> None:
    with pytest.raises(release.ReleaseProblem, match="but the version is"):
        release.check(root, "v0.2.0")
    with pytest.raises(release.ReleaseProblem, match="unreleased lines"):
        release.check(root, "v0.1.0")
    release.cut(root, "0.2.0", "2026-03-01")
    (root / release.CHANGELOG).write_text("# Changelog\n\n## Unreleased\n", encoding="utf-8")
    with pytest.raises(release.ReleaseProblem, match="no section"):
        release.check(root, "v0.2.0")


def test_the_command_says_what_is_wrong() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/release.py", "check", "v0"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "but the version is" in done.stderr
