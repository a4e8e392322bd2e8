"""English as the field writes it, as far as a pattern can tell."""

import re

from tests.lint.source import PACKAGE, ROOT, Docstring, docstrings, module, sources

FOLDERS = ("src", "scripts", "benchmarks", "conformance", "examples", "tests")

OPENINGS = re.compile(r"(?:What|Whether|How|Whoever|Who|Which|Where) ")
SAYINGS = re.compile(
    r"(?<![Tt]here )\bis no (?!longer\b|more than\b|less than\b)\w|\bare no \w+ of\b|\b[Tt]here is no such\b|\b[Tt]here is no [\w ]+ of this name\b|\bnames no \w"
    r"|(?<![Tt]here )\bis none\b|\b[Ww]hoever\b|\bgo on with\b|\bput right\b|\brefused for the rate\b"
)
NOUN_PHRASE = re.compile(r"(?:The|A|An|Every|Each|All|One|Some|Any)\b")


def test_first_lines_open_with_a_verb_or_a_noun() -> None:
    openings = [
        f"{each.where}: {each.line}"
        for folder in FOLDERS
        for each in docstrings(ROOT / folder)
        if OPENINGS.match(each.line)
    ]
    assert not openings, f"{len(openings)} of them:\n" + "\n".join(openings)


def test_a_function_says_what_it_does() -> None:
    told = [
        f"{each.where}: {each.line}"
        for folder in FOLDERS
        for each in docstrings(ROOT / folder)
        if each.function is not None and NOUN_PHRASE.match(each.line) and not _is_exempt(each.function, each)
    ]
    assert not told, f"{len(told)} of them:\n" + "\n".join(told)


def test_messages_and_docstrings_say_it_plainly() -> None:
    found = []
    for path in sources(PACKAGE):
        for where, text in module(path).texts:
            if SAYINGS.search(text):
                found.append(f"{where}: {text.strip()[:120]}")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if SAYINGS.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    assert not found, f"{len(found)} of them:\n" + "\n".join(found)


def test_pages_say_it_plainly() -> None:
    found = []
    for path in [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if SAYINGS.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    assert not found, "\n".join(found)


def _is_exempt(function: str, docstring: Docstring) -> bool:
    """Return True for properties and the like, which are things, and for tests, whose docstrings give reasons."""
    things = {"property", "cached_property", "setter", "fixture", "contextmanager", "asynccontextmanager"}
    return function.startswith("test_") or not docstring.decorators.isdisjoint(things)
