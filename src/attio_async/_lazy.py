"""Lazy public names: importing a package loads none of its modules until one of its names is used.

A package states each public name once, in the block that type checkers read as well::

    if TYPE_CHECKING or not lazy_names(__name__):
        from ._client import Attio as Attio
"""

import ast
import sys
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType


def lazy_names(package: str) -> bool:
    """Load the public names of a package when they are first used.

    Its ``__all__`` and ``dir()`` are the names in the block. Return False, so that the block runs at once, where the
    package's source cannot be read.
    """
    module = sys.modules[package]
    homes = dict(_stated_names(module))
    if not homes:
        return False

    def load(name: str) -> object:
        home = homes.get(name)
        if home is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value: object = getattr(import_module(home, package), name)
        setattr(module, name, value)
        return value

    names = sorted({*homes, *getattr(module, "__all__", ())})
    module.__dict__.update(__all__=names, __getattr__=load, __dir__=lambda: names)
    return True


def _stated_names(module: ModuleType) -> Iterator[tuple[str, str]]:
    """Yield each name of the block and the module that defines it."""
    try:
        with open(module.__file__ or "", encoding="utf-8") as source:  # noqa: PTH123 - pathlib costs more than the file
            tree = ast.parse(source.read())
    except OSError:  # in a zip archive, or shipped without its source
        return
    for block in tree.body:
        if isinstance(block, ast.If) and isinstance(block.test, ast.BoolOp):
            for statement in block.body:
                if isinstance(statement, ast.ImportFrom):
                    home = "." * statement.level + (statement.module or "")
                    yield from ((alias.asname or alias.name, home) for alias in statement.names)
