"""Build the site in `build/site`.

python -m scripts.docs_site          for reading here
python -m scripts.docs_site 0.2.0    as one of several versions, in build/site/0.2.0 and with a menu of them
"""

import os
import re
import subprocess
import sys
import tomllib

from . import twins
from .links import dead_links
from .reference import ROOT
from .stage import stage

BUILD = ROOT / "build"
MARK = "  # the reference is inserted here\n"
Section = tuple[str, list[tuple[str, str]]]


def configuration(reference: list[tuple[str, str]], version: str = "") -> str:
    """Return the configuration of the site, with the pages of the reference in the navigation."""
    text = (ROOT / "zensical.toml").read_text(encoding="utf-8")
    if MARK not in text:
        raise SystemExit(f"zensical.toml lacks the line {MARK.strip()!r}")
    if version:
        text = text.replace('site_dir = "site"', f'site_dir = "site/{version}"')
        text = text.replace('github.io/attio-async/"', f'github.io/attio-async/{version}/"')
        text += '\n[project.extra.version]\nprovider = "mike"\n'
    lines = "".join(f'    {{ "{title}" = "{name}" }},\n' for title, name in reference)
    return text.replace(MARK, f'  {{ "Reference" = [\n{lines}  ] }},\n')


def navigation(text: str) -> list[Section]:
    """Return the sections of the navigation, each with the title and file of its pages."""
    sections: list[Section] = []
    for entry in tomllib.loads(text)["project"]["nav"]:
        ((title, below),) = entry.items()
        if isinstance(below, str):
            sections.append((title, [(title, below)]))
        else:
            sections.append((title, [page for each in below for page in each.items()]))
    return sections


def main(version: str = "") -> int:
    """Build and check the site; return 1 if anything is wrong."""
    text = configuration(stage(BUILD / "pages"), version)
    (BUILD / "zensical.toml").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict", "--clean", "-f", "zensical.toml"],
        cwd=BUILD,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    output = done.stdout + done.stderr
    if done.returncode or re.search(r"^\s*(?:warning|error)", output, re.IGNORECASE | re.MULTILINE):
        print(output, file=sys.stderr)
        return 1
    site = BUILD / "site" / version
    nav = navigation(text)
    count = twins.write(BUILD / "pages", site, nav, tomllib.loads(text)["project"]["site_url"])
    dead = dead_links(site)
    print(*(f"dead link in {each}" for each in dead), sep="\n", file=sys.stderr)
    if dead:
        return 1
    print(f"{count} pages in {site / 'index.html'}, without a warning or a dead link")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
