"""The source as the lint tests look at it: modules, their imports, their docstrings and messages."""

import ast
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import attrs

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
PACKAGE = SOURCE / "attio_async"
_OTHERS = re.compile(r"\.venv.*|\.git|\..*_cache|\.peers|__pycache__|node_modules|dist|build")
"""Folders that hold what others wrote or what was built."""

_Function = ast.FunctionDef | ast.AsyncFunctionDef


@attrs.frozen
class Docstring:
    """The docstring of a module, class or function."""

    where: str
    line: str
    function: str | None
    """The name of the function that it is of."""

    decorators: frozenset[str]
    """The last parts of the names of its decorators."""


@attrs.frozen
class Module:
    """The parts of a file that are looked at. Its tree is not kept: a million nodes slow every test that runs later."""

    docstrings: tuple[Docstring, ...]
    texts: tuple[tuple[str, str], ...]
    """Each text in code of the package that is no docstring, with where it stands; what an f-string inserts is left out."""

    classes: tuple[str, ...]
    imports: tuple[ast.Import | ast.ImportFrom, ...]


@cache
def modules() -> dict[str, Path]:
    """Return the modules of the package, by dotted name."""
    return {_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def sources(root: Path) -> list[Path]:
    """Return the Python files below a folder, but for what others wrote and hidden folders hold."""
    return [
        path
        for path in files(root)
        if path.suffix == ".py" and not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
    ]


def files(root: Path) -> list[Path]:
    """Return the files below a folder, but for what others wrote."""
    found = []
    for folder, inner, names in os.walk(root):
        inner[:] = [name for name in inner if not _OTHERS.fullmatch(name)]
        found += [Path(folder, name) for name in names]
    return sorted(found)


@cache
def module(path: Path) -> Module:
    """Parse a file."""
    place = path.relative_to(ROOT)
    docstrings, texts, classes, imported, own = [], [], [], [], set()
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    for node in ast.walk(tree) if path.is_relative_to(PACKAGE) else _statements(tree):
        match node:
            case ast.Constant(value=str(text)) if (
                id(node) not in own
            ):  # docstrings are seen before what they hold
                texts.append((f"{place}:{node.lineno}", text))
            case ast.Import() | ast.ImportFrom():
                imported.append(node)
            case ast.Module() | ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                if node.body and isinstance(node.body[0], ast.Expr):
                    own.add(id(node.body[0].value))
                if text := ast.get_docstring(node):
                    function = node.name if isinstance(node, _Function) else None
                    decorated = [] if isinstance(node, ast.Module) else node.decorator_list
                    decorators = frozenset(
                        ast.unparse(each).rpartition(".")[2].partition("(")[0] for each in decorated
                    )
                    where = f"{place}:{getattr(node, 'lineno', 1)}"
                    docstrings.append(Docstring(where, text.partition("\n")[0], function, decorators))
                if isinstance(node, ast.ClassDef):
                    classes.append(node.name)
            case _:
                pass
    return Module(tuple(docstrings), tuple(texts), tuple(classes), tuple(imported))


def _statements(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield a module and the statements in it, without the expressions, which are nine nodes in ten."""
    waiting: list[ast.AST] = [tree]
    for node in waiting:
        yield node
        for part in ("body", "orelse", "finalbody", "handlers", "cases"):
            waiting += getattr(node, part, ())


def _name(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(name: str) -> Iterator[str]:
    """Yield the modules of the package that a module imports, in functions and for type checkers included."""
    path = modules()[name]
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in module(path).imports:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules())
        else:
            parents = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*parents, *([node.module] if node.module else [])])
            for alias in node.names:
                deeper = f"{base}.{alias.name}"
                if deeper in modules():
                    yield deeper
                elif base in modules():
                    yield base


def docstrings(root: Path) -> Iterator[Docstring]:
    """Yield each docstring below a folder."""
    for path in sources(root):
        yield from module(path).docstrings
