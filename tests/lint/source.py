"""The source as the lint tests look at it: modules, their imports, their docstrings and messages."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
PACKAGE = SOURCE / "attio_async"


@cache
def modules() -> dict[str, Path]:
    """Return the modules of the package, by dotted name."""
    return {_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def sources(root: Path) -> list[Path]:
    """Return the Python files below a folder, but for what others wrote and hidden folders hold."""
    return [
        path
        for path in sorted(root.rglob("*.py"))
        if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
    ]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def _name(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(name: str) -> Iterator[str]:
    """Yield the modules of the package that a module imports, in functions and for type checkers included."""
    path = modules()[name]
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules())
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*parents, *([node.module] if node.module else [])])
            for alias in node.names:
                deeper = f"{base}.{alias.name}"
                if deeper in modules():
                    yield deeper
                elif base in modules():
                    yield base


def documented(root: Path) -> Iterator[tuple[str, ast.AST, str]]:
    """Yield each docstring below a folder: where it stands, what it is of, and its first line."""
    for path in sources(root):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                text = ast.get_docstring(node)
                if text:
                    line = getattr(node, "lineno", 1)
                    yield f"{path.relative_to(ROOT)}:{line}", node, text.partition("\n")[0]


def texts(root: Path) -> Iterator[tuple[str, str]]:
    """Yield each text in code that is no docstring, with where it stands; what an f-string inserts is left out."""
    for path in sources(root):
        parsed = tree(path)
        docstrings = {
            id(node.body[0].value)
            for node in ast.walk(parsed)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(parsed):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node.value
