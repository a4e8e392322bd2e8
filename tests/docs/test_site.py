"""The documentation site: every public name and every page is on it."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from scripts.docs_site import reference, stage, twins
from scripts.docs_site.__main__ import configuration, navigation
from scripts.docs_site.versions import add_version

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "pages"
    stage.stage(folder)
    return folder


def test_every_public_name_has_its_place_in_the_reference(pages: Path) -> None:
    documented = {
        path: page.name
        for page in (pages / "reference").glob("*.md")
        for path in re.findall(r"^::: (\S+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    }
    packages = [
        f"attio_async.{package}" for package in reference.packages() if package not in {"", "blocking"}
    ]
    names = 0
    for package in reference.packages():
        place = f"attio_async.{package}" if package else "attio_async"
        homes = (place,) if package else (place, *packages)  # some are documented where they belong
        for name in reference.public_names(package):
            names += 1
            assert any(f"{home}.{name}" in documented for home in homes), f"{place}.{name}"
    assert names > 500
    assert not [name for name, page in documented.items() if page == "other.md"]


def test_every_page_is_in_the_navigation(pages: Path) -> None:
    nav = navigation(configuration(reference.write(pages / "reference")))
    shown = {name for _, entries in nav for _, name in entries}
    written = {path.relative_to(pages).as_posix() for path in pages.rglob("*.md")}
    assert shown <= written
    decisions = {name for name in written if name.startswith("adr/")}
    assert written - shown == decisions - {"adr/README.md"}


def test_generated_parts_are_inserted(pages: Path) -> None:
    commands = (pages / "commands.md").read_text(encoding="utf-8")
    assert "### attio-async webhooks ensure" in commands
    assert "| `--match` `[OBJECT=]SLUG` |" in commands
    texts = [path.read_text(encoding="utf-8") for path in pages.rglob("*.md")]
    assert not [text for text in texts if "<!-- insert:" in text or "The documentation site" in text]


def test_the_place_of_a_generated_part_says_where_to_find_it() -> None:
    raw = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").rglob("*.md"))
    assert (
        raw.count("<!-- insert:")
        == len(re.findall(r"<!-- insert: \w+ -->\nThe documentation site", raw))
        == 3
    )


def test_links_lead_to_pages(pages: Path) -> None:
    dead = [
        f"{page.relative_to(pages)}: {target}"
        for page in pages.rglob("*.md")
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert not dead


def test_links_to_the_repository_are_absolute(pages: Path) -> None:
    assert f"]({stage.SOURCE}/examples/" in (pages / "comparison.md").read_text(encoding="utf-8")
    assert "](docs/" not in (pages / "changelog.md").read_text(encoding="utf-8")


def test_summaries_are_sentences_of_prose(pages: Path) -> None:
    summary = twins._summary(
        "# Page\n\n```python\na = 1\n\nb = 2\n```\n\nIt [reads](x.md): all, and writes. More.\n"
    )
    assert summary == ": It reads: all, and writes."
    for page in pages.rglob("*.md"):
        summary = twins._summary(page.read_text(encoding="utf-8"))
        assert not summary or summary.endswith((".", "!", "?")), page
        assert "```" not in summary, page


def test_a_version_has_an_address_and_a_menu(tmp_path: Path) -> None:
    text = configuration([], "0.2.0")
    project = tomllib.loads(text)["project"]
    assert project["site_url"].endswith("/0.2.0/")
    assert project["site_dir"] == "site/0.2.0"
    assert project["extra"]["version"] == {"provider": "mike"}
    for version in ("0.2.0", "0.3.0"):
        add_version(tmp_path, version)
    listed = json.loads((tmp_path / "versions.json").read_text(encoding="utf-8"))
    assert [(each["version"], each["aliases"]) for each in listed] == [("0.3.0", ["latest"]), ("0.2.0", [])]


@pytest.mark.full
def test_the_site_builds_without_a_warning_or_a_dead_link() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scripts.docs_site"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    site = ROOT / "build" / "site"
    assert 'id="attio_async.Attio.search"' in (site / "reference/client/index.html").read_text(
        encoding="utf-8"
    )
    assert "async def upsert(" in (site / "reference/records.md").read_text(encoding="utf-8")
    assert "reference/records.md" in (site / "llms.txt").read_text(encoding="utf-8")
    address = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]["site_url"]
    assert f"<!-- {address}tutorial.md -->" in (site / "llms-full.txt").read_text(encoding="utf-8")
