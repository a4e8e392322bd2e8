"""The site for language models: a Markdown twin of every page, `llms.txt` and `llms-full.txt`."""

import re
import sys
from pathlib import Path

import griffe

from .reference import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
import public_api

DIRECTIVE = re.compile(r"^::: (\S+)$", re.MULTILINE)


def write(pages: Path, site: Path, nav: list[tuple[str, list[tuple[str, str]]]], address: str) -> int:
    """Write the twins, and return how many there are.

    Args:
        pages: The staged pages.
        site: The built site.
        nav: The sections of the navigation, with the title and file of each page.
        address: The address of the site.
    """
    collection = public_api.load()
    public = public_api.public_paths(collection)

    def described(match: re.Match[str]) -> str:
        return _described(match[1], collection, public)

    twins = {}
    for path in sorted(pages.rglob("*.md")):
        name = path.relative_to(pages).as_posix()
        twins[name] = DIRECTIVE.sub(described, path.read_text(encoding="utf-8"))
        target = site / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(twins[name], encoding="utf-8")
    (site / "llms.txt").write_text(_index(twins, nav, address), encoding="utf-8")
    order = [name for _, section in nav for _, name in section]
    rest = [name for name in twins if name not in order]
    full = [f"<!-- {address}{name} -->\n\n{twins[name]}" for name in [*order, *rest]]
    (site / "llms-full.txt").write_text("\n\n".join(full), encoding="utf-8")
    return len(twins)


def _index(twins: dict[str, str], nav: list[tuple[str, list[tuple[str, str]]]], address: str) -> str:
    lines = [
        "# attio-async",
        "",
        "> The asyncio SDK for the Attio CRM: typed records in and out, retries that never write twice, the full allowed",
        "> rate without a 429, and a complete fake Attio to test against.",
        "",
        f"Every page is Markdown at these addresses. All of them in one file: {address}llms-full.txt",
        "",
    ]
    for section, entries in nav:
        lines += [f"## {section}", ""]
        lines += [f"- [{title}]({address}{name}){_summary(twins[name])}" for title, name in entries]
        lines.append("")
    return "\n".join(lines)


def _summary(text: str) -> str:
    """Return the first sentence of a page."""
    paragraphs = [part for part in text.split("\n\n")[1:] if part and part[0] not in "#`|<-!"]
    if not paragraphs:
        return ""
    sentence = re.split(r"(?<=[.:]) ", " ".join(paragraphs[0].split()), maxsplit=1)[0]
    return ": " + re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", sentence)


def _described(path: str, collection: griffe.ModulesCollection, public: dict[str, str]) -> str:
    """Return a public thing as Markdown: its declaration as the snapshot has it, and all docstrings."""
    thing = collection[path]
    found = thing.final_target if isinstance(thing, griffe.Alias) else thing
    name = path.rpartition(".")[2]
    declared = "\n".join(public_api._declared(name, found, "", public))  # noqa: SLF001 - a script beside it
    parts = [f"## {path}", f"```python\n{declared}\n```", *_docstring(found)]
    if isinstance(found, griffe.Class):
        for member_name, member in public_api.members_of(found, public).items():
            if text := _docstring(member):
                parts += [f"### {name}.{member_name}", *text]
    return "\n\n".join(parts)


def _docstring(thing: griffe.Object) -> list[str]:
    return [thing.docstring.value.strip()] if thing.docstring else []
