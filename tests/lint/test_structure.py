"""Rooms stay rooms: how large a folder is, how modules are called, and that no import leads round in a circle."""

import re
from collections import Counter, defaultdict
from pathlib import Path

from tests.lint.source import PACKAGE, ROOT, files, imports, module, modules, sources

MOST_FILES = 20
GERUND = re.compile(r"ing$")
NOUNS = {
    "blocking",
    "testing",
    "string",
    "setting",
    "finding",
}  # nouns and adjectives that only look like gerunds
LEAD_BACK = {
    "attio_async.query._filters": "attio_async.query._explain",  # Filter.explain compiles the filter
}
"""Methods that make one of their own class, which import what makes it when they are called."""


def test_no_folder_is_too_large_to_look_through() -> None:
    sizes = Counter(path.parent for path in modules().values() if path.name != "__init__.py")
    too_large = {str(folder.relative_to(ROOT)): size for folder, size in sizes.items() if size > MOST_FILES}
    assert not too_large


def test_modules_are_named_by_nouns_or_verbs_in_base_form() -> None:
    names = {name: name.rpartition(".")[2].strip("_") for name in modules()}
    gerunds = [name for name, own in names.items() if GERUND.search(own) and own not in NOUNS]
    assert not gerunds


def test_a_class_name_means_one_thing() -> None:
    homes = defaultdict(set)
    for folder in ("src", "generated", "scripts", "benchmarks", "examples", "conformance"):
        for path in sources(ROOT / folder):
            if "blocking" in path.parts or path.name == "_standard.py":
                continue  # the client of one has the name of the async one, and Attio named those of the other
            for name in module(path).classes:
                homes[name].add(str(path.relative_to(ROOT)))
    assert not {name: sorted(paths) for name, paths in homes.items() if len(paths) > 1}


def test_imports_lead_round_in_no_circle() -> None:
    public = {name for name in modules() if modules()[name].name == "__init__.py"}
    graph = {name: set(imports(name)) - {name} - public for name in modules() if name not in public}
    for name, back in LEAD_BACK.items():
        graph[name].remove(back)
    assert not [sorted(circle) for circle in _circles(graph)]


def test_modules_are_imported_by_name_alone_in_the_lazy_names() -> None:
    users = [
        str(path.relative_to(ROOT))
        for path in modules().values()
        if "import_module" in path.read_text(encoding="utf-8") and path != PACKAGE / "_lazy.py"
    ]
    assert not users


def test_the_project_speaks_of_itself_alone() -> None:
    """No path of a machine, and no package registry's host, in what is shipped or read."""
    forbidden = re.compile(
        r"/(?:work|farm|home|Users)/\w|py" + r"pi\.org|python" + r"hosted|registry\.npm" + "js"
    )
    found = []
    for path in _text_files():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if forbidden.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
    assert not found


def test_no_mark_of_a_conflict_is_left() -> None:
    marks = re.compile(r"(?:<{7}|>{7}|={7})(?: |$)")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in _text_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if marks.match(line)
    ]
    assert not found


def _text_files() -> list[Path]:
    kinds = {".py", ".md", ".toml", ".sh", ".lua", ".sql", ".html", ".txt", ".yml", ".yaml"}
    return [path for path in files(ROOT) if path.suffix in kinds]


def _circles(graph: dict[str, set[str]]) -> list[frozenset[str]]:
    """Return the strongly connected components of more than one module (Tarjan)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[frozenset[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in sorted(graph[name] & graph.keys()):
            if other not in index:
                visit(other)
            if other in stack:
                low[name] = min(low[name], low[other])
        if low[name] == index[name]:
            component = frozenset(stack[stack.index(name) :])
            del stack[stack.index(name) :]
            if len(component) > 1:
                found.append(component)

    for name in sorted(graph):
        if name not in index:
            visit(name)
    return found
