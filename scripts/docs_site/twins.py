"""The site for language models: a Markdown twin of every page, `llms.txt` and `llms-full.txt`."""

import re
import sys
from pathlib import Path

import griffe

from .reference import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
import public_api

DIRECTIVE = re.compile(r"^::: (\S+)$", re.MULTILINE)
FENCE = re.compile(r"^[ \t]*(```+).*?^[ \t]*\1[ \t]*$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[([^]]*)\]\([^)]*\)")
NOT_PROSE = re.compile(r"[#|<!]|[-*] |:::|\d+\. ")
LEAD_IN = 24
"""A paragraph of at most this many characters that ends with a colon only announces what follows it."""
SENTENCE_END = re.compile(r"(?<=\.) ")


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
    """Return the first sentence of a page's prose."""
    prose = FENCE.sub("", text).split("\n\n")[1:]
    paragraphs = [part.strip() for part in prose if part.strip() and not NOT_PROSE.match(part.strip())]
    paragraphs = [part for part in paragraphs if len(part) > LEAD_IN or not part.endswith(":")]
    if not paragraphs:
        return ""
    plain = LINK.sub(r"\1", " ".join(paragraphs[0].split()))
    sentence = SENTENCE_END.split(plain, maxsplit=1)[0].rstrip(":")
    return f": {sentence}" if sentence.endswith((".", "!", "?")) else f": {sentence}."


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
