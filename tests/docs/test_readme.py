"""The code of the README runs as printed, and its links lead to pages of the site."""

import re
import subprocess
import sys
from pathlib import Path

from scripts.docs_site import stage

from attio_async.testing import FakeAttio

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
SITE = "https://attio-async.github.io/attio-async/"
REPOSITORY = "https://github.com/attio-async/attio-async"


def test_the_program_runs_as_printed(tmp_path: Path) -> None:
    (block,) = BLOCKS
    assert len(block.splitlines()) <= 17
    program = tmp_path / "sample.py"
    program.write_text(block, encoding="utf-8")
    with FakeAttio(token="printed").serve(port=0) as server:
        done = subprocess.run(
            [sys.executable, "-W", "error", program],
            env={"ATTIO_API_KEY": "printed", "ATTIO_BASE_URL": server.url},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "Ada Lovelace ['ada@acme.example.com']\n"


def test_it_fits_a_screen() -> None:
    assert len(README.splitlines()) < 90


def test_links_are_absolute_and_lead_to_pages(tmp_path: Path) -> None:
    stage.stage(tmp_path)
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert len(links) > 10
    for link in links:
        if link.startswith(SITE):
            page = tmp_path / (link.removeprefix(SITE).rstrip("/") or "index")
            assert page.with_suffix(".md").exists() or (page / "index.md").exists(), link
        else:
            assert link.startswith(f"{REPOSITORY}/blob/main/"), link
            assert (ROOT / link.removeprefix(f"{REPOSITORY}/blob/main/")).exists(), link


def test_links_lead_somewhere() -> None:
    generated = {"skill.md", "security-policy.md"}
    broken = []
    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8")):
            is_generated = "reference/" in target or target in generated  # checked on the staged pages
            if not is_generated and not (document.parent / target).exists():
                broken.append(f"{document.name} links to {target}")
    assert broken == []
