"""English as the field writes it, as far as a pattern can tell."""

import ast
import re

from tests.lint.source import PACKAGE, ROOT, documented, texts

FOLDERS = ("src", "scripts", "benchmarks", "conformance", "examples", "tests")

OPENINGS = re.compile(r"(?:What|Whether|How|Whoever|Who|Which|Where) ")
SAYINGS = re.compile(
    r"(?<![Tt]here )\bis no (?!longer\b|more than\b|less than\b)\w|\bare no \w+ of\b|\b[Tt]here is no such\b|\bnames no \w"
    r"|(?<![Tt]here )\bis none\b|\b[Ww]hoever\b|\bgo on with\b|\bput right\b|\brefused for the rate\b"
)
NOUN_PHRASE = re.compile(r"(?:The|A|An|Every|Each|All|One|Some|Any)\b")


def test_first_lines_open_with_a_verb_or_a_noun() -> None:
    openings = [
        f"{where}: {line}"
        for folder in FOLDERS
        for where, _, line in documented(ROOT / folder)
        if OPENINGS.match(line)
    ]
    assert not openings, f"{len(openings)} of them:\n" + "\n".join(openings)


def test_a_function_says_what_it_does() -> None:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    told = [
        f"{where}: {line}"
        for folder in FOLDERS
        for where, node, line in documented(ROOT / folder)
        if isinstance(node, functions) and not _is_exempt(node) and NOUN_PHRASE.match(line)
    ]
    assert not told, f"{len(told)} of them:\n" + "\n".join(told)


def test_messages_and_docstrings_say_it_plainly() -> None:
    found = [f"{where}: {text.strip()[:120]}" for where, text in texts(PACKAGE) if SAYINGS.search(text)]
    for path in sorted(PACKAGE.rglob("*.py")):
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


def _is_exempt(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return True for properties and the like, which are things, and for tests, whose docstrings give reasons."""
    names = {ast.unparse(decorator).rpartition(".")[2].partition("(")[0] for decorator in node.decorator_list}
    return node.name.startswith("test_") or bool(
        names & {"property", "cached_property", "setter", "fixture", "contextmanager", "asynccontextmanager"}
    )
